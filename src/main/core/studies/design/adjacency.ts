import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { type Pair, type Picture } from './assignment';
import { type Draw } from './draw';

/** One showing of a pair: `repeat` 0 is the first. */
export interface Showing {
  readonly pair: Pair;
  readonly repeat: number;
}

/** An image by its dataset and index: what must not be in adjacent trials. */
export function pictureOf({ dataset, image }: Picture): string {
  return JSON.stringify([dataset, image]);
}

export function countBy<T>(list: readonly T[], name: (value: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of list) counts.set(name(value), (counts.get(name(value)) ?? 0) + 1);
  return counts;
}

/** Whether no image follows itself. */
export function apart(showings: readonly Showing[]): boolean {
  return showings.every((_, i) => i === 0 || !clash(showings, i - 1));
}

/** Whether the showings at `index` and after it are of the same image. */
function clash(showings: readonly Showing[], index: number): boolean {
  const [a, b] = [showings[index], showings[index + 1]];
  return !!a && !!b && a.pair.dataset === b.pair.dataset && a.pair.image === b.pair.image;
}

/**
 * A drawn order in which no image follows itself, wherever no image has more than half of the
 * trials (rounded up). Within an image a method other than the trial before is preferred.
 */
export function sequence(pairs: readonly Pair[], draw: Draw, attempt: number): Pair[] {
  const random = draw.stream('order', attempt);
  const piles = new Map<string, Pair[]>();
  for (const pair of draw.shuffle(pairs, `order of maps ${attempt}`)) {
    const pile = piles.get(pictureOf(pair));
    if (pile) pile.push(pair);
    else piles.set(pictureOf(pair), [pair]);
  }
  const open = [...piles.values()];
  const order: Pair[] = [];
  let last: Pair[] | null = null;
  for (let left = pairs.length; left > 0; left -= 1) {
    // An image with more than half of what is left would follow itself if it waited any longer.
    const urgent: Pair[] | undefined = open.find((pile) => pile !== last && pile.length * 2 > left);
    const pile: Pair[] = urgent ?? pick(open, last, left, random);
    const before = order.at(-1)?.method;
    const next = pile.findLastIndex(({ method }) => method !== before);
    order.push(...pile.splice(next < 0 ? pile.length - 1 : next, 1));
    last = pile;
  }
  return order;
}

/** A pile other than the last, drawn with a chance in proportion to its size. */
function pick(
  piles: readonly Pair[][],
  last: Pair[] | null,
  left: number,
  random: ReturnType<Draw['stream']>,
): Pair[] {
  const others = left - (last?.length ?? 0);
  if (others <= 0 && last) return last;
  let at = uniformInt(random, 0, others - 1);
  for (const pile of piles) {
    if (pile === last) continue;
    if (at < pile.length) return pile;
    at -= pile.length;
  }
  throw new RangeError('the piles hold fewer trials than were counted');
}

/**
 * Exchange trials until no image follows itself, repeats kept `gap` trials after the first showing.
 * What cannot be mended by one exchange stays.
 */
export function separate(given: readonly Showing[], gap: number): Showing[] {
  const order = [...given];
  for (let i = 0; i + 1 < order.length; i += 1) {
    if (!clash(order, i)) continue;
    for (const place of [i + 1, i]) {
      const partner = order.findIndex((_, other) => mends(order, place, other, gap));
      if (partner < 0) continue;
      exchange(order, place, partner);
      break;
    }
  }
  return order;
}

function exchange(order: Showing[], a: number, b: number): void {
  const [first, second] = [order[a], order[b]];
  if (!first || !second) return;
  order[a] = second;
  order[b] = first;
}

function mends(order: Showing[], a: number, b: number, gap: number): boolean {
  if (a === b) return false;
  exchange(order, a, b);
  const clear = [a - 1, a, b - 1, b].every((index) => !clash(order, index));
  const kept = clear && [a, b].every((index) => keepsGap(order, index, gap));
  exchange(order, a, b);
  return kept;
}

function keepsGap(order: readonly Showing[], index: number, gap: number): boolean {
  const showing = order[index];
  return order.every(
    (other, i) =>
      other.pair !== showing?.pair ||
      i === index ||
      (other.repeat > showing.repeat ? i - index >= gap : index - i >= gap),
  );
}

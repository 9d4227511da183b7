import { valueAt, valueFor } from '../../../../shared/checked-reads';
import { apart, separate, sequence, type Showing } from './adjacency';
import { type Pair } from './assignment';
import { type Draw } from './draw';

const sameImage = (a: Pair | undefined, b: Pair | undefined): boolean =>
  a?.dataset === b?.dataset && a?.image === b?.image;

/** How often another order is drawn where the same image would follow itself. */
const attempts = 12;

/**
 * The chosen pairs in a drawn order with `repeats` of them shown a second time, no image following
 * itself where that can be: the repeats spread over the order, else at its end in the order of the
 * first showing.
 *
 * @param repeats at most as many as there are pairs; none where there are fewer pairs than `gap`
 */
export function orderShowings(
  chosen: readonly Pair[],
  repeats: number,
  gap: number,
  draw: Draw,
): Showing[] {
  const main = (attempt: number) => sequence(chosen, draw, attempt);
  const spread = (attempt: number) => withRepeats(main(attempt), repeats, gap, draw, attempt);
  const atEnd = (attempt: number) =>
    repeatsAtEnd(main(attempt), repeats, attempt % (chosen.length - Math.max(gap, repeats) + 1));
  let first: Showing[] | null = null;
  for (const make of repeats > 0 ? [spread, atEnd] : [spread]) {
    for (let attempt = 0; attempt < (repeats > 0 ? attempts : 1); attempt += 1) {
      const order = separate(make(attempt), gap);
      if (apart(order)) return order;
      first ??= order;
    }
  }
  return first ?? [];
}

/** A stretch of the main trials once more: each comes so many trials later as there are main ones. */
function repeatsAtEnd(main: readonly Pair[], repeats: number, start: number): Showing[] {
  const again = main.slice(start, start + repeats);
  return [
    ...main.map((pair) => ({ pair, repeat: 0 })),
    ...again.map((pair) => ({ pair, repeat: 1 })),
  ];
}

/**
 * The main trials in their order with `repeats` of them shown a second time, at least `gap` trials
 * after the first showing, spread over the rest of the order and not next to the same image where
 * that can be.
 */
function withRepeats(
  main: readonly Pair[],
  repeats: number,
  gap: number,
  draw: Draw,
  attempt: number,
): Showing[] {
  const total = main.length + repeats;
  const order: Showing[] = [];
  /** Where the trials that are not repeated yet were first shown, ascending. */
  let single: number[] = [];
  const random = draw.shuffle(
    main.map((_, i) => i),
    `repeats ${attempt}`,
  );
  const priority = new Map(main.map((pair, i) => [pair, valueAt(random, i)]));
  let [shown, repeated] = [0, 0];
  while (order.length < total) {
    const position = order.length;
    const due = gap + ((repeated + 0.5) * (total - gap)) / Math.max(1, repeats);
    const next = main[shown];
    if (repeated < repeats && (position >= Math.floor(due) || !next)) {
      const found = candidate();
      if (found !== null) {
        order.push({ pair: valueAt(order, found).pair, repeat: 1 });
        single = single.filter((first) => first !== found);
        repeated += 1;
        continue;
      }
    }
    if (!next) break;
    single.push(position);
    order.push({ pair: next, repeat: 0 });
    shown += 1;
  }
  return order;

  /** A trial to repeat now so that the others can still be: drawn, next to other images if it can. */
  function candidate(): number | null {
    const position = order.length;
    const pairAt = (first: number) => valueAt(order, first).pair;
    const nextToSame = (first: number) =>
      sameImage(pairAt(first), order.at(-1)?.pair) ||
      (shown < main.length && sameImage(pairAt(first), main[shown]));
    const rank = (first: number) =>
      (nextToSame(first) ? main.length : 0) + valueFor(priority, pairAt(first));
    const able = single.filter((first) => position - first >= gap);
    let best = least(able, rank);
    while (best !== null && !fits(best)) {
      able.splice(able.indexOf(best), 1);
      best = least(able, rank);
    }
    // While main trials are left, a later place may suit better than one next to the same image.
    return best !== null && nextToSame(best) && shown < main.length ? null : best;
  }

  /** Whether the repeats after this one could all follow at the end, in order of first showing. */
  function fits(taken: number): boolean {
    const left = repeats - repeated - 1;
    const rest = single.filter((first) => first !== taken);
    for (let i = 0; i < left; i += 1) {
      const first = rest[i] ?? order.length + 1 + (i - rest.length);
      if (total - left + i - first < gap) return false;
    }
    return true;
  }
}

function least(values: readonly number[], rank: (value: number) => number): number | null {
  let [found, lowest]: [number | null, number] = [null, Infinity];
  for (const value of values) {
    const at = rank(value);
    if (at < lowest) [found, lowest] = [value, at];
  }
  return found;
}

import { midRanks } from './ranks';

/** Up to this many pairs all orders are counted; beyond it there is no exact p. */
export const exactPairs = 12;

/**
 * Two-sided exact permutation p of Spearman's rank correlation: the share of the n! orders of `y`
 * whose coefficient is as far from 0 as the one found, or farther. With ties the coefficient is a
 * fixed multiple of sum a_i b_i with a, b the mid-ranks doubled and centred, whole numbers, so that
 * the count is exact (Kendall and Gibbons 1990, Rank Correlation Methods, ch. 4).
 *
 * @param x, y paired finite values, same length.
 * @returns 0 to 1; null for more than `exactPairs` pairs, or where the coefficient is not defined.
 * @throws RangeError if the lengths differ or a value is not finite.
 */
export function spearmanExactP(x: readonly number[], y: readonly number[]): number | null {
  const n = x.length;
  const pairs = sortedPairs('spearmanExactP', x, y);
  if (!pairs) return null;
  const centred = (values: readonly number[]) => midRanks(values).map((r) => 2 * r - (n + 1));
  const [a, b] = [centred(pairs.x), centred(pairs.y)];
  // By Cauchy and Schwarz no sum, partial ones included, is farther from 0 than that without ties.
  const span = (n * (n * n - 1)) / 3;
  const found = a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  return shareAsFar(pairs.groups, n, span, found, (_before, chosen, first) => {
    let sum = 0;
    for (let j = 0; j < n; j += 1) if (chosen & (1 << j)) sum += b[j] as number;
    return (a[first] as number) * sum;
  });
}

/**
 * Two-sided exact permutation p of Kendall's tau-b: as `spearmanExactP`, counting concordant minus
 * discordant pairs, of which tau-b is a fixed multiple whatever the order.
 */
export function kendallExactP(x: readonly number[], y: readonly number[]): number | null {
  const n = x.length;
  const pairs = sortedPairs('kendallExactP', x, y);
  if (!pairs) return null;
  const found = balance(pairs.x, pairs.y);
  return shareAsFar(pairs.groups, n, (n * (n - 1)) / 2, found, (before, chosen) => {
    let sum = 0;
    for (let j = 0; j < n; j += 1) {
      if (!(chosen & (1 << j))) continue;
      for (let i = 0; i < n; i += 1) {
        if (before & (1 << i)) sum += Math.sign((pairs.y[j] as number) - (pairs.y[i] as number));
      }
    }
    return sum;
  });
}

interface SortedPairs {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Sizes of the groups of equal x, ascending in x. */
  readonly groups: readonly number[];
}

function sortedPairs(name: string, x: readonly number[], y: readonly number[]): SortedPairs | null {
  if (x.length !== y.length) throw new RangeError(`${name}: ${x.length} and ${y.length} values`);
  if (![...x, ...y].every(Number.isFinite)) throw new RangeError(`${name}: a value is not finite`);
  if (x.length > exactPairs) return null;
  const order = x.map((_, i) => i).sort((i, j) => (x[i] as number) - (x[j] as number));
  const sorted = order.map((i) => x[i] as number);
  const groups: number[] = [];
  sorted.forEach((value, i) => {
    if (i > 0 && value === sorted[i - 1]) groups.push((groups.pop() as number) + 1);
    else groups.push(1);
  });
  if (groups.length < 2 || new Set(y).size < 2) return null;
  return { x: sorted, y: order.map((i) => y[i] as number), groups };
}

function balance(x: readonly number[], y: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < x.length; i += 1) {
    for (let j = 0; j < i; j += 1) {
      sum +=
        Math.sign((x[i] as number) - (x[j] as number)) *
        Math.sign((y[i] as number) - (y[j] as number));
    }
  }
  return sum;
}

/**
 * Count all orders by what they sum to, without walking through them: the state is the set of items
 * given out so far, and each group of equal x takes its items as a set, since the order within it
 * changes nothing.
 *
 * @param adds what giving the items `chosen` to the group that starts at position `first` adds,
 * after the items `before`; a whole number.
 */
function shareAsFar(
  groups: readonly number[],
  n: number,
  span: number,
  found: number,
  adds: (before: number, chosen: number, first: number) => number,
): number {
  const width = 2 * span + 1;
  const start = new Float64Array(width);
  start[span] = 1;
  let states = new Map<number, Float64Array>([[0, start]]);
  let first = 0;
  for (const size of groups) {
    const next = new Map<number, Float64Array>();
    for (const [before, counts] of states) {
      for (const chosen of subsets(((1 << n) - 1) & ~before, size)) {
        const shift = adds(before, chosen, first);
        const after = before | chosen;
        const sums = next.get(after) ?? new Float64Array(width);
        next.set(after, sums);
        const [from, to] = [Math.max(0, -shift), Math.min(width, width - shift)];
        for (let s = from; s < to; s += 1) {
          sums[s + shift] = (sums[s + shift] as number) + (counts[s] as number);
        }
      }
    }
    states = next;
    first += size;
  }
  const counts = states.get((1 << n) - 1) ?? start;
  let [all, far] = [0, 0];
  counts.forEach((count, s) => {
    all += count;
    if (Math.abs(s - span) >= Math.abs(found)) far += count;
  });
  return far / all;
}

/** The subsets of `size` items of a set of bits. */
function* subsets(set: number, size: number): Generator<number> {
  if (size === 0) {
    yield 0;
    return;
  }
  let rest = set;
  while (rest !== 0) {
    const lowest = rest & -rest;
    rest &= ~lowest;
    for (const more of subsets(rest, size - 1)) yield lowest | more;
  }
}

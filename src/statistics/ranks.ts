/**
 * Ranks from 1, smallest first; equal values share the mean of the ranks they cover (mid-ranks;
 * Kendall 1945, Biometrika 33: 239-251).
 *
 * @param values finite numbers, any unit.
 * @throws RangeError if a value is not finite.
 */
export function midRanks(values: readonly number[]): number[] {
  if (!values.every(Number.isFinite)) throw new RangeError('midRanks: a value is not finite');
  const order = values.map((value, index) => ({ value, index }));
  order.sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end + 1 < order.length && order[end + 1]?.value === order[start]?.value) end += 1;
    for (const { index } of order.slice(start, end + 1)) ranks[index] = (start + end) / 2 + 1;
    start = end + 1;
  }
  return ranks;
}

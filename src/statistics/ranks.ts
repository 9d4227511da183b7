/**
 * Ranks from 1, smallest first; equal values share the mean of the ranks they cover (mid-ranks;
 * Kendall 1945, Biometrika 33: 239-251).
 *
 * @param values finite numbers, any unit.
 * @throws RangeError if a value is not finite.
 */
export function midRanks(values: ArrayLike<number>): number[] {
  const given = Float64Array.from(values);
  if (!given.every(Number.isFinite)) throw new RangeError('midRanks: a value is not finite');
  // Sorting numbers needs no comparison function; where a value stands is then looked up.
  const sorted = given.slice().sort();
  return Array.from(
    given,
    (value) => (below(sorted, value, false) + below(sorted, value, true) + 1) / 2,
  );
}

/** How many of ascending values are below one, or with `equal` not above it. */
function below(ascending: Float64Array, value: number, equal: boolean): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = ascending[middle] as number;
    if (other < value || (equal && other === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

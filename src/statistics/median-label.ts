/**
 * Median of ordinal labels: the middle one, of an even number the lower of the two middle ones, so
 * that the median is always a label that was given.
 *
 * @param scores labels as numbers, in any order.
 * @returns null without a label.
 */
export function lowerMedian(scores: readonly number[]): number | null {
  const sorted = [...scores].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

import { midRanks } from './ranks';

/**
 * Area under the receiver operating characteristic, P(positive > negative) + P(equal) / 2, by the
 * mid-ranks of the positive ones (Mann and Whitney's U over all pairs; Hanley and McNeil 1982, Radiology
 * 143: 29-36).
 *
 * @param values finite numbers, any unit.
 * @param isPositive whether the value at an index is a positive one.
 * @returns 0..1, or null where there are no positive or no negative values.
 * @throws RangeError if a value is not finite.
 */
export function areaUnderRoc(
  values: ArrayLike<number>,
  isPositive: (index: number) => boolean,
): number | null {
  let positive = 0;
  let sum = 0;
  midRanks(values).forEach((rank, index) => {
    if (!isPositive(index)) return;
    positive += 1;
    sum += rank;
  });
  const negative = values.length - positive;
  if (positive === 0 || negative === 0) return null;
  return (sum - (positive * (positive + 1)) / 2) / (positive * negative);
}

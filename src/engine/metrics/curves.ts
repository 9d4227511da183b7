import { valueAt } from '../../shared/checked-reads';
import { trapezoid } from '../../statistics/curves';

/** One image's scores after each of K + 1 steps or at each level. */
export type ScoreCurve = ArrayLike<number>;

/**
 * Area under a curve by the trapezoid over its levels, both ends included, not divided by their span.
 *
 * @param levels ascending, as many as there are scores
 * @throws RangeError where there are not
 */
export function areaOf(levels: readonly number[], scores: ScoreCurve): number {
  if (levels.length !== scores.length) {
    throw new RangeError(`areaOf: ${levels.length} levels and ${scores.length} scores`);
  }
  return trapezoid(levels, (l) => valueAt(scores, l));
}

/**
 * The area over the perturbation curve of pixel flipping: the mean over k = 0 .. K of what the score
 * has lost since step 0 (Samek et al. 2015, arXiv 1509.06321, Eq. 12).
 */
export function meanDrop(scores: ScoreCurve): number {
  const start = valueAt(scores, 0);
  let sum = 0;
  for (let k = 0; k < scores.length; k += 1) sum += start - valueAt(scores, k);
  return sum / scores.length;
}

/**
 * How much better an image's score survives without its least important locations than without its most
 * important ones: the mean of (LeRF - MoRF) / 2 over the levels above 0 (ROAD's two curves in one). Higher
 * is better, about 0 is chance.
 *
 * @param levels from 0, ascending
 * @returns null where no location is removed at any level
 */
export function combinedOf(
  levels: readonly number[],
  morf: ScoreCurve,
  lerf: ScoreCurve,
): number | null {
  const removed = levels.flatMap((level, l) => (level > 0 ? [l] : []));
  if (removed.length === 0) return null;
  const sum = removed.reduce((all, l) => all + (valueAt(lerf, l) - valueAt(morf, l)) / 2, 0);
  return sum / removed.length;
}

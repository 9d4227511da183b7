import { notFinite } from '../../shared/errors';

/**
 * By how much a map misses completeness, |sum of a - (F(x) - F(x'))|: in units of F, 0 is right
 * (Sundararajan et al. 2017, arXiv 1703.01365, Prop. 1).
 *
 * @param raw signed raw values of one image, summed in double precision
 * @param score F(x)
 * @param baselineScore F(x')
 * @param name what the map is called in a refusal
 * @throws StudioError `invalid-input` where a value is not finite
 */
export function completenessError(
  raw: Float32Array,
  score: number,
  baselineScore: number,
  name = 'map',
): number {
  let sum = 0;
  for (const value of raw) sum += value;
  if (!Number.isFinite(sum)) throw notFinite(`The sum of the ${name}`, sum, 'make the map again');
  return Math.abs(sum - (score - baselineScore));
}

import { totalOf } from './shares';

/**
 * Complexity: the entropy -sum q ln q of q = m / sum m, in nats; from 0 (all in one pixel) to ln P (all
 * alike), lower is simpler (Bhatt et al. 2020, arXiv 2005.00631). No epsilon.
 *
 * @param map one value per pixel, none negative, [P]
 * @param name what the map is called in a refusal
 * @returns null where the map is 0
 * @throws StudioError `invalid-input` for a value that is not finite, or is negative
 */
export function complexity(map: Float32Array, name = 'map'): number | null {
  const total = totalOf(map, name);
  if (total === 0) return null;
  let sum = 0;
  for (const value of map) {
    if (value > 0) sum -= (value / total) * Math.log(value / total);
  }
  return sum;
}

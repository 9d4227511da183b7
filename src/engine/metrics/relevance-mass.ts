import { insideOf, type ObjectMask } from './object-mask';
import { totalOf } from './shares';

/**
 * Relevance mass: the share of a map that lies in the object; of chance and of a constant map K / P
 * (Arras et al. 2022, arXiv 2003.07258).
 *
 * @param map one value per pixel, none negative, [P]
 * @param name what the map is called in a refusal
 * @returns null where the mask is empty or full, or the map is 0
 * @throws StudioError `invalid-input` for a value that is not finite, or is negative
 */
export function relevanceMass(map: Float32Array, mask: ObjectMask, name = 'map'): number | null {
  const total = totalOf(map, name);
  if (total === 0 || insideOf(mask) === null) return null;
  return map.reduce((sum, value, pixel) => (mask[pixel] === 1 ? sum + value : sum), 0) / total;
}

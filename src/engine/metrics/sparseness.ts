import { totalOf } from './shares';

/**
 * Sparseness: Gini's index of the map's values, sum over ascending m of (2k - P - 1) m_k / (P sum m) with
 * k from 1; from 0 (all alike) to 1 - 1 / P (all in one pixel), higher is sparser (Chalasani et al. 2020,
 * arXiv 1810.06583). No epsilon.
 *
 * @param map one value per pixel, none negative, [P]
 * @param name what the map is called in a refusal
 * @returns null where the map is 0
 * @throws StudioError `invalid-input` for a value that is not finite, or is negative
 */
export function sparseness(map: Float32Array, name = 'map'): number | null {
  const total = totalOf(map, name);
  if (total === 0) return null;
  const pixels = map.length;
  const ascending = map.slice().sort();
  let sum = 0;
  for (let k = 0; k < pixels; k += 1) sum += (2 * k + 1 - pixels) * (ascending[k] as number);
  return sum / (pixels * total);
}

import { notFinite } from '../../shared/errors';
import { areaUnderRoc } from '../../statistics/roc-area';
import { type ObjectMask } from './object-mask';

/**
 * How well a map tells the object from its surroundings: P(m inside > m outside) + P(equal) / 2 over
 * all pairs of a location inside and one outside; 0.5 of chance and of a constant map.
 *
 * @param map one value per pixel, [P]
 * @param name what the map is called in a refusal
 * @returns null where the mask is empty or full
 * @throws StudioError `invalid-input` for a value that is not finite
 */
export function localisationAuc(map: Float32Array, mask: ObjectMask, name = 'map'): number | null {
  const broken = map.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    throw notFinite(`${name} at pixel ${broken}`, map[broken] as number, 'make the map again');
  }
  return areaUnderRoc(map, (pixel) => mask[pixel] === 1);
}

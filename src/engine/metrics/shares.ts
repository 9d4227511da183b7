import { notFinite, refuse } from '../../shared/errors';

/**
 * The sum of a map whose values are read as shares of it.
 *
 * @param map one value per pixel, after the reduction over channels
 * @param name what the map is called in a refusal
 * @returns at least 0; 0 where the whole map is
 * @throws StudioError `invalid-input` for a value that is not finite, or is negative
 */
export function totalOf(map: Float32Array, name: string): number {
  let total = 0;
  for (const [pixel, value] of map.entries()) {
    if (!Number.isFinite(value)) {
      throw notFinite(`${name} at pixel ${pixel}`, value, 'make the map again');
    }
    if (value < 0) {
      const accepted = 'no value below 0, as by every reduction but the signed sum';
      throw refuse(`${name} at pixel ${pixel}`, value, accepted);
    }
    total += value;
  }
  return total;
}

/** Whether all values are one. */
export function isConstant(map: Float32Array): boolean {
  return map.every((value) => value === map[0]);
}

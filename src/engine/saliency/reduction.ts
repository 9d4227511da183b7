import { type Reduction } from '../../shared/catalogue/parameters';

/**
 * One value per pixel out of raw attributions.
 * - `absolute`: Σ |a_c|
 * - `signed`: Σ a_c
 * - `positive`: Σ max(a_c, 0)
 * - `max-absolute`: max |a_c|
 *
 * @param map [..., C], as many pixels as there are
 * @returns float32 [...], sums rounded once from double precision
 */
export function reduceChannels(
  map: Float32Array,
  channels: number,
  reduction: Reduction,
): Float32Array {
  const reduced = new Float32Array(map.length / channels);
  for (let pixel = 0; pixel < reduced.length; pixel += 1) {
    let value = 0;
    for (let c = 0; c < channels; c += 1) {
      const a = map[pixel * channels + c] as number;
      switch (reduction) {
        case 'absolute':
          value += Math.abs(a);
          break;
        case 'signed':
          value += a;
          break;
        case 'positive':
          value += Math.max(a, 0);
          break;
        case 'max-absolute':
          // Math.max keeps NaN, so that a broken map is refused later instead of ranked.
          value = Math.max(value, Math.abs(a));
          break;
      }
    }
    reduced[pixel] = value;
  }
  return reduced;
}

import { valueAt } from '../../shared/checked-reads';
import { type NoiseParameters } from './noise';
import { type BoundWrapper, noiseRow } from './operator';

/** The n points z + ε_i around an input: the noise is drawn once an image, never clipped, the same at every z. */
export function noisyPoints(
  noise: NoiseParameters,
): Pick<BoundWrapper, 'count' | 'point' | 'noise'> {
  return {
    count: noise.n,
    point(input, index) {
      const point = input.slice();
      const row = noiseRow(index);
      point[row] = valueAt(point, row) + 1;
      return point;
    },
    noise,
  };
}

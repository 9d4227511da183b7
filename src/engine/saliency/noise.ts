import { type MapParameters } from '../../shared/catalogue/parameters';
import { deriveSeed } from '../../shared/seeds';
import { type Runtime } from '../runtime/load';
import { type Tensor } from '../runtime/tensorflow';
import { type ImageShape } from './model';

export type NoiseParameters = Pick<MapParameters, 'n' | 'sigma' | 'sigmaMode'>;

/**
 * The noise tensors of one image as smooth adds them, [n, H, W, C] in the model's input space:
 * N(0, σ²) from (seed, 'noise', index), whatever else is computed. σ is `sigma` itself, or with
 * `range` sigma times (max - min) of the image in the input space. The first n of a larger n are
 * the same.
 *
 * @param image [H, W, C] in the model's input space
 * @param index of the image in its split
 */
export function noiseTensor(
  runtime: Runtime,
  image: Float32Array,
  index: number,
  shape: ImageShape,
  parameters: NoiseParameters,
  seed: number,
): Tensor {
  const { tf, kernels } = runtime;
  return tf.tidy(() => {
    const draws = kernels.normal([parameters.n, ...shape], deriveSeed(seed, 'noise', index));
    return kernels.multiply(draws, tf.scalar(deviation(image, parameters)));
  });
}

function deviation(image: Float32Array, { sigma, sigmaMode }: NoiseParameters): number {
  if (sigmaMode === 'absolute') return sigma;
  let low = Infinity;
  let high = -Infinity;
  for (const value of image) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return sigma * (high - low);
}

import { deriveSeed } from '../../../shared/seeds';
import { generator } from '../../runtime/permutation';
import { isRemoved } from '../mask';
import { type FillContext, type FillOperator } from './fill';
import { imageMean } from './image-mean';
import { interpolate } from './interpolate';

/** Standard deviation of the noise, in pixel values of [0, 1] (ROAD's own). */
export const fillNoise = 0.01;

/**
 * Noisy linear imputation (ROAD: Rong et al. 2022, arXiv 2202.00449): every removed pixel is the
 * weighted mean of its eight neighbours, which gives one sparse linear system for all of them
 * together, plus Gaussian noise of standard deviation 0.01 that keeps a model from telling filled
 * pixels by their smoothness. The values of removed pixels are not looked at. Values are not clipped
 * to [0, 1].
 *
 * Where no pixel is left to interpolate from, the image's mean stands in.
 */
export const noisyLinear: FillOperator = (pixels, context) =>
  linearWith(fillNoiseOf(pixels.length, fillNoise, context), pixels, context);

/**
 * The same with noise that is given, as where one image is filled many times.
 *
 * @param noise [H, W, C]; null: none
 * @returns float32 [H, W, C], of which the values at removed locations count
 */
export function linearWith(
  noise: Float64Array | null,
  pixels: Float32Array,
  context: FillContext,
): Float32Array {
  const { shape, mask } = context;
  const [height, width, channels] = shape;
  const removed: number[] = [];
  for (let pixel = 0; pixel < height * width; pixel += 1) {
    if (isRemoved(mask, pixel)) removed.push(pixel);
  }
  const none = removed.length === height * width;
  const solved = none ? imageMean(pixels, context) : interpolate(pixels, shape, removed);
  const values = new Float32Array(pixels.length);
  for (let i = 0; i < removed.length; i += 1) {
    for (let c = 0; c < channels; c += 1) {
      const at = (removed[i] as number) * channels + c;
      const value = solved[none ? c : i * channels + c] as number;
      values[at] = noise ? value + (noise[at] as number) : value;
    }
  }
  return values;
}

/**
 * The noise of one image, float64 [length], from (seed, 'fill', image) for every location and channel
 * ('train-fill' for the training split), so that a location's noise is the same at every level.
 *
 * @param deviation in pixel values of [0, 1]
 */
export function fillNoiseOf(
  length: number,
  deviation: number,
  { seed, split, image }: Pick<FillContext, 'seed' | 'split' | 'image'>,
): Float64Array {
  const draws = generator(deriveSeed(seed, split === 'train' ? 'train-fill' : 'fill', image));
  const noise = new Float64Array(length);
  // Box and Muller, two normal values from two uniform ones.
  for (let i = 0; i < length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(uniform(draws.next())));
    const angle = 2 * Math.PI * uniform(draws.next());
    noise[i] = radius * Math.cos(angle);
    if (i + 1 < length) noise[i + 1] = radius * Math.sin(angle);
  }
  return noise;
}

/** In (0, 1), from the high bits of a draw. */
function uniform(draw: number): number {
  return ((draw >>> 8) + 0.5) / 2 ** 24;
}

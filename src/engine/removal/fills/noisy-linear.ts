import { deriveSeed } from '../../../shared/seeds';
import { generator } from '../../runtime/permutation';
import { isRemoved } from '../mask';
import { type FillOperator } from './fill';
import { imageMean } from './image-mean';
import { interpolate } from './interpolate';

/** Standard deviation of the noise, in pixel values of [0, 1] (ROAD's own). */
export const fillNoise = 0.01;

/**
 * Noisy linear imputation (ROAD: Rong et al. 2022, arXiv 2202.00449): every removed pixel is the
 * weighted mean of its eight neighbours, which gives one sparse linear system for all of them
 * together, plus Gaussian noise of standard deviation 0.01 that keeps a model from telling filled
 * pixels by their smoothness. The values of removed pixels are not looked at. Noise comes from
 * (seed, 'fill', image) for every location and channel ('train-fill' for the training split), so
 * that a location's noise is the same at every level; values are not clipped to [0, 1].
 *
 * Where no pixel is left to interpolate from, the image's mean stands in.
 */
export const noisyLinear: FillOperator = (pixels, context) => {
  const { shape, seed, split, image, mask } = context;
  const [height, width, channels] = shape;
  const removed: number[] = [];
  for (let pixel = 0; pixel < height * width; pixel += 1) {
    if (isRemoved(mask, pixel)) removed.push(pixel);
  }
  const values = new Float32Array(pixels.length);
  if (removed.length === height * width) {
    const means = imageMean(pixels, context);
    values.forEach((_, i) => (values[i] = means[i % channels] as number));
  } else {
    for (let channel = 0; channel < channels; channel += 1) {
      const solved = interpolate(pixels, shape, channel, removed);
      removed.forEach((pixel, i) => (values[pixel * channels + channel] = solved[i] as number));
    }
  }
  const purpose = split === 'train' ? 'train-fill' : 'fill';
  const draws = generator(deriveSeed(seed, purpose, image));
  // Box and Muller, two normal values from two uniform ones.
  for (let i = 0; i < values.length; i += 2) {
    const radius = fillNoise * Math.sqrt(-2 * Math.log(uniform(draws.next())));
    const angle = 2 * Math.PI * uniform(draws.next());
    values[i] = (values[i] as number) + radius * Math.cos(angle);
    if (i + 1 < values.length) values[i + 1] = (values[i + 1] as number) + radius * Math.sin(angle);
  }
  return values;
};

/** In (0, 1), from the high bits of a draw. */
function uniform(draw: number): number {
  return ((draw >>> 8) + 0.5) / 2 ** 24;
}

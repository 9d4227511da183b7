import { deriveSeed } from '../../../shared/seeds';
import { generator } from '../../runtime/permutation';
import { type FillOperator } from './fill';

/**
 * Uniform values in [0, 1) for every location and channel from (seed, 'fill', image), so that a
 * location's value is the same at every level; 'train-fill' for the training split.
 */
export const random: FillOperator = (pixels, { seed, split, image }) => {
  const purpose = split === 'train' ? 'train-fill' : 'fill';
  const draws = generator(deriveSeed(seed, purpose, image));
  const values = new Float32Array(pixels.length);
  for (let i = 0; i < values.length; i += 1) values[i] = (draws.next() >>> 8) / 2 ** 24;
  return values;
};

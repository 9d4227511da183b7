import { deriveSeed } from '../../../shared/seeds';
import type { Kernels } from '../../runtime/kernels';
import type { Tensor } from '../../runtime/tensorflow';
import type { Layer, Pass } from './layer';

/**
 * Dropout in training: each value is 0 with probability `rate`, else divided by 1 - rate. The mask
 * is drawn from (seed, 'dropout', layer, step). Identity otherwise.
 */
export class Dropout implements Layer {
  readonly name: string;
  readonly parameters = [];
  private readonly kernels: Kernels;
  private readonly rate: number;

  constructor(kernels: Kernels, name: string, rate: number) {
    this.kernels = kernels;
    this.name = name;
    this.rate = rate;
  }

  /** The factors, 0 or 1 / (1 - rate), of one step. */
  mask(shape: readonly number[], randomness: { seed: number; step: number }): Tensor {
    const { kernels, name, rate } = this;
    const { tf } = kernels.operations;
    return tf.tidy(() => {
      const pair = deriveSeed(randomness.seed, 'dropout', name, randomness.step);
      const kept = tf.greaterEqual(kernels.uniform(shape, pair), rate);
      return tf.mul(tf.cast(kept, 'float32'), 1 / (1 - rate));
    });
  }

  forward(x: Tensor, pass: Pass): Tensor {
    if (pass.purpose !== 'training' || this.rate === 0) return x;
    const mask = this.mask(x.shape, pass.randomness);
    const result = this.kernels.multiply(x, mask);
    x.dispose();
    pass.keep(this, [mask]);
    return result;
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    if (pass.purpose !== 'training' || this.rate === 0) return signal;
    const [mask] = pass.take(this).tensors;
    if (!mask) throw new RangeError(`${this.name} kept no mask`);
    const result = this.kernels.multiply(signal, mask);
    signal.dispose();
    mask.dispose();
    return result;
  }
}

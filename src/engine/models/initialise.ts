import { deriveSeed } from '../../shared/seeds';
import type { Kernels } from '../runtime/kernels';
import type { Model } from './model';

/**
 * PyTorch's default initialisation of convolutions and linear layers: weights by Kaiming's uniform
 * rule with a = sqrt(5) and biases uniform, which both come to the bound 1 / sqrt(fan in). Each
 * parameter is drawn from (seed, 'initialise', its name).
 */
export function initialise(kernels: Kernels, model: Model, seed: number): void {
  const { tf } = kernels.operations;
  for (const parameter of model.parameters()) {
    const { name, shape, fanIn } = parameter.layout;
    const bound = 1 / Math.sqrt(fanIn);
    tf.tidy(() => {
      const unit = kernels.uniform(shape, deriveSeed(seed, 'initialise', name));
      parameter.assign(tf.sub(tf.mul(unit, 2 * bound), bound));
    });
  }
}

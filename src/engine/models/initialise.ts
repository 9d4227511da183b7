import { deriveSeed } from '../../shared/seeds';
import type { Kernels } from '../runtime/kernels';
import type { Tensor } from '../runtime/tensorflow';
import type { Model } from './model';
import type { Parameter } from './parameter';

/**
 * Each parameter as its layer starts it, by default PyTorch's rule for convolutions and linear
 * layers: weights by Kaiming's uniform rule with a = sqrt(5) and biases uniform, which both come to
 * the bound 1 / sqrt(fan in). Each is drawn from (seed, purpose, its name). Buffers start anew.
 *
 * @param only names of the parameters and buffers that start so; default all
 * @param purpose of the draws; default that of training
 */
export function initialise(
  kernels: Kernels,
  model: Model,
  seed: number,
  only?: ReadonlySet<string>,
  purpose = 'initialise',
): void {
  const { tf } = kernels.operations;
  const begins = ({ name }: { readonly name: string }) => only?.has(name) ?? true;
  for (const parameter of model.parameters().filter(begins)) {
    tf.tidy(() => parameter.adopt(start(kernels, parameter, seed, purpose)));
  }
  for (const buffer of model.buffers().filter(begins)) buffer.reset();
}

function start(kernels: Kernels, { layout }: Parameter, seed: number, purpose: string): Tensor {
  const { tf } = kernels.operations;
  const { name, shape, fanIn } = layout;
  const rule = layout.initialisation ?? { kind: 'uniform', bound: 1 / Math.sqrt(fanIn) };
  if (rule.kind === 'constant') return tf.fill([...shape], rule.value);
  const pair = deriveSeed(seed, purpose, name);
  if (rule.kind === 'normal') return tf.mul(kernels.normal(shape, pair), rule.deviation);
  return tf.sub(tf.mul(kernels.uniform(shape, pair), 2 * rule.bound), rule.bound);
}

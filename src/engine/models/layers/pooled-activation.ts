import type { SignalRule } from '../../runtime/fused';
import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor4D } from '../../runtime/tensorflow';
import type { Gate } from '../model';
import { Activation, isGuided } from './activation';
import type { Layer, Pass } from './layer';
import { MaxPool } from './max-pool';

/**
 * Maxima of 2x2 windows, then SELU or ReLU. Both are monotone, so this is the same function and
 * gradient as the activation first, with a quarter of its work.
 */
export class PooledActivation implements Layer {
  readonly name: string;
  readonly parameters = [];
  private readonly kind: 'selu' | 'relu';
  private readonly kernels: Kernels;
  private readonly pool: MaxPool;
  private readonly activation: Activation;

  constructor(kernels: Kernels, name: string, kind: 'selu' | 'relu') {
    this.kernels = kernels;
    this.name = name;
    this.kind = kind;
    this.pool = new MaxPool(kernels, `${name}.pool`);
    this.activation = new Activation(kernels, `${name}.${kind}`, kind);
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const { kernels } = this;
    if (!kernels.fused) return this.activation.forward(this.pool.forward(x, pass), pass);
    const { maximum, index } = kernels.fused.maxPool(x as Tensor4D);
    x.dispose();
    const result = this.kind === 'selu' ? kernels.selu(maximum) : kernels.relu(maximum);
    maximum.dispose();
    if (pass.backward) pass.keep(this, [result.clone(), index]);
    else index.dispose();
    return result;
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    const { fused } = this.kernels;
    if (!fused) return this.pool.backward(this.activation.backward(signal, pass), pass);
    return this.through(signal, pass, (rule, output, index) =>
      fused.unpool(rule, signal as Tensor4D, output, index),
    );
  }

  /** Back through this layer and the convolution before it at once (see firstGradient). */
  backwardToInput(signal: Tensor, pass: Pass, filter: Tensor4D): Tensor {
    const { fused } = this.kernels;
    if (!fused) throw new RangeError(`${this.name}: there are no fused kernels`);
    return this.through(signal, pass, (rule, output, index) =>
      fused.firstGradient(rule, signal as Tensor4D, output, index, filter),
    );
  }

  private through(
    signal: Tensor,
    pass: Pass,
    work: (rule: SignalRule, output: Tensor4D, index: Tensor) => Tensor,
  ): Tensor {
    const [output, index] = pass.take(this).tensors;
    if (!output || !index) throw new RangeError(`${this.name} kept no output`);
    const result = work(ruleOf(this.kind, pass.gate), output as Tensor4D, index);
    for (const tensor of [signal, output, index]) tensor.dispose();
    return result;
  }
}

function ruleOf(kind: 'selu' | 'relu', gate: Gate): SignalRule {
  return isGuided(kind, gate) ? `guided-${kind}` : kind;
}

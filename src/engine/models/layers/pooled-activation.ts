import type { SignalRule } from '../../runtime/fused';
import type { Kernels } from '../../runtime/kernels';
import type { PooledOutput } from '../../runtime/pooled-output';
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
    const output = this.kind === 'selu' ? kernels.selu(maximum) : kernels.relu(maximum);
    maximum.dispose();
    return this.keepFor(pass, { output: output as Tensor4D, index });
  }

  /** This layer's output, after keeping what the backward pass needs; the index is consumed. */
  keepFor(pass: Pass, { output, index }: PooledOutput): Tensor {
    if (pass.backward) pass.keep(this, [output.clone(), index]);
    else index.dispose();
    return output;
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    const { fused } = this.kernels;
    if (!fused) return this.pool.backward(this.activation.backward(signal, pass), pass);
    return this.backwardWith(signal as Tensor4D, pass, (...behind) => fused.unpool(...behind));
  }

  /** Backward by work that starts at this layer's output and may go on before its input. */
  backwardWith<T>(
    signal: Tensor4D,
    pass: Pass,
    work: (rule: SignalRule, signal: Tensor4D, output: Tensor4D, index: Tensor) => T,
  ): T {
    const [output, index] = pass.take(this).tensors;
    if (!output || !index) throw new RangeError(`${this.name} kept no output`);
    const result = work(ruleOf(this.kind, pass.gate), signal, output as Tensor4D, index);
    for (const tensor of [signal, output, index]) tensor.dispose();
    return result;
  }
}

function ruleOf(kind: 'selu' | 'relu', gate: Gate): SignalRule {
  return isGuided(kind, gate) ? `guided-${kind}` : kind;
}

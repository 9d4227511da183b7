import { type Kernels, seluScale } from '../../runtime/kernels';
import type { Tensor } from '../../runtime/tensorflow';
import type { Gate } from '../model';
import type { Layer, Pass } from './layer';

/** Whether the gate guides such an activation. */
export function isGuided(kind: 'selu' | 'relu', gate: Gate): boolean {
  return gate === 'all-activations' || (gate === 'relu-only' && kind === 'relu');
}

/** A signal backward through a ReLU that gave the output, guided or not: new, both stay the caller's. */
export function gated<T extends Tensor>(
  kernels: Kernels,
  signal: T,
  output: Tensor,
  guided: boolean,
): T {
  if (!guided) return kernels.reluGradient(signal, output);
  const positive = kernels.relu(signal);
  const result = kernels.reluGradient(positive, output);
  positive.dispose();
  return result;
}

/**
 * SELU or ReLU. Backward the signal R is multiplied by the slope; where the pass guides this
 * activation (Eq. 4) it becomes (f > 0)(R > 0) R times the slope, f being the output.
 */
export class Activation implements Layer {
  readonly name: string;
  readonly parameters = [];
  readonly kind: 'selu' | 'relu';
  private readonly kernels: Kernels;

  constructor(kernels: Kernels, name: string, kind: 'selu' | 'relu') {
    this.kernels = kernels;
    this.name = name;
    this.kind = kind;
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const result = this.kind === 'selu' ? this.kernels.selu(x) : this.kernels.relu(x);
    x.dispose();
    if (pass.backward) pass.keep(this, [result.clone()]);
    return result;
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    const { kernels, kind } = this;
    const [output] = pass.take(this).tensors;
    if (!output) throw new RangeError(`${this.name} kept no output`);
    let current = signal;
    const step = (next: Tensor) => {
      current.dispose();
      current = next;
    };
    if (isGuided(kind, pass.gate)) {
      step(kernels.relu(current));
      step(kernels.reluGradient(current, output));
      // Where f > 0 the slope is a constant: 1, or SELU's scale.
      if (kind === 'selu') step(kernels.scale(current, seluScale));
    } else if (kind === 'selu') {
      step(kernels.seluGradient(current, output));
    } else {
      step(kernels.reluGradient(current, output));
    }
    output.dispose();
    return current;
  }
}

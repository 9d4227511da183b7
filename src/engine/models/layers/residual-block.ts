import type { ReluGate } from '../../runtime/direct';
import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor4D } from '../../runtime/tensorflow';
import type { ModelBuffer } from '../buffer';
import type { Parameter } from '../parameter';
import { isGuided } from './activation';
import type { Layer, Pass } from './layer';
import type { NormalisedConvolution } from './normalised-convolution';

export interface ResidualBlockParts {
  first: NormalisedConvolution;
  second: NormalisedConvolution;
  /** The convolution of the shortcut; null: the identity. */
  shortcut: NormalisedConvolution | null;
}

/**
 * torchvision's BasicBlock (He et al. 2016): two 3x3 convolutions with batch normalisation and a
 * ReLU between, the input added, and a ReLU. Where the shape changes, the input goes through a 1x1
 * convolution of the same stride. Backward the signal goes through both branches and adds up;
 * a guided pass gates it at both ReLUs (Eq. 4).
 */
export class ResidualBlock implements Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly ModelBuffer[];
  private readonly kernels: Kernels;
  private readonly afterBlock: boolean;
  private readonly first: NormalisedConvolution;
  private readonly second: NormalisedConvolution;
  private readonly shortcut: NormalisedConvolution | null;

  /** @param afterBlock whether what goes in comes straight out of another block */
  constructor(kernels: Kernels, name: string, parts: ResidualBlockParts, afterBlock: boolean) {
    this.name = name;
    this.kernels = kernels;
    this.afterBlock = afterBlock;
    this.first = parts.first;
    this.second = parts.second;
    this.shortcut = parts.shortcut;
    this.parameters = this.parts.flatMap((layer) => layer.parameters);
    this.buffers = this.parts.flatMap((layer) => layer.buffers);
  }

  forward(x: Tensor, pass: Pass): Tensor {
    if (pass.purpose !== 'training') return this.infer(x as Tensor4D, pass);
    const direct = this.shortcut ? this.shortcut.forward(x.clone(), pass) : x.clone();
    return this.second.forward(this.first.forward(x, pass), pass, direct);
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    if (pass.purpose !== 'training') return this.inferBackward(signal as Tensor4D, pass);
    const { input, through } = this.second.backwardSplit(signal, pass);
    const direct = this.shortcut ? this.shortcut.backward(through, pass, true) : through;
    const result = this.first.backward(input, pass, true, direct);
    if (!result) throw new RangeError(`${this.name} gave no signal`);
    return result;
  }

  dispose(): void {
    for (const layer of this.parts) layer.dispose();
  }

  /** Each step one convolution with all that comes after it. */
  private infer(x: Tensor4D, pass: Pass): Tensor {
    const { first, second, shortcut } = this;
    const addend = shortcut ? shortcut.folded.convolve(x) : x.clone();
    const inner = first.folded.convolve(x, { relu: true });
    const output = second.folded.convolve(inner, { addend, relu: true });
    addend.dispose();
    if (pass.backward) {
      pass.keep(this, [x, inner, output.clone()]);
    } else {
      x.dispose();
      inner.dispose();
    }
    return output;
  }

  private inferBackward(signal: Tensor4D, pass: Pass): Tensor {
    const { tensors } = pass.take(this);
    const [x, inner, output] = tensors as Tensor4D[];
    if (!x || !inner || !output) throw new RangeError(`${this.name} kept nothing`);
    const guided = isGuided('relu', pass.gate);
    const both = pass.gated ? signal.clone() : this.gate(signal, output, guided);
    const middle = this.second.folded.gradient(both, inner.shape, {
      gate: { output: inner, guided },
    });
    // What went in came out of the ReLU of the block before.
    pass.gated = this.afterBlock;
    const gate = this.afterBlock ? { output: x, guided } : undefined;
    const result = this.joinBranches(middle, both, x.shape, gate);
    for (const tensor of [...tensors, signal, both, middle]) tensor.dispose();
    return result;
  }

  private gate(signal: Tensor4D, output: Tensor4D, guided: boolean): Tensor4D {
    const { kernels } = this;
    if (!guided) return kernels.reluGradient(signal, output);
    const positive = kernels.relu(signal);
    const result = kernels.reluGradient(positive, output);
    positive.dispose();
    return result;
  }

  /** Backward from behind the first convolution, and from the block's end through the shortcut. */
  private joinBranches(
    middle: Tensor4D,
    both: Tensor4D,
    shape: readonly number[],
    gate: ReluGate | undefined,
  ): Tensor4D {
    const { folded } = this.first;
    const shortcut = this.shortcut?.folded;
    if (!shortcut) return folded.gradient(middle, shape, { addend: both, gate });
    if (folded.joins(shape, shortcut)) {
      return folded.joinedGradient(middle, { convolution: shortcut, signal: both }, gate);
    }
    const addend = shortcut.gradient(both, shape);
    const result = folded.gradient(middle, shape, { addend, gate });
    addend.dispose();
    return result;
  }

  private get parts(): NormalisedConvolution[] {
    const { first, second, shortcut } = this;
    return shortcut ? [first, second, shortcut] : [first, second];
  }
}

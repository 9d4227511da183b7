import type { ReluGate } from '../../runtime/convolution-ending';
import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor4D } from '../../runtime/tensorflow';
import type { ModelBuffer } from '../buffer';
import type { Parameter } from '../parameter';
import { gated, isGuided } from './activation';
import type { Layer, Pass } from './layer';
import type { NormalisedConvolution } from './normalised-convolution';

export interface ResidualBlockParts {
  first: NormalisedConvolution;
  /** Those after the first: one at least. */
  rest: readonly NormalisedConvolution[];
  /** The convolution of the shortcut; null: the identity. */
  shortcut: NormalisedConvolution | null;
}

/**
 * torchvision's BasicBlock and Bottleneck (He et al. 2016): two or three convolutions with batch
 * normalisation and ReLUs between, the input added, and a ReLU. Where the shape changes, the input goes
 * through a 1x1 convolution of the same stride. Backward the signal goes through both branches and adds
 * up; a guided pass gates it at every ReLU (Eq. 4).
 */
export class ResidualBlock implements Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly ModelBuffer[];
  private readonly kernels: Kernels;
  private readonly afterBlock: boolean;
  private readonly first: NormalisedConvolution;
  private readonly between: readonly NormalisedConvolution[];
  private readonly last: NormalisedConvolution;
  private readonly shortcut: NormalisedConvolution | null;

  /** @param afterBlock whether what goes in comes straight out of another block */
  constructor(kernels: Kernels, name: string, parts: ResidualBlockParts, afterBlock: boolean) {
    this.name = name;
    this.kernels = kernels;
    this.afterBlock = afterBlock;
    const last = parts.rest.at(-1);
    if (!last) throw new RangeError(`${name} has a single convolution`);
    this.first = parts.first;
    this.between = parts.rest.slice(0, -1);
    this.last = last;
    this.shortcut = parts.shortcut;
    this.parameters = this.parts.flatMap((layer) => layer.parameters);
    this.buffers = this.parts.flatMap((layer) => layer.buffers);
  }

  forward(x: Tensor, pass: Pass): Tensor {
    if (pass.purpose !== 'training') return this.infer(x as Tensor4D, pass);
    const direct = this.shortcut ? this.shortcut.forward(x.clone(), pass) : x.clone();
    const inner = [this.first, ...this.between].reduce(
      (current, layer) => layer.forward(current, pass),
      x,
    );
    return this.last.forward(inner, pass, direct);
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    if (pass.purpose !== 'training') return this.inferBackward(signal as Tensor4D, pass);
    const { input, through } = this.last.backwardSplit(signal, pass);
    const direct = this.shortcut ? this.shortcut.backward(through, pass, true) : through;
    const middle = this.between.reduceRight<Tensor | null>(
      (current, layer) => current && layer.backward(current, pass, true),
      input,
    );
    const result = middle && this.first.backward(middle, pass, true, direct);
    if (!result) throw new RangeError(`${this.name} gave no signal`);
    return result;
  }

  dispose(): void {
    for (const layer of this.parts) layer.dispose();
  }

  /** Each step one convolution with all that comes after it. */
  private infer(x: Tensor4D, pass: Pass): Tensor {
    const { first, between, last, shortcut } = this;
    const addend = shortcut ? shortcut.folded.convolve(x) : x.clone();
    const kept: Tensor4D[] = [x];
    let inner = x;
    for (const { folded } of [first, ...between]) {
      inner = folded.convolve(inner, { relu: true });
      kept.push(inner);
    }
    const output = last.folded.convolve(inner, { addend, relu: true });
    addend.dispose();
    if (pass.backward) {
      pass.keep(this, [...kept, output.clone()]);
    } else {
      for (const tensor of kept) tensor.dispose();
    }
    return output;
  }

  private inferBackward(signal: Tensor4D, pass: Pass): Tensor {
    const { tensors } = pass.take(this);
    const [x, ...outputs] = tensors as Tensor4D[];
    const output = outputs.pop();
    if (!x || !output) throw new RangeError(`${this.name} kept nothing`);
    const guided = isGuided('relu', pass.gate);
    const both = pass.gated ? signal.clone() : gated(this.kernels, signal, output, guided);
    signal.dispose();
    output.dispose();
    let middle = both.clone();
    for (const layer of [this.last, ...[...this.between].reverse()]) {
      const inner = outputs.pop();
      if (!inner) throw new RangeError(`${this.name} kept too little`);
      const next = layer.folded.gradient(middle, inner.shape, { gate: { output: inner, guided } });
      middle.dispose();
      inner.dispose();
      middle = next;
    }
    // What went in came out of the ReLU of the block before.
    pass.gated = this.afterBlock;
    const gate = this.afterBlock ? { output: x, guided } : undefined;
    const result = this.joinBranches(middle, both, x.shape, gate);
    for (const tensor of [x, both, middle]) tensor.dispose();
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
    const { first, between, last, shortcut } = this;
    return [first, ...between, last, ...(shortcut ? [shortcut] : [])];
  }
}

import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor4D } from '../../runtime/tensorflow';
import type { ModelBuffer } from '../buffer';
import type { Parameter } from '../parameter';
import type { Activation } from './activation';
import type { BatchNorm } from './batch-norm';
import type { Conv2d } from './conv2d';
import { FoldedConvolution } from './folded-convolution';
import type { Layer, Pass } from './layer';

export interface NormalisedParts {
  readonly convolution: Conv2d;
  readonly norm: BatchNorm;
  /** The ReLU behind them, where there is one. */
  readonly activation: Activation | null;
}

/**
 * A convolution without bias, the batch normalisation after it, and where asked for an addition (the
 * shortcut of a residual block) and a ReLU. Outside training the first two are one convolution.
 */
export class NormalisedConvolution implements Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly ModelBuffer[];
  /** The two outside training. */
  readonly folded: FoldedConvolution;
  private readonly convolution: Conv2d;
  private readonly norm: BatchNorm;
  private readonly activation: Activation | null;

  constructor(kernels: Kernels, parts: NormalisedParts) {
    const { norm, activation } = parts;
    const convolution = parts.convolution.onOwnKernels();
    this.name = convolution.name;
    this.convolution = convolution;
    this.norm = norm;
    this.activation = activation;
    this.parameters = [...convolution.parameters, ...norm.parameters];
    this.buffers = norm.buffers;
    this.folded = new FoldedConvolution(kernels, { convolution, norm }, convolution.options);
  }

  /** The addend is consumed like x. */
  forward(x: Tensor, pass: Pass, addend: Tensor | null = null): Tensor {
    const { activation } = this;
    if (pass.purpose === 'training') {
      const convolved = this.convolution.forward(x, pass);
      return this.norm.train(convolved, pass, { relu: activation !== null, addend });
    }
    const end = { addend: (addend as Tensor4D | null) ?? undefined, relu: activation !== null };
    const result = this.folded.convolve(x as Tensor4D, end);
    if (pass.backward) {
      pass.keep(this, [], x.shape);
      if (activation) pass.keep(activation, [result.clone()]);
    }
    x.dispose();
    addend?.dispose();
    return result;
  }

  /** In training, with the ReLU left to what comes next; see `backward`. */
  trainWithoutRelu(x: Tensor, pass: Pass): Tensor {
    const convolved = this.convolution.forward(x, pass);
    return this.norm.train(convolved, pass, { relu: false, addend: null });
  }

  /** With an addend, it is added to the gradient by the input; it is consumed like the signal. */
  backward(
    signal: Tensor,
    pass: Pass,
    inputWanted: boolean,
    addend: Tensor | null = null,
  ): Tensor | null {
    if (pass.purpose === 'training') {
      const { input } = this.norm.trainBackward(signal, pass, false);
      return this.convolution.backward(input, pass, inputWanted, addend);
    }
    const gated = this.activation ? this.activation.backward(signal, pass) : signal;
    return this.inputGradient(gated, pass, inputWanted, addend);
  }

  /** Backward where something was added: the gradient by the input, and by the addend. */
  backwardSplit(signal: Tensor, pass: Pass): { input: Tensor; through: Tensor } {
    let gated: { input: Tensor | null; through: Tensor | null };
    if (pass.purpose === 'training') {
      gated = this.norm.trainBackward(signal, pass, true);
      gated.input &&= this.convolution.backward(gated.input, pass, true);
    } else {
      const through = this.activation ? this.activation.backward(signal, pass) : signal;
      gated = { input: this.inputGradient(through.clone(), pass, true, null), through };
    }
    const { input, through } = gated;
    if (!input || !through) throw new RangeError(`${this.name} gave no signal`);
    return { input, through };
  }

  dispose(): void {
    this.folded.dispose();
  }

  private inputGradient(
    signal: Tensor,
    pass: Pass,
    inputWanted: boolean,
    addend: Tensor | null,
  ): Tensor | null {
    const { shape } = pass.take(this);
    const end = { addend: (addend as Tensor4D | null) ?? undefined };
    const result = inputWanted ? this.folded.gradient(signal as Tensor4D, shape, end) : null;
    signal.dispose();
    addend?.dispose();
    return result;
  }
}

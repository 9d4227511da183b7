import type { ConvolutionOptions } from '../../runtime/convolution';
import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor1D, Tensor4D } from '../../runtime/tensorflow';
import { type Initialisation, Parameter, plainLayout } from '../parameter';
import type { Layer, Pass } from './layer';
import { TrainingConvolution } from './training-convolution';

export interface Conv2dSizes extends ConvolutionOptions {
  inputs: number;
  outputs: number;
  /** Height and width of the filter. */
  kernel: number;
  /** Default true. */
  bias?: boolean;
  /** Of the weight; default PyTorch's own. */
  initialisation?: Initialisation;
  /** Of the bias; default PyTorch's own. */
  biasInitialisation?: Initialisation;
}

/** Of the loss by a convolution's filter [kh, kw, in, out], and by its bias [out], if it has one. */
export interface ParameterGradients {
  readonly filter: Tensor4D;
  readonly bias: Tensor1D | null;
}

/** What a convolution learns. */
interface ConvolutionState {
  readonly weight: Parameter;
  readonly shift: Parameter | null;
}

/** 2-D convolution: PyTorch's weight is OIHW, TensorFlow's HWIO. */
export class Conv2d implements Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly sizes: Conv2dSizes;
  readonly options: ConvolutionOptions;
  private readonly weight: Parameter;
  private readonly shift: Parameter | null;
  private readonly kernels: Kernels;
  private readonly training: TrainingConvolution | null;

  /**
   * @param shared what it learns, of another one that stays in use
   * @param training its products in training; default: TensorFlow's
   */
  constructor(
    kernels: Kernels,
    name: string,
    sizes: Conv2dSizes,
    shared: ConvolutionState | null = null,
    training: TrainingConvolution | null = null,
  ) {
    const { weight, shift } = shared ?? newState(kernels, name, sizes);
    const { stride, padding } = sizes;
    this.name = name;
    this.kernels = kernels;
    this.sizes = sizes;
    this.options = { stride, padding };
    this.training = training;
    this.weight = weight;
    this.shift = shift;
    this.parameters = shift ? [weight, shift] : [weight];
  }

  /** The same one, trained by our own kernels where they are faster. */
  onOwnKernels(): Conv2d {
    const { kernels, name, sizes, options, weight, shift } = this;
    const training = new TrainingConvolution(kernels, options);
    return new Conv2d(kernels, name, sizes, { weight, shift }, training);
  }

  /** Moves with the filter and the bias. */
  get version(): number {
    return this.weight.version + (this.shift?.version ?? 0);
  }

  /** The filter [kh, kw, in, out] as it stands. */
  get filter(): Tensor4D {
    return this.weight.value as Tensor4D;
  }

  /** [out] as it stands, where there is one. */
  get bias(): Tensor1D | undefined {
    return this.shift?.value as Tensor1D | undefined;
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const result = this.convolve(x as Tensor4D, pass.purpose === 'training');
    this.keepFor(pass, x);
    return result;
  }

  /** Keep of the input what the backward pass needs; x is consumed. */
  keepFor(pass: Pass, x: Tensor): void {
    const training = pass.purpose === 'training';
    if (pass.backward) pass.keep(this, training ? [x] : [], x.shape);
    if (!training) x.dispose();
  }

  /** Hand over the gradients of the loss by the parameters. */
  learn({ filter, bias }: ParameterGradients, pass: Pass): void {
    pass.gradients.set(this.weight, filter);
    if (!this.shift) return void bias?.dispose();
    if (!bias) throw new RangeError(`${this.name}: no gradient of the bias`);
    pass.gradients.set(this.shift, bias);
  }

  /** With an addend, it is added to the gradient by the input; it is consumed like the signal. */
  backward(
    signal: Tensor,
    pass: Pass,
    inputWanted: boolean,
    addend: Tensor | null = null,
  ): Tensor | null {
    const { kernels, shift } = this;
    const { tensors, shape } = pass.take(this);
    const output = signal as Tensor4D;
    const [x] = tensors;
    if (x) {
      const filter = this.filterGradient(x as Tensor4D, output);
      this.learn({ filter, bias: shift ? kernels.biasAddGradient(signal) : null }, pass);
      x.dispose();
    }
    const training = x !== undefined;
    const result = inputWanted ? this.inputGradient(shape, output, training, addend) : null;
    signal.dispose();
    addend?.dispose();
    return result;
  }

  private convolve(x: Tensor4D, training: boolean): Tensor4D {
    const { kernels, options, filter, bias } = this;
    if (training && this.training) return this.training.convolve(x, filter, bias);
    return kernels.conv2d(x, filter, options, bias);
  }

  private filterGradient(x: Tensor4D, signal: Tensor4D): Tensor4D {
    const { kernels, options, filter } = this;
    if (this.training) return this.training.filterGradient(x, filter, signal);
    return kernels.conv2dFilterGradient(x, filter.shape, signal, options);
  }

  private inputGradient(
    shape: readonly number[],
    signal: Tensor4D,
    training: boolean,
    addend: Tensor | null,
  ): Tensor {
    const { kernels, options, filter } = this;
    if (training && this.training) {
      return this.training.inputGradient(shape, filter, signal, addend as Tensor4D | null);
    }
    const gradient = kernels.conv2dInputGradient(shape, filter, signal, options);
    if (!addend) return gradient;
    const sum = kernels.add(gradient, addend);
    gradient.dispose();
    return sum;
  }
}

function newState(kernels: Kernels, name: string, sizes: Conv2dSizes): ConvolutionState {
  const { inputs, outputs, kernel, bias = true, initialisation, biasInitialisation } = sizes;
  const fanIn = inputs * kernel * kernel;
  const weight = new Parameter(kernels, {
    name: `${name}.weight`,
    shape: [kernel, kernel, inputs, outputs],
    torchShape: [outputs, inputs, kernel, kernel],
    axesShape: [kernel, kernel, inputs, outputs],
    axes: [3, 2, 0, 1],
    fanIn,
    initialisation,
  });
  const layout = {
    ...plainLayout(`${name}.bias`, [outputs], fanIn),
    initialisation: biasInitialisation,
  };
  return { weight, shift: bias ? new Parameter(kernels, layout) : null };
}

import type { ConvolutionOptions } from '../../runtime/convolution';
import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor1D, Tensor4D } from '../../runtime/tensorflow';
import type { WinogradKernels } from '../../runtime/winograd';
import { type Initialisation, Parameter, plainLayout } from '../parameter';
import type { Layer, Pass } from './layer';

export interface Conv2dSizes extends ConvolutionOptions {
  inputs: number;
  outputs: number;
  /** Height and width of the filter. */
  kernel: number;
  /** Default true. */
  bias?: boolean;
  /** Of the weight; default PyTorch's own. */
  initialisation?: Initialisation;
  /** Train by Winograd's transforms where they fit; default false. */
  winograd?: boolean;
}

/** 2-D convolution: PyTorch's weight is OIHW, TensorFlow's HWIO. */
export class Conv2d implements Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  private readonly weight: Parameter;
  private readonly bias: Parameter | null;
  private readonly kernels: Kernels;
  private readonly options: ConvolutionOptions;
  private readonly winograd: WinogradKernels | null;

  constructor(kernels: Kernels, name: string, sizes: Conv2dSizes) {
    const { inputs, outputs, kernel, stride, padding, bias = true, initialisation } = sizes;
    this.name = name;
    this.kernels = kernels;
    this.options = { stride, padding };
    const unit = stride === 1 && padding === 1 && !bias;
    this.winograd = sizes.winograd && unit ? kernels.winograd : null;
    const fanIn = inputs * kernel * kernel;
    this.weight = new Parameter(kernels, {
      name: `${name}.weight`,
      shape: [kernel, kernel, inputs, outputs],
      torchShape: [outputs, inputs, kernel, kernel],
      axesShape: [kernel, kernel, inputs, outputs],
      axes: [3, 2, 0, 1],
      fanIn,
      initialisation,
    });
    const layout = plainLayout(`${name}.bias`, [outputs], fanIn);
    this.bias = bias ? new Parameter(kernels, layout) : null;
    this.parameters = this.bias ? [this.weight, this.bias] : [this.weight];
  }

  /** Moves with the filter. */
  get version(): number {
    return this.weight.version;
  }

  /** The filter [kh, kw, in, out] as it stands. */
  get filter(): Tensor4D {
    return this.weight.value as Tensor4D;
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const training = pass.purpose === 'training';
    const result = this.convolve(x as Tensor4D, training);
    if (pass.backward) pass.keep(this, training ? [x] : [], x.shape);
    if (!training) x.dispose();
    return result;
  }

  /** With an addend, it is added to the gradient by the input; it is consumed like the signal. */
  backward(
    signal: Tensor,
    pass: Pass,
    inputWanted: boolean,
    addend: Tensor | null = null,
  ): Tensor | null {
    const { kernels, weight, bias } = this;
    const { tensors, shape } = pass.take(this);
    const output = signal as Tensor4D;
    const [x] = tensors;
    if (x) {
      pass.gradients.set(weight, this.filterGradient(x as Tensor4D, output));
      if (bias) pass.gradients.set(bias, kernels.biasAddGradient(signal));
      x.dispose();
    }
    const training = x !== undefined;
    const result = inputWanted ? this.inputGradient(shape, output, training, addend) : null;
    signal.dispose();
    addend?.dispose();
    return result;
  }

  private convolve(x: Tensor4D, training: boolean): Tensor4D {
    const { kernels, options, filter } = this;
    const winograd = this.winogradFor(x.shape, training);
    if (!winograd) {
      const bias = this.bias?.value as Tensor1D | undefined;
      return kernels.conv2d(x, filter, options, bias);
    }
    const transformed = winograd.filter(filter, x.shape, false);
    const result = winograd.convolve(x, transformed);
    transformed.dispose();
    return result;
  }

  private filterGradient(x: Tensor4D, signal: Tensor4D): Tensor4D {
    const { kernels, options, filter } = this;
    const winograd = this.winogradFor(x.shape, true);
    if (winograd) return winograd.filterGradient(x, signal);
    return kernels.conv2dFilterGradient(x, filter.shape, signal, options);
  }

  private inputGradient(
    shape: readonly number[],
    signal: Tensor4D,
    training: boolean,
    addend: Tensor | null,
  ): Tensor {
    const { kernels, options, filter } = this;
    const winograd = this.winogradFor(shape, training);
    if (!winograd) {
      const gradient = kernels.conv2dInputGradient(shape, filter, signal, options);
      if (!addend) return gradient;
      const sum = kernels.add(gradient, addend);
      gradient.dispose();
      return sum;
    }
    const transformed = winograd.filter(filter, shape, true);
    const ending = addend ? { addend: addend as Tensor4D } : {};
    const result = winograd.convolve(signal, transformed, ending);
    transformed.dispose();
    return result;
  }

  private winogradFor(imageShape: readonly number[], training: boolean): WinogradKernels | null {
    return training && this.winograd?.fits(imageShape, this.filter.shape) ? this.winograd : null;
  }
}

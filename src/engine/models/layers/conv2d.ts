import type { ConvolutionOptions } from '../../runtime/convolution';
import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor1D, Tensor4D } from '../../runtime/tensorflow';
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
}

/** 2-D convolution: PyTorch's weight is OIHW, TensorFlow's HWIO. */
export class Conv2d implements Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  private readonly weight: Parameter;
  private readonly bias: Parameter | null;
  private readonly kernels: Kernels;
  private readonly options: ConvolutionOptions;

  constructor(kernels: Kernels, name: string, sizes: Conv2dSizes) {
    const { inputs, outputs, kernel, stride, padding, bias = true, initialisation } = sizes;
    this.name = name;
    this.kernels = kernels;
    this.options = { stride, padding };
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
    const { kernels, options, filter } = this;
    const bias = this.bias?.value as Tensor1D | undefined;
    const result = kernels.conv2d(x as Tensor4D, filter, options, bias);
    const training = pass.purpose === 'training';
    if (pass.backward) pass.keep(this, training ? [x] : [], x.shape);
    if (!training) x.dispose();
    return result;
  }

  backward(signal: Tensor, pass: Pass, inputWanted: boolean): Tensor | null {
    const { kernels, options, weight, bias, filter } = this;
    const { tensors, shape } = pass.take(this);
    const output = signal as Tensor4D;
    const [x] = tensors;
    if (x) {
      const gradient = kernels.conv2dFilterGradient(x as Tensor4D, filter.shape, output, options);
      pass.gradients.set(weight, gradient);
      if (bias) pass.gradients.set(bias, kernels.biasAddGradient(signal));
      x.dispose();
    }
    const result = inputWanted ? kernels.conv2dInputGradient(shape, filter, output, options) : null;
    signal.dispose();
    return result;
  }
}

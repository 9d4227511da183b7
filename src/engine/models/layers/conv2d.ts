import type { ConvolutionOptions } from '../../runtime/convolution';
import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor4D } from '../../runtime/tensorflow';
import { Parameter } from '../parameter';
import type { Layer, Pass } from './layer';

/** 2-D convolution without its bias: PyTorch's weight is OIHW, TensorFlow's HWIO. */
export class Conv2d implements Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  private readonly weight: Parameter;
  private readonly kernels: Kernels;
  private readonly options: ConvolutionOptions;

  constructor(
    kernels: Kernels,
    name: string,
    sizes: { inputs: number; outputs: number; kernel: number } & ConvolutionOptions,
  ) {
    const { inputs, outputs, kernel } = sizes;
    this.name = name;
    this.kernels = kernels;
    this.options = { stride: sizes.stride, padding: sizes.padding };
    this.weight = new Parameter(kernels, {
      name: `${name}.weight`,
      shape: [kernel, kernel, inputs, outputs],
      torchShape: [outputs, inputs, kernel, kernel],
      axesShape: [kernel, kernel, inputs, outputs],
      axes: [3, 2, 0, 1],
      fanIn: inputs * kernel * kernel,
    });
    this.parameters = [this.weight];
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const filter = this.weight.value as Tensor4D;
    const result = this.kernels.conv2d(x as Tensor4D, filter, this.options);
    const training = pass.purpose === 'training';
    if (pass.backward) pass.keep(this, training ? [x] : [], x.shape);
    if (!training) x.dispose();
    return result;
  }

  backward(signal: Tensor, pass: Pass, inputWanted: boolean): Tensor | null {
    const { kernels, options, weight } = this;
    const { tensors, shape } = pass.take(this);
    const filter = weight.value as Tensor4D;
    const output = signal as Tensor4D;
    const [x] = tensors;
    if (x) {
      const gradient = kernels.conv2dFilterGradient(x as Tensor4D, filter.shape, output, options);
      pass.gradients.set(weight, gradient);
      x.dispose();
    }
    const result = inputWanted ? kernels.conv2dInputGradient(shape, filter, output, options) : null;
    signal.dispose();
    return result;
  }
}

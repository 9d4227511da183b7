import type { Kernels } from '../../runtime/kernels';
import type { Tensor } from '../../runtime/tensorflow';
import type { Parameter } from '../parameter';
import { Conv2d, type Conv2dSizes } from './conv2d';
import type { Layer, Pass } from './layer';
import { PooledActivation } from './pooled-activation';

/** A convolution, 2x2 maxima and SELU: one layer, so that the way back can be taken in one step. */
export class ConvolutionBlock implements Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  private readonly convolution: Conv2d;
  private readonly pooled: PooledActivation;
  /** Whether the one step exists for this convolution. */
  private readonly direct: boolean;

  constructor(kernels: Kernels, name: string, sizes: Conv2dSizes) {
    this.name = name;
    this.convolution = new Conv2d(kernels, name, sizes);
    this.pooled = new PooledActivation(kernels, `${name}.pooled`, 'selu');
    this.parameters = this.convolution.parameters;
    const { inputs, kernel, stride, padding } = sizes;
    const first = inputs === 1 && kernel === 3 && stride === 1 && padding === 1;
    this.direct = kernels.fused !== null && first;
  }

  forward(x: Tensor, pass: Pass): Tensor {
    return this.pooled.forward(this.convolution.forward(x, pass), pass);
  }

  backward(signal: Tensor, pass: Pass, inputWanted: boolean): Tensor | null {
    if (this.direct && pass.purpose === 'input-gradient' && inputWanted) {
      pass.take(this.convolution);
      return this.pooled.backwardToInput(signal, pass, this.convolution.filter);
    }
    return this.convolution.backward(this.pooled.backward(signal, pass), pass, inputWanted);
  }
}

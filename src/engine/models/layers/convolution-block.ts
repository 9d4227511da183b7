import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor4D } from '../../runtime/tensorflow';
import type { Parameter } from '../parameter';
import type { Conv2d } from './conv2d';
import type { Layer, Pass } from './layer';
import { PooledActivation } from './pooled-activation';
import { PooledConvolution } from './pooled-convolution';

/**
 * A convolution, 2x2 maxima and SELU: one layer, so that forward and backward each are one step where there
 * is a kernel for it.
 */
export class ConvolutionBlock implements Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  private readonly convolution: Conv2d;
  private readonly pooled: PooledActivation;
  private readonly own: PooledConvolution;

  constructor(kernels: Kernels, convolution: Conv2d) {
    const { name, options } = convolution;
    this.name = name;
    this.convolution = convolution;
    this.pooled = new PooledActivation(kernels, `${name}.pooled`, 'selu');
    this.own = new PooledConvolution(kernels, convolution, options);
    this.parameters = convolution.parameters;
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const pooled = this.own.convolve(x as Tensor4D);
    if (!pooled) return this.pooled.forward(this.convolution.forward(x, pass), pass);
    this.convolution.keepFor(pass, x);
    return this.pooled.keepFor(pass, pooled);
  }

  backward(signal: Tensor, pass: Pass, inputWanted: boolean): Tensor | null {
    const { convolution, own, pooled } = this;
    if (!own.goesBack) {
      return convolution.backward(pooled.backward(signal, pass), pass, inputWanted);
    }
    const [x] = pass.take(convolution).tensors;
    return pooled.backwardWith(signal as Tensor4D, pass, (...behind) => {
      if (x) {
        convolution.learn(own.filterGradient(x as Tensor4D, ...behind), pass);
        x.dispose();
      }
      return inputWanted ? own.gradient(...behind) : null;
    });
  }

  dispose(): void {
    this.own.dispose();
  }
}

import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor1D, Tensor4D } from '../../runtime/tensorflow';
import type { ModelBuffer } from '../buffer';
import type { Parameter } from '../parameter';
import { BatchNorm } from './batch-norm';
import { Conv2d, type Conv2dSizes } from './conv2d';
import type { Layer, Pass } from './layer';

/**
 * A convolution without bias and the batch normalisation after it. Outside training the two are one
 * convolution, with filter w * factor and bias shift (see BatchNorm.affine); that filter is kept
 * until a parameter or a running statistic moves.
 */
export class NormalisedConvolution implements Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly ModelBuffer[];
  private readonly kernels: Kernels;
  private readonly convolution: Conv2d;
  private readonly norm: BatchNorm;
  private readonly options: { stride: number; padding: number };
  /** Placeholders until the first use, so that the number of tensors never changes. */
  private folded: { filter: Tensor; bias: Tensor; version: number };

  constructor(
    kernels: Kernels,
    names: { convolution: string; norm: string },
    sizes: Omit<Conv2dSizes, 'bias'>,
  ) {
    const { tf } = kernels.operations;
    const { outputs, kernel, stride, padding } = sizes;
    this.name = names.convolution;
    this.kernels = kernels;
    this.options = { stride, padding };
    this.convolution = new Conv2d(kernels, names.convolution, {
      ...sizes,
      bias: false,
      winograd: true,
      // torchvision's: Kaiming's normal rule for ReLU over the fan out.
      initialisation: { kind: 'normal', deviation: Math.sqrt(2 / (outputs * kernel * kernel)) },
    });
    this.norm = new BatchNorm(kernels, names.norm, outputs);
    this.parameters = [...this.convolution.parameters, ...this.norm.parameters];
    this.buffers = this.norm.buffers;
    this.folded = { filter: tf.keep(tf.scalar(0)), bias: tf.keep(tf.scalar(0)), version: -1 };
  }

  forward(x: Tensor, pass: Pass): Tensor {
    if (pass.purpose === 'training') {
      return this.norm.forward(this.convolution.forward(x, pass), pass);
    }
    const { filter, bias } = this.fold();
    const result = this.kernels.conv2d(x as Tensor4D, filter, this.options, bias);
    if (pass.backward) pass.keep(this, [], x.shape);
    x.dispose();
    return result;
  }

  backward(signal: Tensor, pass: Pass, inputWanted: boolean): Tensor | null {
    if (pass.purpose === 'training') {
      return this.convolution.backward(this.norm.backward(signal, pass), pass, inputWanted);
    }
    const { shape } = pass.take(this);
    const result = inputWanted
      ? this.kernels.conv2dInputGradient(
          shape,
          this.fold().filter,
          signal as Tensor4D,
          this.options,
        )
      : null;
    signal.dispose();
    return result;
  }

  dispose(): void {
    this.folded.filter.dispose();
    this.folded.bias.dispose();
  }

  private fold(): { filter: Tensor4D; bias: Tensor1D } {
    const { tf } = this.kernels.operations;
    const { convolution, norm } = this;
    const version = norm.version + convolution.version;
    if (version !== this.folded.version) {
      this.dispose();
      const { factor, shift } = norm.affine();
      // The filter's last axis is the output's channel.
      const filter = tf.keep(this.kernels.multiply(convolution.filter, factor));
      factor.dispose();
      this.folded = { filter, bias: tf.keep(shift), version };
    }
    return { filter: this.folded.filter as Tensor4D, bias: this.folded.bias as Tensor1D };
  }
}

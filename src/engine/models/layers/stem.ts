import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor4D } from '../../runtime/tensorflow';
import type { ModelBuffer } from '../buffer';
import type { Parameter } from '../parameter';
import { isGuided } from './activation';
import type { Layer, Pass } from './layer';
import type { MaxPool } from './max-pool';
import type { NormalisedConvolution } from './normalised-convolution';

/**
 * How a ResNet begins: a convolution with batch normalisation, ReLU, and in torchvision's networks
 * maxima of 3x3 windows, stride 2. Our own kernels take the maxima before the ReLU, which is the same
 * function and gradient (both are monotone) with a quarter of the work.
 */
export class Stem implements Layer {
  readonly name = 'stem';
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly ModelBuffer[];
  private readonly kernels: Kernels;
  private readonly convolution: NormalisedConvolution;
  private readonly pool: MaxPool | null;

  constructor(kernels: Kernels, convolution: NormalisedConvolution, pool: MaxPool | null) {
    this.kernels = kernels;
    this.convolution = convolution;
    this.pool = pool;
    this.parameters = convolution.parameters;
    this.buffers = convolution.buffers;
  }

  forward(x: Tensor, pass: Pass): Tensor {
    const { convolution, pool } = this;
    const { direct } = this.kernels;
    if (pool && direct && this.poolsAtOnce(pass)) {
      const normalised = convolution.trainWithoutRelu(x, pass) as Tensor4D;
      const { maximum, index } = direct.poolRelu(normalised);
      pass.keep(this, [maximum.clone(), index], normalised.shape);
      normalised.dispose();
      return maximum;
    }
    if (!direct || !this.isFused(pass)) {
      const result = convolution.forward(x, pass);
      return pool ? pool.forward(result, pass) : result;
    }
    const { folded } = convolution;
    let result: Tensor;
    let index: Tensor | null = null;
    if (pool) {
      const convolved = folded.convolve(x as Tensor4D);
      const pooled = direct.poolRelu(convolved);
      convolved.dispose();
      result = pooled.maximum;
      index = pooled.index;
    } else {
      result = folded.convolve(x as Tensor4D, { relu: true });
    }
    if (pass.backward) pass.keep(this, [result.clone(), ...(index ? [index] : [])], x.shape);
    else index?.dispose();
    x.dispose();
    return result;
  }

  backward(signal: Tensor, pass: Pass, inputWanted: boolean): Tensor | null {
    const { convolution, pool } = this;
    if (pool && this.poolsAtOnce(pass)) {
      return convolution.backward(this.unpool(signal, pass), pass, inputWanted);
    }
    if (!this.isFused(pass)) {
      const unpooled = pool ? pool.backward(signal, pass) : signal;
      return convolution.backward(unpooled, pass, inputWanted);
    }
    const { tensors, shape } = pass.take(this);
    const [output, index = null] = tensors;
    if (!output) throw new RangeError('the stem kept no output');
    const behind = { output: output as Tensor4D, index, guided: isGuided('relu', pass.gate) };
    const result = inputWanted
      ? convolution.folded.stemGradient(signal as Tensor4D, behind, shape)
      : null;
    for (const tensor of [...tensors, signal]) tensor.dispose();
    return result;
  }

  dispose(): void {
    this.convolution.dispose();
  }

  /** Whether a training pass takes the maxima before the ReLU, too. */
  private poolsAtOnce(pass: Pass): boolean {
    return pass.purpose === 'training' && this.kernels.training !== null;
  }

  /** From behind the ReLU and the maxima in training to before them. */
  private unpool(signal: Tensor, pass: Pass): Tensor {
    const { kernels } = this;
    const { tensors, shape } = pass.take(this);
    const [maximum, index] = tensors;
    if (!maximum || !index || !kernels.training) throw new RangeError('the stem kept nothing');
    const [, height = 0, width = 0] = shape;
    const gated = kernels.reluGradient(signal as Tensor4D, maximum);
    const result = kernels.training.unpool(gated, index, height, width);
    for (const tensor of [...tensors, signal, gated]) tensor.dispose();
    return result;
  }

  private isFused(pass: Pass): boolean {
    return pass.purpose !== 'training' && this.convolution.folded.isStem;
  }
}

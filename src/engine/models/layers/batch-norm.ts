import type { Kernels } from '../../runtime/kernels';
import type { Tensor, Tensor1D, Tensor4D } from '../../runtime/tensorflow';
import { BatchCount, RunningStatistic } from '../buffer';
import { Parameter, plainLayout } from '../parameter';
import type { Layer, Pass } from './layer';

/** PyTorch's defaults. */
export const batchNormEpsilon = 1e-5;
const momentum = 0.1;

/**
 * Batch normalisation of x [B, H, W, C] per channel (Ioffe and Szegedy 2015), as PyTorch's
 * BatchNorm2d: in training by the batch's own mean and variance, which also move the running ones
 * (momentum 0.1, the variance with Bessel's correction); otherwise by the running ones, and then it
 * is x times a factor plus a shift. A training batch of one value per channel, which PyTorch
 * refuses, has no variance and leaves the running statistics as they are.
 */
export class BatchNorm implements Layer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly [RunningStatistic, RunningStatistic, BatchCount];
  private readonly scale: Parameter;
  private readonly offset: Parameter;
  private readonly mean: RunningStatistic;
  private readonly variance: RunningStatistic;
  private readonly batches: BatchCount;
  private readonly kernels: Kernels;

  constructor(kernels: Kernels, name: string, channels: number) {
    this.kernels = kernels;
    this.name = name;
    const parameter = (kind: string, value: number) =>
      new Parameter(kernels, {
        ...plainLayout(`${name}.${kind}`, [channels], 1),
        initialisation: { kind: 'constant', value },
      });
    this.scale = parameter('weight', 1);
    this.offset = parameter('bias', 0);
    const statistic = (kind: string, initial: number, least: number) =>
      new RunningStatistic(kernels, `${name}.${kind}`, channels, { initial, least });
    this.mean = statistic('running_mean', 0, -Infinity);
    this.variance = statistic('running_var', 1, 0);
    this.batches = new BatchCount(`${name}.num_batches_tracked`);
    this.parameters = [this.scale, this.offset];
    this.buffers = [this.mean, this.variance, this.batches];
  }

  /** Moves with everything that the affine form depends on. */
  get version(): number {
    return [this.scale, this.offset, this.mean, this.variance].reduce(
      (sum, { version }) => sum + version,
      0,
    );
  }

  /** The layer outside training, x times factor plus shift: both [C], the caller's. */
  affine(): { factor: Tensor1D; shift: Tensor1D } {
    const { tf } = this.kernels.operations;
    const { scale, offset, mean, variance } = this;
    return tf.tidy(() => {
      const deviation = tf.sqrt(tf.add(variance.value, batchNormEpsilon));
      const factor = tf.div(scale.value, deviation) as Tensor1D;
      return { factor, shift: tf.sub(offset.value, tf.mul(mean.value, factor)) as Tensor1D };
    });
  }

  forward(x: Tensor, pass: Pass): Tensor {
    if (pass.purpose === 'training') return this.normalise(x as Tensor4D, pass);
    const { kernels } = this;
    const { factor, shift } = this.affine();
    const scaled = kernels.multiply(x, factor);
    const result = kernels.biasAdd(scaled, shift);
    for (const tensor of [x, factor, shift, scaled]) tensor.dispose();
    return result;
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    const { kernels } = this;
    if (pass.purpose !== 'training') {
      const { factor, shift } = this.affine();
      const result = kernels.multiply(signal, factor);
      for (const tensor of [signal, factor, shift]) tensor.dispose();
      return result;
    }
    const { tensors } = pass.take(this);
    const gradient = kernels.batchNormGradient(tensors, signal as Tensor4D, batchNormEpsilon);
    pass.gradients.set(this.scale, gradient.scale);
    pass.gradients.set(this.offset, gradient.offset);
    for (const tensor of [...tensors, signal]) tensor.dispose();
    return gradient.input;
  }

  private normalise(x: Tensor4D, pass: Pass): Tensor {
    const { kernels, scale, offset, mean, variance } = this;
    const result = kernels.batchNorm(
      x,
      {
        scale: scale.value as Tensor1D,
        offset: offset.value as Tensor1D,
        running: { mean: mean.value, variance: variance.value, momentum },
      },
      batchNormEpsilon,
    );
    const single = x.size === x.shape[3];
    x.dispose();
    pass.keep(this, result.saved);
    if (single) {
      result.mean.dispose();
      result.variance.dispose();
    } else {
      mean.replace(result.mean);
      variance.replace(result.variance);
    }
    this.batches.increase();
    return result.output;
  }
}

import type { Kernels } from '../../runtime/kernels';
import type { BatchNormParameters } from '../../runtime/normalisation';
import type { Tensor, Tensor1D, Tensor4D } from '../../runtime/tensorflow';
import { BatchCount, RunningStatistic } from '../buffer';
import { Parameter, plainLayout } from '../parameter';
import type { Kept, Layer, Pass } from './layer';

/** PyTorch's defaults. */
const batchNormEpsilon = 1e-5;
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
    if (pass.purpose === 'training') return this.train(x, pass, { relu: false, addend: null });
    const { kernels } = this;
    const { factor, shift } = this.affine();
    const scaled = kernels.multiply(x, factor);
    const result = kernels.biasAdd(scaled, shift);
    for (const tensor of [x, factor, shift, scaled]) tensor.dispose();
    return result;
  }

  backward(signal: Tensor, pass: Pass): Tensor {
    if (pass.purpose === 'training') return this.trainBackward(signal, pass, false).input;
    const { kernels } = this;
    const { factor, shift } = this.affine();
    const result = kernels.multiply(signal, factor);
    for (const tensor of [signal, factor, shift]) tensor.dispose();
    return result;
  }

  /** Normalise by the batch's own statistics, add the addend and take the ReLU, where asked for. */
  train(x: Tensor, pass: Pass, ending: { relu: boolean; addend: Tensor | null }): Tensor {
    const { kernels, mean, variance } = this;
    const parameters = {
      scale: this.scale.value as Tensor1D,
      offset: this.offset.value as Tensor1D,
      running: { mean: mean.value, variance: variance.value, momentum },
    };
    this.batches.increase();
    const { training } = kernels;
    if (!training?.fits(x)) return this.trainInSteps(x as Tensor4D, parameters, pass, ending);
    const settings = { epsilon: batchNormEpsilon, momentum, ...ending };
    const result = training.batchNorm(x as Tensor4D, parameters, settings);
    ending.addend?.dispose();
    const output = ending.relu ? [result.output.clone()] : [];
    pass.keep(this, [x, result.mean, result.inverse, ...output]);
    mean.replace(result.running.mean);
    variance.replace(result.running.variance);
    return result.output;
  }

  /** Backward of `train`; with `split` also the signal behind the ReLU, the addend's. */
  trainBackward(
    signal: Tensor,
    pass: Pass,
    split: boolean,
  ): { input: Tensor; through: Tensor | null } {
    const { training } = this.kernels;
    const kept = pass.take(this);
    const { tensors } = kept;
    const [x, mean, inverse, output = null] = tensors;
    if (!x || !mean || !inverse) throw new RangeError(`${this.name} kept nothing`);
    if (!training?.fits(x)) return this.backwardInSteps(signal, kept, pass, split);
    const scale = this.scale.value as Tensor1D;
    const saved = { output, scale, mean: mean as Tensor1D, inverse: inverse as Tensor1D };
    const result = training.batchNormGradient(x as Tensor4D, signal as Tensor4D, saved, split);
    pass.gradients.set(this.scale, result.scale);
    pass.gradients.set(this.offset, result.offset);
    for (const tensor of [...tensors, signal]) tensor.dispose();
    return result;
  }

  /** By TensorFlow's kernels: on a GPU, and where a channel has a single value. */
  private trainInSteps(
    x: Tensor4D,
    parameters: BatchNormParameters,
    pass: Pass,
    { relu, addend }: { relu: boolean; addend: Tensor | null },
  ): Tensor {
    const { kernels, mean, variance } = this;
    const result = kernels.batchNorm(x, parameters, batchNormEpsilon);
    let output: Tensor = result.output;
    const step = (next: Tensor) => {
      output.dispose();
      output = next;
    };
    if (addend) {
      step(kernels.add(output, addend));
      addend.dispose();
    }
    if (relu) step(kernels.relu(output));
    pass.keep(this, relu ? [...result.saved, output.clone()] : result.saved, [result.saved.length]);
    if (x.size === x.shape[3]) {
      result.mean.dispose();
      result.variance.dispose();
    } else {
      mean.replace(result.mean);
      variance.replace(result.variance);
    }
    x.dispose();
    return output;
  }

  private backwardInSteps(
    signal: Tensor,
    { tensors, shape: [count = 0] }: Kept,
    pass: Pass,
    split: boolean,
  ): { input: Tensor; through: Tensor | null } {
    const { kernels } = this;
    const output = tensors[count];
    const through = output ? kernels.reluGradient(signal, output) : signal.clone();
    const saved = tensors.slice(0, count);
    const gradient = kernels.batchNormGradient(saved, through as Tensor4D, batchNormEpsilon);
    pass.gradients.set(this.scale, gradient.scale);
    pass.gradients.set(this.offset, gradient.offset);
    for (const tensor of [...tensors, signal]) tensor.dispose();
    if (!split) through.dispose();
    return { input: gradient.input, through: split ? through : null };
  }
}

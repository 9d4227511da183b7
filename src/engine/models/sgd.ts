import type { Kernels } from '../runtime/kernels';
import type { Attribute, Tensor } from '../runtime/tensorflow';
import type { TrainingKernels } from '../runtime/training';
import { Moments } from './moments';
import type { OptimiserState, TrainingOptimiser } from './optimiser';
import type { Parameter } from './parameter';
import type { Rates } from './schedule';

export interface SgdOptions {
  learningRate: number;
  /** In [0, 1); default 0. */
  momentum?: number;
  /** Share of the parameter that is added to its gradient, every parameter's; default 0. */
  weightDecay?: number;
  /** Step by the gradient plus momentum times the average; default false. */
  nesterov?: boolean;
}

/**
 * Stochastic gradient descent in PyTorch's order: g += decay * p; v = momentum * v + g, v being 0 at
 * first; p -= lr * v, or p -= lr * (g + momentum * v) with Nesterov's rule.
 */
export class Sgd implements TrainingOptimiser {
  readonly kind = 'sgd';
  private readonly kernels: Kernels;
  private readonly parameters: readonly Parameter[];
  private readonly options: Required<SgdOptions>;
  private readonly attributes: Attribute[];
  private readonly moments: Moments<'momentum_buffer'>;
  private step = 0;

  constructor(kernels: Kernels, parameters: readonly Parameter[], options: SgdOptions) {
    this.kernels = kernels;
    this.parameters = parameters;
    this.options = { momentum: 0, weightDecay: 0, nesterov: false, ...options };
    this.attributes = kernels.operations.attributes({
      T: { type: 'float32' },
      use_locking: { bool: false },
      use_nesterov: { bool: this.options.nesterov },
    });
    this.moments = new Moments(kernels, ['momentum_buffer'], parameters);
  }

  set({ learningRate, momentum }: Rates): void {
    this.options.learningRate = learningRate;
    if (momentum !== undefined) this.options.momentum = momentum;
  }

  apply(gradients: ReadonlyMap<Parameter, Tensor>): void {
    this.step += 1;
    const { operations, training } = this.kernels;
    const { tf } = operations;
    tf.tidy(() => {
      for (const parameter of this.parameters) {
        const gradient = gradients.get(parameter);
        if (!gradient) throw new RangeError(`no gradient of ${parameter.name}`);
        if (training) this.stepAtOnce(training, parameter, gradient);
        else this.stepByTensorFlow(parameter, gradient);
      }
    });
  }

  async read(): Promise<OptimiserState> {
    return { kind: this.kind, step: this.step, moments: await this.moments.read() };
  }

  write({ step, moments }: OptimiserState): void {
    this.moments.write(moments);
    this.step = step;
  }

  dispose(): void {
    this.moments.dispose();
  }

  private stepAtOnce(training: TrainingKernels, parameter: Parameter, gradient: Tensor): void {
    const { tf } = this.kernels.operations;
    const { learningRate, momentum, weightDecay, nesterov } = this.options;
    const average = this.moments.of('momentum_buffer', parameter);
    const settings = tf.tensor1d([learningRate, momentum, weightDecay]);
    const present = average.read();
    const next = training.momentum(parameter.value, present, gradient, settings, nesterov);
    parameter.adopt(next.parameter);
    average.adopt(next.average);
    for (const tensor of [settings, present, next.average]) tensor.dispose();
  }

  private stepByTensorFlow(parameter: Parameter, gradient: Tensor): void {
    const { operations } = this.kernels;
    const { tf } = operations;
    const rate = tf.scalar(this.options.learningRate);
    const momentum = tf.scalar(this.options.momentum);
    const decayed = this.decayed(parameter, gradient);
    const average = this.moments.of('momentum_buffer', parameter);
    parameter.update((handle) => {
      const inputs = [handle, average.handle, rate, decayed, momentum];
      operations.runMany('ResourceApplyMomentum', this.attributes, inputs, 0);
    });
    for (const tensor of [rate, momentum, decayed]) tensor.dispose();
  }

  /** The gradient plus the decay's share of the parameter: a tensor of its own. */
  private decayed(parameter: Parameter, gradient: Tensor): Tensor {
    const { kernels } = this;
    const { weightDecay } = this.options;
    if (weightDecay === 0) return gradient.clone();
    const share = kernels.scale(parameter.value, weightDecay);
    const result = kernels.add(gradient, share);
    share.dispose();
    return result;
  }
}

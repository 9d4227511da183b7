import type { Kernels } from '../runtime/kernels';
import type { Tensor } from '../runtime/tensorflow';
import type { TrainingKernels } from '../runtime/training';
import { MomentOptimiser, type Update } from './moment-optimiser';
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
export class Sgd extends MomentOptimiser<'momentum_buffer'> {
  readonly kind = 'sgd';
  private readonly options: Required<SgdOptions>;

  constructor(kernels: Kernels, parameters: readonly Parameter[], options: SgdOptions) {
    super(kernels, parameters, {
      moments: ['momentum_buffer'],
      nesterov: options.nesterov ?? false,
    });
    this.options = { momentum: 0, weightDecay: 0, nesterov: false, ...options };
  }

  set({ learningRate, momentum }: Rates): void {
    this.options.learningRate = learningRate;
    if (momentum !== undefined) this.options.momentum = momentum;
  }

  protected update(): Update {
    const { training } = this.kernels;
    return (parameter, gradient) => {
      if (training) this.stepAtOnce(training, parameter, gradient);
      else this.stepByTensorFlow(parameter, gradient);
    };
  }

  private stepAtOnce(training: TrainingKernels, parameter: Parameter, gradient: Tensor): void {
    const { tf } = this.kernels.operations;
    const { learningRate, momentum, weightDecay, nesterov } = this.options;
    const average = this.moments.of('momentum_buffer', parameter);
    const settings = tf.tensor1d([learningRate, momentum, weightDecay]);
    const present = average.read();
    parameter.move((value) => training.momentum(value, present, gradient, settings, nesterov));
    settings.dispose();
    present.dispose();
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

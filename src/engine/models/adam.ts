import type { Kernels } from '../runtime/kernels';
import { MomentOptimiser, type Update } from './moment-optimiser';
import type { Parameter } from './parameter';
import type { Rates } from './schedule';

export interface AdamOptions {
  learningRate: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

/**
 * Adam (Kingma and Ba 2015) with PyTorch's formula and defaults:
 * p -= lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps).
 * TensorFlow's fused kernel computes p -= lr' * m / (sqrt(v) + eps') when its powers of b1 and b2
 * are 0, so lr' = lr * sqrt(1 - b2^t) / (1 - b1^t) and eps' = eps * sqrt(1 - b2^t) make the two the
 * same, with the corrections in double precision as PyTorch has them.
 */
export class Adam extends MomentOptimiser<'exp_avg' | 'exp_avg_sq'> {
  readonly kind = 'adam';
  private readonly options: Required<AdamOptions>;

  constructor(kernels: Kernels, parameters: readonly Parameter[], options: AdamOptions) {
    super(kernels, parameters, { moments: ['exp_avg', 'exp_avg_sq'], nesterov: false });
    this.options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ...options };
  }

  set({ learningRate, momentum }: Rates): void {
    this.options.learningRate = learningRate;
    if (momentum !== undefined) this.options.beta1 = momentum;
  }

  protected update(): Update {
    const { learningRate, beta1, beta2, epsilon } = this.options;
    const { operations } = this.kernels;
    const correction = Math.sqrt(1 - beta2 ** this.step);
    const rate = (learningRate * correction) / (1 - beta1 ** this.step);
    const scalars = [0, 0, rate, beta1, beta2, epsilon * correction].map((value) =>
      operations.tf.scalar(value),
    );
    return (parameter, gradient) => {
      const mean = this.moments.of('exp_avg', parameter);
      const square = this.moments.of('exp_avg_sq', parameter);
      parameter.update((handle) => {
        const inputs = [handle, mean.handle, square.handle, ...scalars, gradient];
        operations.runMany('ResourceApplyAdam', this.attributes, inputs, 0);
      });
    };
  }
}

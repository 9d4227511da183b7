import type { Kernels } from '../runtime/kernels';
import type { Attribute, Tensor } from '../runtime/tensorflow';
import { Moments } from './moments';
import type { OptimiserState, TrainingOptimiser } from './optimiser';
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
export class Adam implements TrainingOptimiser {
  readonly kind = 'adam';
  private readonly kernels: Kernels;
  private readonly parameters: readonly Parameter[];
  private readonly options: Required<AdamOptions>;
  private readonly attributes: Attribute[];
  private readonly moments: Moments<'exp_avg' | 'exp_avg_sq'>;
  private step = 0;

  constructor(kernels: Kernels, parameters: readonly Parameter[], options: AdamOptions) {
    this.kernels = kernels;
    this.parameters = parameters;
    this.options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ...options };
    this.attributes = kernels.operations.attributes({
      T: { type: 'float32' },
      use_locking: { bool: false },
      use_nesterov: { bool: false },
    });
    this.moments = new Moments(kernels, ['exp_avg', 'exp_avg_sq'], parameters);
  }

  set({ learningRate, momentum }: Rates): void {
    this.options.learningRate = learningRate;
    if (momentum !== undefined) this.options.beta1 = momentum;
  }

  apply(gradients: ReadonlyMap<Parameter, Tensor>): void {
    this.step += 1;
    const { learningRate, beta1, beta2, epsilon } = this.options;
    const { operations } = this.kernels;
    const { tf } = operations;
    const correction = Math.sqrt(1 - beta2 ** this.step);
    const rate = (learningRate * correction) / (1 - beta1 ** this.step);
    tf.tidy(() => {
      const scalars = [0, 0, rate, beta1, beta2, epsilon * correction].map((value) =>
        tf.scalar(value),
      );
      for (const parameter of this.parameters) {
        const gradient = gradients.get(parameter);
        if (!gradient) throw new RangeError(`no gradient of ${parameter.name}`);
        const mean = this.moments.of('exp_avg', parameter);
        const square = this.moments.of('exp_avg_sq', parameter);
        parameter.update((handle) => {
          const inputs = [handle, mean.handle, square.handle, ...scalars, gradient];
          operations.runMany('ResourceApplyAdam', this.attributes, inputs, 0);
        });
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
}

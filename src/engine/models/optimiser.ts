import type { Kernels } from '../runtime/kernels';
import type { Attribute, Tensor } from '../runtime/tensorflow';
import { Variable } from '../runtime/variable';
import type { Optimiser } from './model';
import { fromTorch, type Parameter, toTorch } from './parameter';

export interface AdamOptions {
  learningRate: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

/** The moments of Adam, in PyTorch's layouts and names, and the steps taken. */
export interface AdamState {
  step: number;
  /** `exp_avg.<parameter>` and `exp_avg_sq.<parameter>`. */
  moments: ReadonlyMap<string, Float32Array>;
}

/**
 * Adam (Kingma and Ba 2015) with PyTorch's formula and defaults:
 * p -= lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps).
 * TensorFlow's fused kernel computes p -= lr' * m / (sqrt(v) + eps') when its powers of b1 and b2
 * are 0, so lr' = lr * sqrt(1 - b2^t) / (1 - b1^t) and eps' = eps * sqrt(1 - b2^t) make the two the
 * same, with the corrections in double precision as PyTorch has them.
 */
export class Adam implements Optimiser {
  private readonly kernels: Kernels;
  private readonly options: Required<AdamOptions>;
  private readonly attributes: Attribute[];
  private readonly slots: readonly { parameter: Parameter; mean: Variable; square: Variable }[];
  private step = 0;

  constructor(kernels: Kernels, parameters: readonly Parameter[], options: AdamOptions) {
    this.kernels = kernels;
    this.options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ...options };
    const { operations } = kernels;
    this.attributes = operations.attributes({
      T: { type: 'float32' },
      use_locking: { bool: false },
      use_nesterov: { bool: false },
    });
    this.slots = parameters.map((parameter) => ({
      parameter,
      mean: this.zeros(parameter),
      square: this.zeros(parameter),
    }));
  }

  private zeros(parameter: Parameter): Variable {
    const zeros = this.kernels.operations.tf.zeros([...parameter.layout.shape]);
    const variable = new Variable(this.kernels, zeros);
    zeros.dispose();
    return variable;
  }

  /** Update the parameters by their gradients. */
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
      for (const { parameter, mean, square } of this.slots) {
        const gradient = gradients.get(parameter);
        if (!gradient) throw new RangeError(`no gradient of ${parameter.name}`);
        parameter.update((handle) => {
          const inputs = [handle, mean.handle, square.handle, ...scalars, gradient];
          operations.runMany('ResourceApplyAdam', this.attributes, inputs, 0);
        });
      }
    });
  }

  /** Copy the state out, for a checkpoint. */
  async read(): Promise<AdamState> {
    const moments = new Map<string, Float32Array>();
    for (const { parameter, mean, square } of this.slots) {
      const { layout, name } = parameter;
      for (const [kind, variable] of [
        ['exp_avg', mean],
        ['exp_avg_sq', square],
      ] as const) {
        const tensor = variable.read();
        const values = (await tensor.data()) as Float32Array;
        tensor.dispose();
        moments.set(`${kind}.${name}`, toTorch(layout, values));
      }
    }
    return { step: this.step, moments };
  }

  /** Go on from a checkpoint's state. */
  write(state: AdamState): void {
    const { tf } = this.kernels.operations;
    for (const { parameter, mean, square } of this.slots) {
      const { layout, name } = parameter;
      for (const [kind, variable] of [
        ['exp_avg', mean],
        ['exp_avg_sq', square],
      ] as const) {
        const values = state.moments.get(`${kind}.${name}`);
        if (!values) throw new RangeError(`the optimiser's state lacks ${kind}.${name}`);
        const tensor = tf.tensor(fromTorch(layout, values), [...layout.shape], 'float32');
        variable.assign(tensor);
        tensor.dispose();
      }
    }
    this.step = state.step;
  }

  dispose(): void {
    for (const { mean, square } of this.slots) {
      mean.dispose();
      square.dispose();
    }
  }
}

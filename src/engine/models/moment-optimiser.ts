import type { Kernels } from '../runtime/kernels';
import type { Attribute, Tensor } from '../runtime/tensorflow';
import { Moments } from './moments';
import type { OptimiserState, TrainingOptimiser } from './optimiser';
import type { Parameter } from './parameter';
import type { Rates } from './schedule';

/** Moves one parameter by its gradient. */
export type Update = (parameter: Parameter, gradient: Tensor) => void;

/** What optimisers share that keep moments of every parameter: steps, and the state of a checkpoint. */
export abstract class MomentOptimiser<Moment extends string> implements TrainingOptimiser {
  abstract readonly kind: TrainingOptimiser['kind'];
  protected readonly kernels: Kernels;
  /** Of TensorFlow's own step. */
  protected readonly attributes: Attribute[];
  protected readonly moments: Moments<Moment>;
  protected step = 0;
  private readonly parameters: readonly Parameter[];

  constructor(
    kernels: Kernels,
    parameters: readonly Parameter[],
    options: { readonly moments: readonly Moment[]; readonly nesterov: boolean },
  ) {
    this.kernels = kernels;
    this.parameters = parameters;
    this.attributes = kernels.operations.attributes({
      T: { type: 'float32' },
      use_locking: { bool: false },
      use_nesterov: { bool: options.nesterov },
    });
    this.moments = new Moments(kernels, options.moments, parameters);
  }

  abstract set(rates: Rates): void;

  /** The update of every parameter in step `this.step`; its tensors are freed after the step. */
  protected abstract update(): Update;

  apply(gradients: ReadonlyMap<Parameter, Tensor>): void {
    this.step += 1;
    this.kernels.operations.tf.tidy(() => {
      const update = this.update();
      for (const parameter of this.parameters) {
        const gradient = gradients.get(parameter);
        if (!gradient) throw new RangeError(`no gradient of ${parameter.name}`);
        update(parameter, gradient);
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

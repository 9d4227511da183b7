import type { Architecture } from '../../shared/catalogue/datasets';
import type { Kernels } from '../runtime/kernels';
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '../runtime/tensorflow';
import type { ModelBuffer } from './buffer';
import { type Layer, Pass } from './layers/layer';
import type {
  InputGradient,
  InputGradientOptions,
  InputNormalisation,
  Model,
  TrainStepOptions,
} from './model';
import type { Parameter } from './parameter';
import { scoreGradient } from './score-gradient';

export interface NetworkDefinition {
  architecture: Architecture;
  inputShape: readonly [number, number, number];
  classes: number;
  layers: readonly Layer[];
}

/** A model that is a chain of layers. */
export class Network implements Model {
  readonly architecture: Architecture;
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
  readonly input: InputNormalisation;
  private readonly layers: readonly Layer[];
  private readonly kernels: Kernels;

  constructor(kernels: Kernels, definition: NetworkDefinition, input: InputNormalisation) {
    this.kernels = kernels;
    this.architecture = definition.architecture;
    this.inputShape = definition.inputShape;
    this.classes = definition.classes;
    this.layers = definition.layers;
    this.input = input;
  }

  parameters(): readonly Parameter[] {
    return this.layers.flatMap((layer) => layer.parameters);
  }

  buffers(): readonly ModelBuffer[] {
    return this.layers.flatMap((layer) => layer.buffers ?? []);
  }

  logits(x: Tensor4D): Tensor2D {
    return this.tidy(() => this.forward(x, new Pass('scores')));
  }

  inputGradient(x: Tensor4D, targets: Tensor1D, options: InputGradientOptions): InputGradient {
    return this.tidy(() => {
      const pass = new Pass('input-gradient', { gate: options.gate });
      const last = this.layers.at(-1);
      const features = this.through(this.layers.slice(0, -1), x, pass);
      const sums = options.score === 'logit' ? null : (last?.sums?.(features) ?? null);
      const logits = (last?.forward(features, pass) ?? features) as Tensor2D;
      const { scores, signal } = scoreGradient(this.kernels, logits, targets, options.score, sums);
      const gradient = this.backward(signal, pass, true);
      if (!gradient) throw new RangeError('the network gave no input gradient');
      return { gradient: gradient as Tensor4D, scores, logits };
    });
  }

  trainStep(
    x: Tensor4D,
    labels: Tensor1D,
    options: TrainStepOptions,
  ): { loss: Scalar; correct: Scalar } {
    const { tf } = this.kernels.operations;
    return this.tidy(() => {
      const { seed, step } = options;
      const pass = new Pass('training', { randomness: { seed, step } });
      const logits = this.forward(x, pass);
      const { loss, gradient } = this.kernels.crossEntropy(logits, labels);
      const correct = tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32')) as Scalar;
      const signal = tf.mul(gradient, 1 / (x.shape[0] || 1));
      this.backward(signal, pass, false);
      options.optimiser.apply(pass.gradients);
      return { loss: tf.mean(loss) as Scalar, correct };
    });
  }

  dispose(): void {
    for (const state of [...this.parameters(), ...this.buffers()]) state.dispose();
    for (const layer of this.layers) layer.dispose?.();
  }

  private tidy<T extends Tensor | object>(work: () => T): T {
    return this.kernels.operations.tf.tidy(work as () => never) as T;
  }

  private forward(x: Tensor4D, pass: Pass): Tensor2D {
    return this.through(this.layers, x, pass) as Tensor2D;
  }

  private through(layers: readonly Layer[], x: Tensor4D, pass: Pass): Tensor {
    // Layers consume their argument; the caller's tensor stays the caller's.
    let current: Tensor = x.clone();
    for (const layer of layers) current = layer.forward(current, pass);
    return current;
  }

  /** Walk back. The first layers' inputs are wanted only where somebody asks for their gradient. */
  private backward(signal: Tensor, pass: Pass, inputWanted: boolean): Tensor | null {
    let current: Tensor | null = signal;
    const first = this.layers.findIndex((layer) => layer.parameters.length > 0);
    for (let index = this.layers.length - 1; index >= 0; index -= 1) {
      const layer = this.layers[index];
      if (!layer || !current) break;
      current = layer.backward(current, pass, inputWanted || index > first);
    }
    return current;
  }
}

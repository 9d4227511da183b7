import type { BatchPlan } from '../../shared/catalogue/network';
import { refuse } from '../../shared/errors';
import type { Kernels } from '../runtime/kernels';
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '../runtime/tensorflow';
import type { ModelBuffer } from './buffer';
import { type Layer, Pass } from './layers/layer';
import { Sequential } from './layers/sequential';
import type {
  InputGradient,
  InputGradientOptions,
  InputNormalisation,
  LayerGradient,
  Model,
  ScoreKind,
  TrainStepOptions,
} from './model';
import type { OutputClasses } from './output-classes';
import type { Parameter } from './parameter';
import { scoreGradient } from './score-gradient';

export interface NetworkDefinition {
  architecture: string;
  inputShape: readonly [number, number, number];
  classes: number;
  /** From the input to the logits. */
  layers: readonly Layer[];
  /** The same function of the same parameters by faster kernels; default: the layers themselves. */
  fast?: readonly Layer[];
  /** Default: 128 to train, 150 for gradients and scores. */
  batches?: BatchPlan;
  /** Default false. */
  statesSize?: boolean;
  /** Default none. */
  featureLayers?: readonly string[];
  /** Default: its dataset's classes, in order. */
  outputs?: OutputClasses | null;
}

const usualBatches: BatchPlan = { train: 128, gradient: 150, forward: 150 };

/** A model that is a chain of layers. */
export class Network implements Model {
  readonly architecture: string;
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
  readonly input: InputNormalisation;
  readonly outputs: OutputClasses | null;
  readonly batches: BatchPlan;
  readonly statesSize: boolean;
  readonly featureLayers: readonly string[];
  private readonly plain: Sequential;
  private readonly fast: Sequential;
  private readonly kernels: Kernels;

  constructor(kernels: Kernels, definition: NetworkDefinition, input: InputNormalisation) {
    const { architecture, inputShape, classes, layers, fast = layers } = definition;
    this.kernels = kernels;
    this.architecture = architecture;
    this.inputShape = inputShape;
    this.classes = classes;
    this.batches = definition.batches ?? usualBatches;
    this.statesSize = definition.statesSize ?? false;
    this.featureLayers = definition.featureLayers ?? [];
    this.plain = new Sequential('network', layers);
    this.fast = new Sequential('network', fast);
    this.input = input;
    this.outputs = definition.outputs ?? null;
  }

  parameters(): readonly Parameter[] {
    return this.plain.parameters;
  }

  lastParameters(): readonly Parameter[] {
    return this.last(this.plain).parameters;
  }

  buffers(): readonly ModelBuffer[] {
    return this.plain.buffers;
  }

  logits(x: Tensor4D): Tensor2D {
    return this.tidy(() => forward(this.fast, x, new Pass('scores')));
  }

  inputGradient(x: Tensor4D, targets: Tensor1D, options: InputGradientOptions): InputGradient {
    return this.tidy(() => {
      const pass = new Pass('input-gradient', { gate: options.gate });
      const { signal, ...scored } = this.score(this.fast, x, targets, options.score, pass);
      const gradient = this.fast.backward(signal, pass, true);
      if (!gradient) throw new RangeError('the network gave no input gradient');
      return { gradient: gradient as Tensor4D, ...scored };
    });
  }

  activationsAndGradients(
    x: Tensor4D,
    targets: Tensor1D,
    layer: string,
    options: InputGradientOptions = { score: 'logit', gate: 'none' },
  ): LayerGradient {
    const names = namesOf(this.plain.inner);
    if (!names.includes(layer)) {
      throw refuse('layer', layer, `a layer of ${this.architecture}: ${names.join(', ')}`);
    }
    return this.tidy(() => {
      const pass = new Pass('input-gradient', { gate: options.gate, tapped: layer });
      const { signal, ...scored } = this.score(this.plain, x, targets, options.score, pass);
      this.plain.backward(signal, pass, true);
      return { ...pass.read(), ...scored };
    });
  }

  trainStep(
    x: Tensor4D,
    labels: Tensor1D,
    options: TrainStepOptions,
  ): { loss: Scalar; correct: Scalar } {
    const { tf } = this.kernels.operations;
    return this.tidy(() => {
      const { seed, step, layers } = options;
      const pass = new Pass('training', { randomness: { seed, step } });
      const { features, trained } = layers === 'last' ? this.beforeLast(x) : this.whole(x);
      const logits = trained.forward(features, pass) as Tensor2D;
      const { loss, gradient } = this.kernels.crossEntropy(logits, labels);
      const correct = tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32')) as Scalar;
      const signal = tf.mul(gradient, 1 / (x.shape[0] || 1));
      trained.backward(signal, pass, false);
      options.optimiser.apply(pass.gradients);
      return { loss: tf.mean(loss) as Scalar, correct };
    });
  }

  dispose(): void {
    for (const state of [...this.parameters(), ...this.buffers()]) state.dispose();
    const layers = new Set([...this.plain.inner, ...this.fast.inner]);
    for (const layer of layers) layer.dispose?.();
  }

  /** Forward to the logits, and the targets' scores with the signal that they send back. */
  private score(
    { inner }: Sequential,
    x: Tensor4D,
    targets: Tensor1D,
    kind: ScoreKind,
    pass: Pass,
  ): { logits: Tensor2D; scores: Tensor1D; signal: Tensor2D } {
    const last = this.last({ inner });
    const features = forward(new Sequential('features', inner.slice(0, -1)), x, pass);
    const sums = kind === 'logit' ? null : (last.sums?.(features) ?? null);
    const logits = pass.forwardThrough(last, features) as Tensor2D;
    return { logits, ...scoreGradient(this.kernels, logits, targets, kind, sums) };
  }

  private last({ inner }: Pick<Sequential, 'inner'>): Layer {
    const last = inner.at(-1);
    if (!last) throw new RangeError(`${this.architecture} has no layers`);
    return last;
  }

  /** What training goes through: all layers from the input on. */
  private whole(x: Tensor4D): { features: Tensor; trained: Layer } {
    return { features: x.clone(), trained: this.fast };
  }

  /** The last layer alone, from what the others give outside training. */
  private beforeLast(x: Tensor4D): { features: Tensor; trained: Layer } {
    const before = new Sequential('features', this.fast.inner.slice(0, -1));
    return { features: forward(before, x, new Pass('scores')), trained: this.last(this.fast) };
  }

  private tidy<T extends Tensor | object>(work: () => T): T {
    return this.kernels.operations.tf.tidy(work as () => never) as T;
  }
}

/** Layers consume their argument; the caller's tensor stays the caller's. */
function forward(layers: Sequential, x: Tensor, pass: Pass): Tensor2D {
  return layers.forward(x.clone(), pass) as Tensor2D;
}

/** Names of layers and of those within them. */
function namesOf(layers: readonly Layer[]): string[] {
  return layers.flatMap((layer) => [layer.name, ...namesOf(layer.inner ?? [])]);
}

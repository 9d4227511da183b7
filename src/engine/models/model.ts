import type { BatchPlan } from '../../shared/catalogue/network';
import type { Init } from '../../shared/catalogue/training';
import type { MapParameters } from '../../shared/catalogue/parameters';
import type { Sight } from '../../shared/model-input';
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '../runtime/tensorflow';
import type { ModelBuffer } from './buffer';
import type { OutputClasses } from './output-classes';
import type { Parameter } from './parameter';

/** What an input gradient is the gradient of. */
export type ScoreKind = MapParameters['score'];
/** Guided backpropagation's gate (Eq. 4), or none for the plain gradient (Eq. 1). */
export type Gate = 'none' | MapParameters['guidedGate'];

/**
 * Normalisation per channel: model input = (pixel in [0, 1] - mean) / std, of what the model sees of an
 * image.
 */
export interface InputNormalisation extends Sight {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export interface InputGradientOptions {
  score: ScoreKind;
  /**
   * `all-activations`: at every SELU and ReLU the backward signal R becomes
   * (f > 0)(R > 0) R times the activation's slope (Eq. 4); `relu-only`: at ReLUs alone, so that on
   * a SELU network it is the plain gradient.
   */
  gate: Gate;
}

export interface InputGradient {
  /** d score / d x, [B, H, W, C]. */
  gradient: Tensor4D;
  /** The scores [B] themselves. */
  scores: Tensor1D;
  /** [B, K]. */
  logits: Tensor2D;
}

export interface LayerGradient {
  /** What the layer gave, such as [B, h, w, c]. */
  activations: Tensor;
  /** d score / d activations, of the same shape. */
  gradients: Tensor;
  /** The scores [B]. */
  scores: Tensor1D;
  /** [B, K]. */
  logits: Tensor2D;
}

/** Changes the parameters by their gradients. */
export interface Optimiser {
  apply(gradients: ReadonlyMap<Parameter, Tensor>): void;
}

export interface TrainStepOptions {
  optimiser: Optimiser;
  /** Seed of the step's dropout masks; the layers add their own names. */
  seed: number;
  step: number;
  /** `last`: what is before the last layer is as it is outside training, and stays. Default all. */
  layers?: Init['layers'] | undefined;
}

/** A classifier: an explicit forward and an explicit reverse pass over TensorFlow's kernels. */
export interface Model {
  /** The network, by its id. */
  readonly architecture: string;
  /** Physical batch sizes. */
  readonly batches: BatchPlan;
  /** Whether its weights leave open how large the images are, so that their file says it. */
  readonly statesSize: boolean;
  /** Layers whose activations [B, h, w, c] keep places, from the input on. */
  readonly featureLayers: readonly string[];
  /** Height, width, channels. */
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
  readonly input: InputNormalisation;
  /** What its outputs stand for; null: the classes of its dataset, in order. */
  readonly outputs: OutputClasses | null;
  /** Scores before softmax, [B, K], of x [B, H, W, C] in the model's input space. */
  logits(x: Tensor4D): Tensor2D;
  /** Gradient of the score of `targets` (int32 [B]) by x [B, H, W, C]. No dropout. */
  inputGradient(x: Tensor4D, targets: Tensor1D, options: InputGradientOptions): InputGradient;
  /**
   * Activations of one layer, by its name, and the gradient of the score of `targets` by them. No
   * dropout. Default: of the logit, with no gate. The caller disposes all four tensors.
   *
   * By the layers as the network defines them: where layers of our own kernels stand in their place,
   * scores may differ from those of `inputGradient` in their last digits.
   *
   * @throws StudioError `invalid-input` for a name that is none of the layers'
   */
  activationsAndGradients(
    x: Tensor4D,
    targets: Tensor1D,
    layer: string,
    options?: InputGradientOptions,
  ): LayerGradient;
  /** One step of the mean cross-entropy of x and labels (int32 [B]): its loss and hits, scalars. */
  trainStep(
    x: Tensor4D,
    labels: Tensor1D,
    options: TrainStepOptions,
  ): { loss: Scalar; correct: Scalar };
  /** Named parameters in PyTorch's order. */
  parameters(): readonly Parameter[];
  /** Those of the last layer. */
  lastParameters(): readonly Parameter[];
  /** Named state that is no parameter, such as running statistics. */
  buffers(): readonly ModelBuffer[];
  dispose(): void;
}

import { type MapParameters } from '../../shared/catalogue/parameters';
import { type Tensor, type Tensor1D, type Tensor2D, type Tensor4D } from '../runtime/tensorflow';

/** Height, width, channels of one image. */
export type ImageShape = readonly [number, number, number];

/** Which backward signals an activation lets through: all of them, or Eq. 4's. */
export type Gate = 'none' | MapParameters['guidedGate'];

export interface GradientOptions {
  readonly score: MapParameters['score'];
  readonly gate: Gate;
}

/** What saliency needs of a model. */
export interface DifferentiableModel {
  readonly inputShape: ImageShape;
  readonly classes: number;
  /** Pixels p in [0, 1] enter the model as (p - mean) / std, per channel. */
  readonly input: { readonly mean: readonly number[]; readonly std: readonly number[] };
  /** Logits [B, classes] of images [B, H, W, C] in the model's input space. */
  logits(x: Tensor4D): Tensor2D;
  /**
   * The gradient [B, H, W, C] by the input of one class's score per image, with the scores [B] and
   * the logits [B, classes]. `targets` int32 [B]. The caller disposes all three.
   */
  inputGradient(
    x: Tensor4D,
    targets: Tensor1D,
    options: GradientOptions,
  ): { gradient: Tensor4D; scores: Tensor1D; logits: Tensor2D };
  /** Layers whose activations [B, h, w, c] keep places, from the input on. */
  readonly featureLayers: readonly string[];
  /**
   * What a layer gives, by its name, and the gradient by it of one class's score per image, with the
   * scores [B] and the logits [B, classes]. Default: the logit's, with no gate. The caller disposes
   * all four.
   *
   * @throws StudioError `invalid-input` for a name that is none of the layers'
   */
  activationsAndGradients(
    x: Tensor4D,
    targets: Tensor1D,
    layer: string,
    options?: GradientOptions,
  ): { activations: Tensor; gradients: Tensor; scores: Tensor1D; logits: Tensor2D };
}

/** Values of one image. */
export function sizeOf(shape: ImageShape): number {
  return shape[0] * shape[1] * shape[2];
}

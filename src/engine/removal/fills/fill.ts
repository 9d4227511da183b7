import { type ImageShape } from '../../saliency/model';
import { type Split } from '../mask';

export interface FillContext {
  readonly shape: ImageShape;
  readonly seed: number;
  readonly split: Split;
  /** Index of the image in its split. */
  readonly image: number;
  /** Mean of each channel over the training split, [0, 1]; needed by `dataset-mean`. */
  readonly datasetMean: readonly number[] | undefined;
}

/**
 * What removed pixels become: one value per channel [C], or a value for every location [H, W, C].
 *
 * @param pixels the original image [H, W, C] in [0, 1]
 */
export type FillOperator = (pixels: Float32Array, context: FillContext) => Float32Array;

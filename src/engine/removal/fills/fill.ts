import { type ImageShape } from '../../saliency/model';
import { type Mask, type Split } from '../mask';

export interface FillContext {
  readonly shape: ImageShape;
  readonly seed: number;
  readonly split: Split;
  /** Index of the image in its split. */
  readonly image: number;
  /** Mean of each channel over the training split, [0, 1]; needed by `dataset-mean`. */
  readonly datasetMean: readonly number[] | undefined;
  /** The locations that will be replaced: what a fill may not look at, if it says so. */
  readonly mask: Mask;
}

/**
 * What removed pixels become: one value per channel [C], or a value for every location [H, W, C], of
 * which only those at removed locations count.
 *
 * @param pixels the original image [H, W, C] in [0, 1]
 */
export type FillOperator = (pixels: Float32Array, context: FillContext) => Float32Array;

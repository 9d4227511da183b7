import { type Fill } from '../../shared/catalogue/training';
import { valueAt } from '../../shared/checked-reads';
import { removedCount } from '../../shared/levels';
import { type Prepare } from '../models/inputs';
import { type ImageShape, sizeOf } from '../saliency/model';
import { maskBytes, rankedMask, type Split } from './mask';
import { fillRemoved } from './replace';
import { type PixelOrders } from '../../shared/pixel-orders';

/** The chosen images of one split and which of their pixels are removed. */
export interface RankedImages {
  /** Index in its split of each chosen image, [N]. */
  readonly indices: ArrayLike<number>;
  /** Their masks, a bit per pixel, [N, ceil(H * W / 8)]. */
  readonly masks: Uint8Array;
}

/**
 * Masks of a whole file of orders.
 *
 * @param orders [N, H * W], the most important pixel first
 * @param level share of the pixels removed
 * @param keep remove the last of each order instead of the first
 * @returns [N, ceil(H * W / 8)]
 */
export function rankedMasks(
  orders: PixelOrders,
  pixels: number,
  level: number,
  keep: boolean,
): Uint8Array {
  const removed = removedCount(level, pixels);
  const bytes = maskBytes(pixels);
  const count = orders.length / pixels;
  const masks = new Uint8Array(count * bytes);
  for (let image = 0; image < count; image += 1) {
    const order = orders.subarray(image * pixels, (image + 1) * pixels);
    masks.set(rankedMask(order, removed, keep), image * bytes);
  }
  return masks;
}

export interface RankedRemovalOptions {
  readonly shape: ImageShape;
  /** Share of the pixels that the masks remove. */
  readonly level: number;
  readonly fill: Fill;
  readonly seed: number;
  readonly images: Readonly<Record<Split, RankedImages>>;
  /** Mean of each channel over the training split, needed by `dataset-mean`. */
  readonly datasetMean?: readonly number[] | undefined;
}

/**
 * Removal by each image's own order, as training wants it (Hooker et al. 2019, arXiv 1806.10758):
 * the same pixels in every epoch, in training and validation images alike. Images are counted by
 * their place among the chosen ones; fills are drawn for their index in the split.
 */
export function rankedRemoval(options: RankedRemovalOptions): Prepare {
  const { shape, level, fill, seed, datasetMean, images } = options;
  const size = sizeOf(shape);
  const bytes = maskBytes(shape[0] * shape[1]);
  return (batch, places, { split }) => {
    const { indices, masks } = images[split];
    places.forEach((place, position) => {
      const mask = masks.subarray(place * bytes, (place + 1) * bytes);
      const target = batch.subarray(position * size, (position + 1) * size);
      const image = valueAt(indices, place);
      fillRemoved(target, fill, { shape, seed, split, image, datasetMean, mask, level });
    });
  };
}

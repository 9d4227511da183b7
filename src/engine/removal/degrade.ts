import { type Fill } from '../../shared/catalogue/training';
import { valueAt } from '../../shared/checked-reads';
import { refuse } from '../../shared/errors';
import { type ImageStore } from '../datasets/image-store';
import { type Images, imageOf } from '../saliency/input-space';
import { type ImageShape, sizeOf } from '../saliency/model';
import { removedCount } from '../../shared/levels';
import { topMask } from './mask';
import { pixelOrder, tiedShare, tieOrder } from './order';
import { fillRemoved } from './replace';

export interface DegradeRequest {
  /** Original images of the validation split, [N, H, W, C], bytes or float32 in [0, 1]. */
  readonly images: Images;
  readonly shape: ImageShape;
  /** Index of each image in its split. */
  readonly indices: ArrayLike<number>;
  /** One value per pixel, [N, H * W] (see `reduceChannels`). */
  readonly maps: Float32Array;
  /** Whose maps they are, for refusals. */
  readonly method?: string | undefined;
  /** Share of locations removed, from 0 to 1. */
  readonly level: number;
  readonly fill: Fill;
  readonly seed: number;
  /** Mean of each channel over the training split, needed by `dataset-mean`. */
  readonly datasetMean?: readonly number[] | undefined;
}

/**
 * Remove each image's top pixels by its own map: exactly round-half-up(t H W) locations, nested in
 * t, ties by (seed, 'ties', image).
 *
 * @returns images float32 [N, H, W, C] in [0, 1]; tied float32 [N], the share of the removed pixels
 *   that ties decided
 * @throws StudioError `invalid-input` where a map holds NaN, a fill is not finite or the sizes do not
 *   fit
 */
export function degradeByMaps(request: DegradeRequest): {
  images: Float32Array;
  tied: Float32Array;
} {
  const { shape, indices, maps, method, level, fill, seed, datasetMean } = request;
  const count = indices.length;
  const size = sizeOf(shape);
  const pixels = shape[0] * shape[1];
  if (maps.length !== count * pixels) {
    throw refuse('maps.length', maps.length, `${count * pixels}: a value for every pixel`);
  }
  const removed = removedCount(level, pixels);
  const images = new Float32Array(count * size);
  const tied = new Float32Array(count);
  for (let position = 0; position < count; position += 1) {
    const image = valueAt(indices, position);
    const values = maps.subarray(position * pixels, (position + 1) * pixels);
    const name = `${method === undefined ? '' : `${method}’s `}map of image ${image}`;
    const order = pixelOrder(values, tieOrder(seed, image, pixels), name);
    const target = images.subarray(position * size, (position + 1) * size);
    target.set(imageOf(request.images, shape, position));
    const mask = topMask(order, removed);
    const context = { shape, seed, split: 'validation', image, datasetMean, mask } as const;
    fillRemoved(target, fill, { ...context, level });
    tied[position] = tiedShare(values, order, removed);
  }
  return { images, tied };
}

/**
 * Mean of each channel over images [N, H, W, C]: bytes, float32 in [0, 1], or a store, which is
 * read image by image; the means in [0, 1]. Sums of bytes are exact.
 */
export function channelMeans(images: Images | ImageStore, channels: number): number[] {
  const sums = new Float64Array(channels);
  const add = (values: Images) => {
    for (let i = 0; i < values.length; i += channels) {
      for (let c = 0; c < channels; c += 1)
        sums[c] = (sums[c] as number) + (values[i + c] as number);
    }
  };
  const scale = images instanceof Float32Array ? 1 : 255;
  let values: number;
  if (images instanceof Uint8Array || images instanceof Float32Array) {
    values = images.length;
    add(images);
  } else {
    values = images.count * images.imageBytes;
    const image = new Uint8Array(images.imageBytes);
    for (let index = 0; index < images.count; index += 1) {
      images.read(index, image, 0);
      add(image);
    }
  }
  return Array.from(sums, (sum) => sum / scale / (values / channels));
}

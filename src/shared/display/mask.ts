import { type NdArray } from '../arrays';
import { valueAt } from '../checked-reads';
import { unpackMask } from '../dataset-masks';
import { cropStart, type Looked, resizedSides } from '../model-input';
import { imageSize } from './slice';

/** The mask of an image of a dataset. */
export interface ImageMask {
  /** [ceil(H * W / 8)] bytes, a bit a pixel. */
  readonly bits: Uint8Array;
  /** Of the dataset's images. */
  readonly height: number;
  readonly width: number;
}

/** What is left of the light outside the object. */
const share = 0.25;

/**
 * An image whose surroundings of the object are dark, the object itself as it is.
 *
 * @param image [H, W, C]; what a model sees of the dataset's image, where a sight is given
 * @param looked its sight: of a mask each pixel is the nearest of the dataset's
 */
export function shownInMask(
  image: NdArray,
  mask: ImageMask,
  looked: Looked | null = null,
): NdArray {
  const { height, width, channels } = imageSize(image);
  const inside = unpackMask(mask.bits, mask.height * mask.width);
  const [high, wide] = resizedSides([mask.height, mask.width], looked?.resize);
  const rows = nearest(height, cropStart(high, height), mask.height / high);
  const columns = nearest(width, cropStart(wide, width), mask.width / wide);
  const data = image.data.slice();
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (valueAt(inside, valueAt(rows, y) * mask.width + valueAt(columns, x)) === 1) continue;
      for (let c = 0; c < channels; c += 1) {
        const at = (y * width + x) * channels + c;
        data[at] = valueAt(data, at) * share;
      }
    }
  }
  return { shape: image.shape, data };
}

/** Of each of `count` pixels from `start` on, the one of an image `scale` times as large that is nearest. */
const nearest = (count: number, start: number, scale: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.floor((i + start + 0.5) * scale));

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

/**
 * The same of an image that shows all of the dataset's image, as large or smaller: a pixel is the darker
 * the more of what it stands for lies outside the object.
 *
 * @param image [H, W, C]
 */
export function wholeInMask(image: NdArray, mask: ImageMask): NdArray {
  const { height, width, channels } = imageSize(image);
  const data = image.data.slice();
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const inside = insideShare(mask, {
        left: Math.floor((x * mask.width) / width),
        right: Math.ceil(((x + 1) * mask.width) / width),
        top: Math.floor((y * mask.height) / height),
        bottom: Math.ceil(((y + 1) * mask.height) / height),
      });
      const light = share + (1 - share) * inside;
      for (let c = 0; c < channels; c += 1) {
        const at = (y * width + x) * channels + c;
        data[at] = valueAt(data, at) * light;
      }
    }
  }
  return { shape: image.shape, data };
}

/** How much of a part of a mask is inside the object, 0 to 1. */
function insideShare(
  { bits, width }: ImageMask,
  part: { left: number; right: number; top: number; bottom: number },
): number {
  let inside = 0;
  for (let y = part.top; y < part.bottom; y += 1) {
    for (let x = part.left; x < part.right; x += 1) {
      const pixel = y * width + x;
      inside += (valueAt(bits, pixel >> 3) >> (7 - (pixel & 7))) & 1;
    }
  }
  return inside / ((part.right - part.left) * (part.bottom - part.top));
}

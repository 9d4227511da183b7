import { type NdArray } from '../arrays';
import { valueAt } from '../checked-reads';
import { unpackMask } from '../dataset-masks';
import { cropStart } from '../model-input';
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
 * @param image [H, W, C]; the middle of the dataset's image where a model sees no more of it
 */
export function shownInMask(image: NdArray, mask: ImageMask): NdArray {
  const { height, width, channels } = imageSize(image);
  const inside = unpackMask(mask.bits, mask.height * mask.width);
  const [top, left] = [cropStart(mask.height, height), cropStart(mask.width, width)];
  const data = image.data.slice();
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (valueAt(inside, (y + top) * mask.width + x + left) === 1) continue;
      for (let c = 0; c < channels; c += 1) {
        const at = (y * width + x) * channels + c;
        data[at] = valueAt(data, at) * share;
      }
    }
  }
  return { shape: image.shape, data };
}

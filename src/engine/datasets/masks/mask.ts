import { maskBytes } from '../../../shared/dataset-masks';
import { type FitTo } from '../images/fit-to';
import { UnreadableImage } from '../images/decode';
import { fitOfSides } from '../images/fit';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The object of an image, as it is seen: turned by its EXIF orientation. */
export interface Mask {
  /** Whether the middle of a pixel of that image lies in the object. */
  readonly inside: (x: number, y: number) => boolean;
  /** Where it holds a file. */
  readonly close?: () => Promise<void>;
}

/**
 * A mask at the side of its dataset, in the place where its image's pixels went: each pixel is that of the
 * image in whose area its middle lies (Pillow's NEAREST). Beside a padded image nothing is inside.
 *
 * @param size of the image, upright
 * @returns [ceil(side * side / 8)] bytes, row by row, and how many pixels are inside
 */
export function fittedMask(
  { inside }: Mask,
  size: Size,
  { fit, size: side }: Pick<FitTo, 'fit' | 'size'>,
): { readonly bits: Uint8Array; readonly count: number } {
  const bits = new Uint8Array(maskBytes(side * side));
  const { whole, left, top } = fitOfSides(size, side, fit);
  let count = 0;
  for (let y = 0; y < side; y += 1) {
    const row = nearest(y + top, size.height, whole.height);
    for (let x = 0; row !== null && x < side; x += 1) {
      const column = nearest(x + left, size.width, whole.width);
      if (column === null || !inside(column, row)) continue;
      const pixel = y * side + x;
      bits[pixel >> 3] = (bits[pixel >> 3] as number) | (0x80 >> (pixel & 7));
      count += 1;
    }
  }
  return { bits, count };
}

/**
 * Refuse a mask that was made for an image of another size.
 *
 * @throws UnreadableImage
 */
export function requireSize(own: Size, image: Size): void {
  if (own.width === image.width && own.height === image.height) return;
  const [its, images] = [own, image].map(({ width, height }) => `${width} × ${height}`);
  throw new UnreadableImage(`it is of ${its} pixels, and its image of ${images}, as it is seen`);
}

/** Of `output` pixels, the one of `input` in which the middle of number `at` lies; null beside them. */
function nearest(at: number, input: number, output: number): number | null {
  if (at < 0 || at >= output) return null;
  return Math.min(input - 1, Math.floor(((at + 0.5) * input) / output));
}

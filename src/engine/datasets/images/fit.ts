import { type OwnImages } from '../../../shared/catalogue/own-images';
import { type FitTo } from './fit-to';
import { type ImageRows, type Pixels, plainPixels, rowsOf } from './pixels';
import { resizeBilinear } from './resize';

/** Python's round of a number that ends in .0 or .5: halves go to the even number. */
const halfToEven = (value: number): number =>
  value % 1 === 0.5 ? Math.trunc(value / 2 + 0.5) * 2 : Math.round(value);

/** As torchvision's CenterCrop has it. */
const margin = (whole: number, part: number): number => halfToEven((whole - part) / 2);

const byRows = (image: Pixels | ImageRows): ImageRows => ('rows' in image ? image : rowsOf(image));

interface Sides {
  readonly width: number;
  readonly height: number;
}

/** How large a whole image becomes, and where in it the square that is kept begins. */
export interface FittedSides {
  readonly whole: Sides;
  /** Below 0: so many pixels of the square lie before the image. */
  readonly left: number;
  readonly top: number;
}

/** The shorter side becomes `short`, the longer one trunc(short * long / shorter), and the middle is kept. */
function croppedSides({ width, height }: Sides, short: number, side: number): FittedSides {
  const whole =
    width <= height
      ? { width: short, height: Math.trunc((short * height) / width) }
      : { width: Math.trunc((short * width) / height), height: short };
  return { whole, left: margin(whole.width, side), top: margin(whole.height, side) };
}

/** The longer side becomes `side`, and the image stands in the middle. */
function paddedSides({ width, height }: Sides, side: number): FittedSides {
  const shorter = (a: number, b: number) => Math.max(1, Math.trunc((side * a) / b));
  const whole =
    width >= height
      ? { width: side, height: shorter(height, width) }
      : { width: shorter(width, height), height: side };
  return { whole, left: -margin(side, whole.width), top: -margin(side, whole.height) };
}

const sides: Readonly<Record<OwnImages['fit'], (image: Sides, side: number) => FittedSides>> = {
  crop: (image, side) => croppedSides(image, side, side),
  stretch: (_, side) => ({ whole: { width: side, height: side }, left: 0, top: 0 }),
  pad: paddedSides,
};

/** Where an image of this size goes in a square of `side` pixels. */
export const fitOfSides = (image: Sides, side: number, fit: OwnImages['fit']): FittedSides =>
  sides[fit](image, side);

/**
 * torchvision's Resize(short) and CenterCrop(side), in one go.
 *
 * @param side at most `short`
 */
export function cropped(given: Pixels | ImageRows, short: number, side: number): Pixels {
  const image = byRows(given);
  return placed(image, croppedSides(image, short, side), side);
}

/** An image as a square of it, black where it does not reach. */
function placed(image: ImageRows, { whole, left, top }: FittedSides, side: number): Pixels {
  if (left >= 0 && top >= 0) {
    return resizeBilinear(image, whole, { left, top, width: side, height: side });
  }
  const { channels } = image;
  const inner = resizeBilinear(image, whole, { left: 0, top: 0, ...whole });
  const data = new Uint8Array(side * side * channels);
  const row = whole.width * channels;
  for (let y = 0; y < whole.height; y += 1) {
    data.set(inner.data.subarray(y * row, (y + 1) * row), ((y - top) * side - left) * channels);
  }
  return plainPixels({ data, width: side, height: side, channels });
}

/** An image of any size as a square: bytes [size, size, C]. */
export function fitted(
  image: Pixels | ImageRows,
  { fit, size }: Pick<FitTo, 'fit' | 'size'>,
): Uint8Array {
  const rows = byRows(image);
  return placed(rows, fitOfSides(rows, size, fit), size).data;
}

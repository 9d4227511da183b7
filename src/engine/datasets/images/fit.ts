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

/**
 * torchvision's Resize(short) and CenterCrop(side), in one go: the shorter side becomes `short`, the
 * longer one trunc(short * long / shorter), and the middle is kept.
 *
 * @param side at most `short`
 */
export function cropped(given: Pixels | ImageRows, short: number, side: number): Pixels {
  const image = byRows(given);
  const { width, height } = image;
  const size =
    width <= height
      ? { width: short, height: Math.trunc((short * height) / width) }
      : { width: Math.trunc((short * width) / height), height: short };
  const [left, top] = [margin(size.width, side), margin(size.height, side)];
  return resizeBilinear(image, size, { left, top, width: side, height: side });
}

/** The whole image as `side` by `side` pixels, whatever its proportions. */
function stretched(image: ImageRows, side: number): Pixels {
  const size = { width: side, height: side };
  return resizeBilinear(image, size, { left: 0, top: 0, ...size });
}

/** The whole image in the middle of a black square: its longer side becomes `side`. */
function padded(image: ImageRows, side: number): Pixels {
  const { width, height, channels } = image;
  const shorter = (a: number, b: number) => Math.max(1, Math.trunc((side * a) / b));
  const size =
    width >= height
      ? { width: side, height: shorter(height, width) }
      : { width: shorter(width, height), height: side };
  const inner = resizeBilinear(image, size, { left: 0, top: 0, ...size });
  const data = new Uint8Array(side * side * channels);
  const [left, top] = [margin(side, size.width), margin(side, size.height)];
  const row = size.width * channels;
  for (let y = 0; y < size.height; y += 1) {
    data.set(inner.data.subarray(y * row, (y + 1) * row), ((top + y) * side + left) * channels);
  }
  return plainPixels({ data, width: side, height: side, channels });
}

const ways: Readonly<Record<OwnImages['fit'], (image: ImageRows, side: number) => Pixels>> = {
  crop: (image, side) => cropped(image, side, side),
  stretch: stretched,
  pad: padded,
};

/** An image of any size as a square: bytes [size, size, C]. */
export function fitted(
  image: Pixels | ImageRows,
  { fit, size }: Pick<FitTo, 'fit' | 'size'>,
): Uint8Array {
  return ways[fit](byRows(image), size).data;
}

import { type Pixels, plainPixels } from './pixels';

/** A part of an image, in pixels. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Bits of a weight after the point: sums of 255 times weights that add up to 1 keep within 31. */
const precision = 22;

/** Where each output pixel looks, and how much of each input pixel it takes. */
interface Taps {
  /** The first input pixel of each output pixel. */
  readonly first: Int32Array;
  /** How many there are. */
  readonly count: Int32Array;
  /** `most` weights an output pixel, in units of 2^-22. */
  readonly weights: Int32Array;
  readonly most: number;
}

/**
 * A window of an image resized as Pillow's `resize(..., BILINEAR)` does it, to the bit: a triangle as
 * wide as two steps of the coarser grid, its weights normalised and rounded to 22 bits; rows first,
 * then columns, with bytes between the two. torchvision's `Resize` is the same.
 *
 * @param size of the whole result; the window lies in it
 */
export function resizeBilinear(
  image: Pixels,
  size: { readonly width: number; readonly height: number },
  window: Window,
): Pixels {
  const { channels } = image;
  const down = tapsOf(image.height, size.height, window.top, window.height);
  // Rows that no output row looks at are left out.
  const top = down.first[0] as number;
  const last = window.height - 1;
  const bottom = (down.first[last] as number) + (down.count[last] as number);
  const across = tapsOf(image.width, size.width, window.left, window.width);
  const narrow = sumAcross(image, across, top, bottom, window.width);
  const data = sumDown(narrow, down, top, window.width * channels, window.height);
  return plainPixels({ data, width: window.width, height: window.height, channels });
}

/** Of `count` output pixels from `start` on, of `output` in all (Pillow's precompute_coeffs). */
function tapsOf(input: number, output: number, start: number, count: number): Taps {
  const scale = input / output;
  const reach = Math.max(scale, 1);
  const most = Math.ceil(reach) * 2 + 1;
  const taps: Taps = {
    first: new Int32Array(count),
    count: new Int32Array(count),
    weights: new Int32Array(count * most),
    most,
  };
  const exact = new Float64Array(most);
  for (let i = 0; i < count; i += 1) {
    const centre = (start + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(input, Math.trunc(centre + reach + 0.5));
    let sum = 0;
    for (let k = 0; k < end - first; k += 1) {
      const away = Math.abs((k + first - centre + 0.5) * (1 / reach));
      exact[k] = Math.max(0, 1 - away);
      sum += exact[k] as number;
    }
    for (let k = 0; k < end - first; k += 1) {
      const weight = sum === 0 ? (exact[k] as number) : (exact[k] as number) / sum;
      taps.weights[i * most + k] = Math.trunc(0.5 + weight * 2 ** precision);
    }
    taps.first[i] = first;
    taps.count[i] = end - first;
  }
  return taps;
}

const half = 2 ** (precision - 1);

/** Rows `top` to `bottom`, each made narrower or wider: bytes [rows, width, C]. */
function sumAcross(
  { data, channels, start, right, down }: Pixels,
  { first, count, weights, most }: Taps,
  top: number,
  bottom: number,
  width: number,
): Uint8ClampedArray {
  const result = new Uint8ClampedArray((bottom - top) * width * channels);
  let to = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const taps = count[x] as number;
      let at = start + y * down + (first[x] as number) * right;
      const weight = x * most;
      if (channels === 3) {
        let [r, g, b] = [half, half, half];
        for (let k = 0; k < taps; k += 1) {
          const w = weights[weight + k] as number;
          r += (data[at] as number) * w;
          g += (data[at + 1] as number) * w;
          b += (data[at + 2] as number) * w;
          at += right;
        }
        result[to] = r >> precision;
        result[to + 1] = g >> precision;
        result[to + 2] = b >> precision;
      } else {
        let sum = half;
        for (let k = 0; k < taps; k += 1, at += right) {
          sum += (data[at] as number) * (weights[weight + k] as number);
        }
        result[to] = sum >> precision;
      }
      to += channels;
    }
  }
  return result;
}

/** Columns of rows that begin at row `top`: bytes [height, row]. */
function sumDown(
  rows: Uint8ClampedArray,
  { first, count, weights, most }: Taps,
  top: number,
  row: number,
  height: number,
): Uint8Array {
  const result = new Uint8ClampedArray(height * row);
  const sums = new Int32Array(row);
  for (let y = 0; y < height; y += 1) {
    sums.fill(half);
    for (let k = 0; k < (count[y] as number); k += 1) {
      const w = weights[y * most + k] as number;
      const at = ((first[y] as number) + k - top) * row;
      for (let i = 0; i < row; i += 1) {
        sums[i] = (sums[i] as number) + (rows[at + i] as number) * w;
      }
    }
    for (let i = 0; i < row; i += 1) result[y * row + i] = (sums[i] as number) >> precision;
  }
  return new Uint8Array(result.buffer);
}

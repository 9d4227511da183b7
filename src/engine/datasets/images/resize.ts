import { type ImageRows, type Pixels, plainPixels } from './pixels';

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
 * then columns, with bytes between the two. torchvision's `Resize` is the same. Its rows are looked at
 * one by one from the top down, so that memory grows with the result alone.
 *
 * @param size of the whole result; the window lies in it
 */
export function resizeBilinear(
  image: ImageRows,
  size: { readonly width: number; readonly height: number },
  window: Window,
): Pixels {
  const { channels } = image;
  const { width, height } = window;
  const across = tapsOf(image.width, size.width, window.left, width);
  const down = tapsOf(image.height, size.height, window.top, height);
  const columns = new Columns(down, width * channels, height);
  const narrow = new Uint8ClampedArray(width * channels);
  // Rows that no output row looks at are left out.
  const last = down.first[height - 1] as number;
  const end = last + (down.count[height - 1] as number);
  for (let y = down.first[0] as number; y < end;) {
    const rows = image.rows(y, end);
    for (let i = 0; i < rows.height; i += 1) {
      sumAcross(rows, i, across, narrow);
      columns.add(y + i, narrow);
    }
    y += rows.height;
  }
  return plainPixels({ data: columns.finish(), width, height, channels });
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

/** A row, made narrower or wider: bytes [width, C] into `into`. */
function sumAcross(
  { data, channels, start, right, down }: Pixels,
  row: number,
  { first, count, weights, most }: Taps,
  into: Uint8ClampedArray,
): void {
  const begin = start + row * down;
  const width = into.length / channels;
  let to = 0;
  for (let x = 0; x < width; x += 1) {
    const taps = count[x] as number;
    let at = begin + (first[x] as number) * right;
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
      into[to] = r >> precision;
      into[to + 1] = g >> precision;
      into[to + 2] = b >> precision;
    } else {
      let sum = half;
      for (let k = 0; k < taps; k += 1, at += right) {
        sum += (data[at] as number) * (weights[weight + k] as number);
      }
      into[to] = sum >> precision;
    }
    to += channels;
  }
}

/** Sums down the columns of rows that come one by one, of those output rows alone that are under way. */
class Columns {
  readonly #taps: Taps;
  readonly #row: number;
  readonly #height: number;
  readonly #result: Uint8ClampedArray;
  /** Of output row i, at i modulo how many there are. */
  readonly #sums: readonly Int32Array[];
  /** Output rows before it are done. */
  #open = 0;
  /** Output rows from it on have not begun. */
  #begun = 0;

  /** @param row bytes of a row */
  constructor(taps: Taps, row: number, height: number) {
    this.#taps = taps;
    this.#row = row;
    this.#height = height;
    this.#result = new Uint8ClampedArray(height * row);
    this.#sums = Array.from({ length: together(taps, height) }, () => new Int32Array(row));
  }

  /** @param y the row's number in the image, each the next of the last */
  add(y: number, narrow: Uint8ClampedArray): void {
    const { first, weights, most } = this.#taps;
    while (this.#begun < this.#height && (first[this.#begun] as number) <= y) {
      this.#sumsOf(this.#begun).fill(half);
      this.#begun += 1;
    }
    for (let i = this.#open; i < this.#begun; i += 1) {
      const k = y - (first[i] as number);
      const w = weights[i * most + k] as number;
      const sums = this.#sumsOf(i);
      for (let at = 0; at < sums.length; at += 1) {
        sums[at] = (sums[at] as number) + (narrow[at] as number) * w;
      }
    }
    while (this.#open < this.#begun && y + 1 >= endOf(this.#taps, this.#open)) {
      const sums = this.#sumsOf(this.#open);
      const to = this.#open * this.#row;
      for (let at = 0; at < sums.length; at += 1) {
        this.#result[to + at] = (sums[at] as number) >> precision;
      }
      this.#open += 1;
    }
  }

  /** Bytes [height, row]. */
  finish(): Uint8Array {
    return new Uint8Array(this.#result.buffer);
  }

  #sumsOf(i: number): Int32Array {
    return this.#sums[i % this.#sums.length] as Int32Array;
  }
}

/** The row behind the last that an output row looks at. */
const endOf = ({ first, count }: Taps, i: number): number =>
  (first[i] as number) + (count[i] as number);

/** How many output rows look at one row at most. */
function together(taps: Taps, height: number): number {
  let [most, open] = [1, 0];
  for (let i = 0; i < height; i += 1) {
    while (endOf(taps, open) <= (taps.first[i] as number)) open += 1;
    most = Math.max(most, i - open + 1);
  }
  return most;
}

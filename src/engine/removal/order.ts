import { StudioError } from '../../shared/errors';
import { deriveSeed } from '../../shared/seeds';
import { permutation } from '../runtime/permutation';
import { type Split } from './mask';

/** Locations of one image, the first to be removed first. */
export type PixelOrder = Uint16Array | Uint32Array;

/** Ranks of ties fit into the bits that a double leaves beside a float32: 2048 x 1024 pixels. */
const rankSpan = 2 ** 21;

/**
 * The order in which an image's equal pixels are taken: one permutation per (seed, 'ties', image),
 * shared by all methods and levels, and drawn for nothing else (the random map has its own seed);
 * 'train-ties' for the training split, whose images have indices of their own.
 *
 * @param image index in its split
 * @returns locations, first to last
 */
export function tieOrder(
  seed: number,
  image: number,
  pixels: number,
  split: Split = 'validation',
): Int32Array {
  return permutation(pixels, deriveSeed(seed, split === 'train' ? 'train-ties' : 'ties', image));
}

/**
 * Pixel locations by decreasing value, equal values (-0 and 0 too) in the order of `ties`.
 *
 * @param values one value per pixel, after the reduction over channels; infinities are ranked
 * @param ties from `tieOrder`
 * @param name what the map is called in the refusal of NaN
 * @returns uint16 for up to 65,536 pixels, else uint32
 * @throws StudioError `invalid-input` where a value is NaN: it has no rank
 */
export function pixelOrder(values: Float32Array, ties: Int32Array, name = 'map'): PixelOrder {
  const pixels = values.length;
  if (pixels > rankSpan) throw new RangeError(`${pixels} pixels are more than ${rankSpan}`);
  const bits = new Int32Array(values.buffer, values.byteOffset, pixels);
  // Key and tie rank in one exact double each: sorting numbers needs no comparison function.
  const keys = new Float64Array(pixels);
  for (let rank = 0; rank < pixels; rank += 1) {
    const pixel = ties[rank] as number;
    const value = values[pixel] as number;
    if (Number.isNaN(value)) throw notANumber(name, pixel);
    keys[rank] = descending(value === 0 ? 0 : (bits[pixel] as number)) * rankSpan + rank;
  }
  keys.sort();
  const order = pixels <= 65_536 ? new Uint16Array(pixels) : new Uint32Array(pixels);
  for (let place = 0; place < pixels; place += 1) {
    order[place] = ties[(keys[place] as number) % rankSpan] as number;
  }
  return order;
}

/** A float32's bits as an unsigned integer that falls where the value rises. */
function descending(bits: number): number {
  return bits < 0 ? bits >>> 0 : 0x7fffffff - bits;
}

function notANumber(name: string, pixel: number): StudioError {
  return new StudioError({
    code: 'invalid-input',
    message: `${name} has no number (NaN) at pixel ${pixel}, so its pixels have no order; make the map again or choose other parameters.`,
    field: name,
    value: 'NaN',
    accepted: 'numbers at every pixel',
  });
}

/**
 * The share of the removed pixels that ties decided: of the `count` removed ones those whose value
 * equals the value at the cut, where not all pixels of that value are removed; 0 with a clear cut.
 */
export function tiedShare(values: Float32Array, order: PixelOrder, count: number): number {
  if (count === 0 || count >= order.length) return 0;
  const at = (rank: number) => values[order[rank] as number];
  const cut = at(count - 1);
  if (at(count) !== cut) return 0;
  let tied = 0;
  while (tied < count && at(count - 1 - tied) === cut) tied += 1;
  return tied / count;
}

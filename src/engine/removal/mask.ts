import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { deriveSeed } from '../../shared/seeds';
import { generator } from '../runtime/permutation';
import { canonicalLevel, removedCount } from '../../shared/levels';

/** The removed pixel locations of one image: bit p of byte p >> 3 stands for location p. */
export type Mask = Uint8Array;

export type Split = 'train' | 'validation';

export function maskBytes(pixels: number): number {
  return Math.ceil(pixels / 8);
}

export function isRemoved(mask: Mask, pixel: number): boolean {
  return ((mask[pixel >> 3] as number) & (1 << (pixel & 7))) !== 0;
}

/** The mask of the first `count` locations of an order: nested in `count`. */
export function topMask(order: ArrayLike<number>, count: number): Mask {
  return rankedMask(order, count, false);
}

/**
 * The mask of the `count` locations that an order removes: its first ones, or its last ones where
 * the top pixels are kept (keep-and-retrain). Nested in `count` either way.
 */
export function rankedMask(order: ArrayLike<number>, count: number, keep: boolean): Mask {
  const mask = new Uint8Array(maskBytes(order.length));
  const start = keep ? order.length - count : 0;
  for (let rank = start; rank < start + count; rank += 1) flip(mask, order[rank] as number);
  return mask;
}

export interface RandomMaskOptions {
  readonly seed: number;
  readonly level: number;
  /** Index of the image in its split. */
  readonly image: number;
  /** H * W. */
  readonly pixels: number;
  readonly split: Split;
  /** With a number, the mask of this epoch alone. */
  readonly epoch?: number | undefined;
}

/**
 * A mask of exactly round-half-up(t * pixels) locations, all such masks alike, from (seed,
 * 'train-mask', t, image), with the epoch where one is given; 'validation-mask' for the validation
 * split, whose images have indices of their own.
 */
export function randomMask(options: RandomMaskOptions): Mask {
  const { seed, level, image, pixels, split, epoch } = options;
  const items = [canonicalLevel(level), image];
  if (epoch !== undefined) items.push(epoch);
  const random = generator(deriveSeed(seed, `${split}-mask`, ...items));
  const count = removedCount(level, pixels);
  // Choosing the smaller side costs at most pixels / 2 draws.
  const complement = count > pixels / 2;
  const mask = new Uint8Array(maskBytes(pixels));
  if (complement) {
    mask.fill(255);
    // Bits past the last location stay 0.
    if (pixels % 8 !== 0) mask[mask.length - 1] = (1 << (pixels % 8)) - 1;
  }
  // Floyd's choice without replacement: uniform over all subsets, one draw per element.
  const chosen = complement ? pixels - count : count;
  for (let last = pixels - chosen; last < pixels; last += 1) {
    const drawn = uniformInt(random, 0, last);
    flip(mask, isRemoved(mask, drawn) === complement ? drawn : last);
  }
  return mask;
}

function flip(mask: Mask, pixel: number): void {
  const byte = pixel >> 3;
  mask[byte] = (mask[byte] as number) ^ (1 << (pixel & 7));
}

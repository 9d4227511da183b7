import { type PixelOrders } from '../../shared/pixel-orders';
import { type ImageShape, sizeOf } from '../saliency/model';
import { lastMade, type Series } from '../saliency/score-series';

/**
 * How many locations have changed after each step: n(k / K) = k P / K rounded half up, without a
 * rounding before.
 *
 * @param steps K, at least 1
 * @param pixels P
 * @returns [K + 1], from 0 to P
 */
export function stepCounts(steps: number, pixels: number): Int32Array {
  return Int32Array.from({ length: steps + 1 }, (_, k) =>
    Math.floor((2 * k * pixels + steps) / (2 * steps)),
  );
}

/** The share of the locations at each step, k / K: [K + 1]. */
export function stepLevels(steps: number): number[] {
  return Array.from({ length: steps + 1 }, (_, k) => k / steps);
}

export interface StepOptions {
  readonly shape: ImageShape;
  /** Locations of each image without tie bits, [N, H * W], the most important first. */
  readonly orders: PixelOrders;
  /** Steps K, at least 1. */
  readonly steps: number;
  /** Whether the least important location goes first. */
  readonly backwards: boolean;
  /** What an image begins as, and what it becomes: float32 [H, W, C] as the model sees it. */
  readonly from: (image: number) => Float32Array;
  readonly to: (image: number) => Float32Array;
}

/**
 * Images that change location by location in an order, all channels of a location together: after
 * step k the first n(k / K) of the order are those of `to`. From the image to a fill it is deletion and
 * pixel flipping, from a fill to the image insertion (Samek et al. 2015, arXiv 1509.06321; Petsiuk et
 * al. 2018, arXiv 1806.07421).
 */
export function stepSeries(options: StepOptions): Series {
  const { shape, orders, steps, backwards, from, to } = options;
  const pixels = shape[0] * shape[1];
  const channels = shape[2];
  const counts = stepCounts(steps, pixels);
  // Steps of an image follow one another: both of its ends are made once.
  const first = lastMade(from);
  const last = lastMade(to);
  return {
    images: orders.length / pixels,
    steps: steps + 1,
    size: sizeOf(shape),
    write(image, step, into) {
      into.set(first(image));
      const values = last(image);
      const changed = counts[step] as number;
      const start = image * pixels;
      for (let rank = 0; rank < changed; rank += 1) {
        const place = backwards ? start + pixels - 1 - rank : start + rank;
        const at = (orders[place] as number) * channels;
        for (let c = 0; c < channels; c += 1) into[at + c] = values[at + c] as number;
      }
    },
  };
}

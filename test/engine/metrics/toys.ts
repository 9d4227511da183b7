import { type Scorer } from '../../../src/engine/saliency/score-series';
import { rankMaps } from '../../../src/engine/removal/rank-maps';
import { locationsOf, type PixelOrders } from '../../../src/shared/pixel-orders';

/** A scorer of written-down logits, which asks for its inputs `batch` at a time as a model does. */
export function scorerOf(
  size: number,
  logits: (x: Float32Array) => readonly number[],
  batch = 7,
): Scorer {
  return (inputs, count) => {
    const rows: number[] = [];
    for (let start = 0; start < count; start += batch) {
      const values = inputs(start, Math.min(count, start + batch));
      for (let at = 0; at < values.length; at += size) {
        rows.push(...logits(values.subarray(at, at + size)));
      }
    }
    return Promise.resolve(Float32Array.from(rows));
  };
}

export const dot = (weights: readonly number[], x: ArrayLike<number>) =>
  weights.reduce((sum, weight, i) => sum + weight * (x[i] ?? Number.NaN), 0);

/** f(x) = 4 x1 + 3 x2 + 2 x3 + x4 at (1, 1, 1, 1), over a baseline of 0, with the map (4, 3, 2, 1). */
export const weightsOfF = [4, 3, 2, 1];
export const ones = Float32Array.of(1, 1, 1, 1);
export const f = scorerOf(4, (x) => [dot(weightsOfF, x)]);
/** Whose probability of class 0 is g = sigmoid(f - 5). */
export const g = scorerOf(4, (x) => [dot(weightsOfF, x) - 5, 0]);

/** The 3x3 image 1 .. 9, by rows. */
export const G = Float32Array.from({ length: 9 }, (_, i) => i + 1);
/** Whose probability of class 0 is sigmoid(mean - 5). */
export const meanOfNine = scorerOf(9, (x) => [x.reduce((sum, value) => sum + value, 0) / 9 - 5, 0]);

/** Plain locations of maps [N, P]. */
export function ordersOf(maps: Float32Array, pixels: number, indices: number[] = [0]): PixelOrders {
  return locationsOf(rankMaps(maps, indices, pixels, { seed: 0, split: 'validation' }));
}

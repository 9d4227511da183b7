import { type NdArray } from '../arrays';
import { type Reduction } from '../catalogue/parameters';
import { valueAt } from '../checked-reads';
import { imageSize } from './slice';

const combine: Record<Reduction, (total: number, value: number) => number> = {
  absolute: (total, value) => total + Math.abs(value),
  signed: (total, value) => total + value,
  positive: (total, value) => total + Math.max(value, 0),
  'max-absolute': (total, value) => Math.max(total, Math.abs(value)),
};

/** One value per pixel location, [H * W], from raw attributions [H, W, C]. */
export function reduceChannels(map: NdArray, reduction: Reduction): Float32Array {
  const { height, width, channels } = imageSize(map);
  const step = combine[reduction];
  const reduced = new Float32Array(height * width);
  for (let pixel = 0; pixel < reduced.length; pixel += 1) {
    let total = 0;
    for (let c = 0; c < channels; c += 1) {
      total = step(total, map.data[pixel * channels + c] as number);
    }
    reduced[pixel] = total;
  }
  return reduced;
}

/**
 * The p-th percentile (0..100) of the values, interpolated linearly between order statistics as
 * NumPy's default does; NaN of none.
 */
export function percentile(values: Float32Array, p: number): number {
  if (values.length === 0) return Number.NaN;
  const at = ((values.length - 1) * p) / 100;
  const low = Math.floor(at);
  const ordered = orderedAt(values, low);
  const below = valueAt(ordered, low);
  const above = low + 1 < ordered.length ? smallest(ordered.subarray(low + 1)) : below;
  return below + (above - below) * (at - low);
}

/**
 * A copy whose k-th value is the one that sorting would put there, with none larger before it and none
 * smaller behind: a map of a quarter of a million pixels is drawn in a moment, and sorting takes longer.
 */
function orderedAt(values: Float32Array, k: number): Float32Array {
  const ordered = values.slice();
  // What is no number is larger than any, which a comparison does not say.
  if (ordered.some(Number.isNaN)) return ordered.sort();
  let [left, right] = [0, ordered.length - 1];
  while (left < right) {
    const pivot = ordered[(left + right) >> 1] as number;
    let [i, j] = [left, right];
    while (i <= j) {
      while ((ordered[i] as number) < pivot) i += 1;
      while ((ordered[j] as number) > pivot) j -= 1;
      if (i > j) break;
      const value = ordered[i] as number;
      ordered[i] = ordered[j] as number;
      ordered[j] = value;
      i += 1;
      j -= 1;
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  return ordered;
}

function smallest(values: Float32Array): number {
  let least = valueAt(values, 0);
  for (const value of values) if (value < least) least = value;
  return least;
}

/**
 * The value that display maps to full strength: the 99th percentile of |values|, else their
 * maximum where 99 in 100 are zero, else 1 (an all-zero map stays empty).
 */
export function displayScale(values: Float32Array): number {
  const magnitudes = values.map(Math.abs);
  const clip = percentile(magnitudes, 99);
  if (clip > 0) return clip;
  const most = magnitudes.reduce((a, b) => Math.max(a, b), 0);
  return most > 0 ? most : 1;
}

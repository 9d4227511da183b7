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
  const sorted = values.slice().sort();
  const at = ((sorted.length - 1) * p) / 100;
  const low = Math.floor(at);
  const below = valueAt(sorted, low);
  const above = valueAt(sorted, Math.min(low + 1, sorted.length - 1));
  return below + (above - below) * (at - low);
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

import { totalOf } from './shares';

/** Wang et al.'s own: a Gaussian window of 11 x 11 and standard deviation 1.5, K 0.01 and 0.03. */
const side = 11;
const sigma = 1.5;
const [k1, k2] = [0.01, 0.03];

/** One row of the window; the window is this times this, and sums to 1. */
const weights = (() => {
  const row = Float64Array.from({ length: side }, (_, i) =>
    Math.exp(-((i - (side - 1) / 2) ** 2) / (2 * sigma ** 2)),
  );
  const total = row.reduce((sum, value) => sum + value, 0);
  return row.map((value) => value / total);
})();

/**
 * Structural similarity of two maps, each divided by its largest value, so that the range is 1: the mean
 * over all whole windows of (2 mx my + K1²)(2 cxy + K2²) / ((mx² + my² + K1²)(vx + vy + K2²)), moments of
 * the population (Wang et al. 2004, IEEE Trans. Image Process. 13: 600-612).
 *
 * @param a, b one value per pixel, none negative, [H, W]
 * @param names what the maps are called in a refusal
 * @returns up to 1, the value of equal maps; null where a map is 0 or the image is smaller than a window
 * @throws StudioError `invalid-input` for a value that is not finite, or is negative
 */
export function structuralSimilarity(
  a: Float32Array,
  b: Float32Array,
  [height, width]: readonly [number, number],
  names: readonly [string, string] = ['map', 'other map'],
): number | null {
  const [x, y] = [shareOfLargest(a, names[0]), shareOfLargest(b, names[1])];
  if (!x || !y || height < side || width < side) return null;
  const shape = [height, width] as const;
  const product = (one: Float64Array, other: Float64Array) =>
    windowed(
      one.map((value, i) => value * (other[i] as number)),
      shape,
    );
  const [mx, my] = [windowed(x, shape), windowed(y, shape)];
  const [xx, yy, xy] = [product(x, x), product(y, y), product(x, y)];
  const [c1, c2] = [k1 ** 2, k2 ** 2];
  let sum = 0;
  for (let i = 0; i < mx.length; i += 1) {
    const [ax, ay] = [mx[i] as number, my[i] as number];
    const vx = (xx[i] as number) - ax * ax;
    const vy = (yy[i] as number) - ay * ay;
    const both = (xy[i] as number) - ax * ay;
    sum += ((2 * ax * ay + c1) * (2 * both + c2)) / ((ax * ax + ay * ay + c1) * (vx + vy + c2));
  }
  return sum / mx.length;
}

/** A map by its largest value; null where it is 0. */
function shareOfLargest(map: Float32Array, name: string): Float64Array | null {
  if (totalOf(map, name) === 0) return null;
  const largest = map.reduce((most, value) => Math.max(most, value), 0);
  return Float64Array.from(map, (value) => value / largest);
}

/** Weighted means over every whole window, [(H - 10) * (W - 10)]. */
function windowed(values: Float64Array, [height, width]: readonly [number, number]): Float64Array {
  const across = width - side + 1;
  const rows = new Float64Array(height * across);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < across; column += 1) {
      let sum = 0;
      for (let i = 0; i < side; i += 1) {
        sum += (weights[i] as number) * (values[row * width + column + i] as number);
      }
      rows[row * across + column] = sum;
    }
  }
  const means = new Float64Array((height - side + 1) * across);
  for (let at = 0; at < means.length; at += 1) {
    let sum = 0;
    for (let i = 0; i < side; i += 1) {
      sum += (weights[i] as number) * (rows[at + i * across] as number);
    }
    means[at] = sum;
  }
  return means;
}

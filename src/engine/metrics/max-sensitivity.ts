import { notFinite } from '../../shared/errors';
import { deriveSeed } from '../../shared/seeds';
import { breathe } from '../runtime/cancel';
import { generator } from '../runtime/permutation';

export interface SensitivityOptions {
  /** Raw maps of the images as they are, [N, ...]. */
  readonly clean: Float32Array;
  /** Values of one image as the model sees it, H * W * C. */
  readonly size: number;
  /** Index of each image in its split, [N]. */
  readonly indices: ArrayLike<number>;
  /** r, in the model's input space. Captum's default is 0.02: the image looks the same. */
  readonly radius: number;
  /** Captum's default is 10. */
  readonly draws: number;
  readonly seed: number;
  /**
   * Raw maps of the images when these are moved, the classes explained and a method's own noise as they
   * were: [N, ...] like `clean`.
   *
   * @param shifts d, float32 [N, H, W, C] in the model's input space
   */
  readonly make: (shifts: Float32Array) => Promise<Float32Array>;
  /** Looked at between draws. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Max-sensitivity: the largest ||A(x + d) - A(x)|| / ||A(x)|| over the draws of d, uniform in [-r, r] for
 * every value, from (seed, 'sensitivity', image, draw), alike for all methods (Yeh et al. 2019, arXiv
 * 1901.09392, Def. 4.1). Norms are Euclidean over the raw values. A lower bound of the true maximum; lower
 * is better.
 *
 * @returns a value per image; null where its map is 0
 * @throws StudioError `invalid-input` naming the image where a map has a value that is not finite
 */
export async function maxSensitivity(options: SensitivityOptions): Promise<(number | null)[]> {
  const { clean, size, indices, radius, draws, seed, make, signal } = options;
  const count = indices.length;
  const values = clean.length / count;
  const largest = new Float64Array(count);
  const norms = Float64Array.from({ length: count }, (_, image) =>
    distance(clean, null, image * values, (image + 1) * values),
  );
  for (let draw = 0; draw < draws; draw += 1) {
    await breathe(signal);
    const shifts = new Float32Array(count * size);
    for (let image = 0; image < count; image += 1) {
      const own = shifts.subarray(image * size, (image + 1) * size);
      drawShift(own, radius, deriveSeed(seed, 'sensitivity', indices[image] as number, draw));
    }
    const moved = await make(shifts);
    if (moved.length !== clean.length) {
      throw new RangeError(`maxSensitivity: ${moved.length} values of moved images`);
    }
    for (let image = 0; image < count; image += 1) {
      const difference = distance(moved, clean, image * values, (image + 1) * values);
      if (!Number.isFinite(difference)) {
        const what = `The length of the map of image ${indices[image]}, or of its change,`;
        throw notFinite(what, difference, 'choose other parameters, or train the model again');
      }
      const ratio = difference / (norms[image] as number);
      if (ratio > (largest[image] as number)) largest[image] = ratio;
    }
  }
  return Array.from(largest, (value, image) => (norms[image] === 0 ? null : value));
}

/** Uniform in [-radius, radius), 24 bits each. */
function drawShift(into: Float32Array, radius: number, seed: readonly [number, number]): void {
  const random = generator(seed);
  for (let i = 0; i < into.length; i += 1) {
    into[i] = ((random.next() >>> 8) / 2 ** 23 - 1) * radius;
  }
}

/** ||a - b|| over a stretch; of null, ||a||. */
function distance(a: Float32Array, b: Float32Array | null, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i += 1) {
    const difference = (a[i] as number) - (b ? (b[i] as number) : 0);
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

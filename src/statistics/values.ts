import { type Method } from '../shared/catalogue/methods';
import { type MethodValue } from '../shared/records';
import { valueAt } from '../shared/checked-reads';
import { percentileInterval, resampleMeans } from './bootstrap';
import { type CurveOptions, imagesPurpose } from './curves';
import { boundsOf } from './observations';
import { pairedRanks } from './paired-ranks';

/** One value of M methods on N images, all methods on the same images. */
export interface ImageValues {
  readonly methods: readonly Method[];
  /** Row-major [M, N], in the metric's unit. */
  readonly values: Float32Array;
}

/**
 * Means over images with their uncertainty: a percentile bootstrap over images, one set of resampled
 * images for all methods, so that each difference is paired. The advantage is mean[random] - mean[m]
 * where lower values are better, else mean[m] - mean[random]. Ranks and ties are `pairedRanks`' of
 * the means. Of one image every bound is null and all methods are tied.
 *
 * @returns one summary per method, in the order of `methods`
 * @throws RangeError if a shape does not fit or a value is not finite
 */
export function summariseValues(input: ImageValues & CurveOptions): MethodValue[] {
  const { methods, values, randomIndex, better = 'lower', seed, resamples, level = 0.95 } = input;
  const count = values.length / methods.length;
  if (!Number.isInteger(count) || count < 1 || !methods[randomIndex]) {
    throw new RangeError(
      `summariseValues: ${values.length} values of ${methods.length} methods, baseline ${randomIndex}`,
    );
  }
  const broken = values.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    const method = methods[Math.floor(broken / count)]?.id;
    throw new RangeError(
      `summariseValues: the value of ${method} on image ${broken % count} is ${values[broken]}`,
    );
  }
  const means = methods.map((_, m) => {
    const own = values.subarray(m * count, (m + 1) * count);
    return own.reduce((sum, value) => sum + value, 0) / count;
  });
  const flat = resampleMeans(values, count, { resamples, seed, purpose: imagesPurpose });
  const resampled = methods.map((_, m) => flat.subarray(m * resamples, (m + 1) * resamples));
  const ranks = pairedRanks(resampled, { count, better, baseline: randomIndex, coverage: level });
  return methods.map((method, m): MethodValue => {
    const mean = valueAt(means, m);
    const random = valueAt(means, randomIndex);
    const { advantage, rank, tiedWith } = valueAt(ranks, m);
    return {
      method,
      mean,
      ...boundsOf(count, () => percentileInterval(valueAt(resampled, m), level)),
      n: count,
      advantage: better === 'lower' ? random - mean : mean - random,
      advantageLow: advantage.low,
      advantageHigh: advantage.high,
      rank,
      tiedWith: tiedWith.map((other) => valueAt(methods, other).id),
    };
  });
}

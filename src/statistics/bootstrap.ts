import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { deriveSeed } from '../shared/seeds';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Resampled means of several statistics over the same items (Efron and Tibshirani 1993, An
 * Introduction to the Bootstrap, ch. 6): every resample draws `count` of the `count` items with
 * replacement, and the one draw serves all rows, so that differences of rows are paired.
 *
 * @param rows values, row-major [R, count]; any unit.
 * @param count items per row, at least 1.
 * @param options.resamples number of resamples B, at least 1.
 * @param options.seed a safe integer; with `purpose` it fixes every draw.
 * @param options.undefinedItems `leave`: an item that is NaN in a row leaves that row's means; by default
 * it is refused.
 * @returns means, row-major [R, B], in the unit of `rows`; NaN where a resample drew none of a row's
 * items. Equal inputs give equal bytes; the value of a row does not depend on the other rows.
 * @throws RangeError if a size does not fit or a value is not finite.
 */
export function resampleMeans(
  rows: Float32Array | Float64Array,
  count: number,
  options: {
    resamples: number;
    seed: number;
    purpose?: string;
    undefinedItems?: 'refuse' | 'leave';
  },
): Float64Array {
  const { resamples, seed, purpose = 'bootstrap', undefinedItems = 'refuse' } = options;
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`resampleMeans: count is ${count}; accepted: a whole number from 1`);
  }
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new RangeError(
      `resampleMeans: resamples is ${resamples}; accepted: a whole number from 1`,
    );
  }
  if (rows.length % count !== 0) {
    throw new RangeError(`resampleMeans: ${rows.length} values are not rows of ${count}`);
  }
  const leave = undefinedItems === 'leave';
  if (!rows.every((value) => Number.isFinite(value) || (leave && Number.isNaN(value)))) {
    throw new RangeError('resampleMeans: a value is not finite');
  }
  const rowCount = rows.length / count;
  const means = new Float64Array(rowCount * resamples);
  const generator = xoroshiro128plus(deriveSeed(seed, purpose)[0]);
  const weights = new Float64Array(count);
  const whole = Array.from(
    { length: rowCount },
    (_, row) => !rows.subarray(row * count, (row + 1) * count).some(Number.isNaN),
  );
  for (let b = 0; b < resamples; b += 1) {
    weights.fill(0);
    for (let draw = 0; draw < count; draw += 1) {
      const item = uniformInt(generator, 0, count - 1);
      weights[item] = (weights[item] as number) + 1;
    }
    for (let row = 0; row < rowCount; row += 1) {
      means[row * resamples + b] = whole[row]
        ? weightedSum(rows, row * count, weights) / count
        : definedMean(rows, row * count, weights);
    }
  }
  return means;
}

function weightedSum(values: Float32Array | Float64Array, start: number, weights: Float64Array) {
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) {
    sum += (weights[i] as number) * (values[start + i] as number);
  }
  return sum;
}

/** Weighted mean of the values that are not NaN; NaN where none of them has a weight. */
function definedMean(values: Float32Array | Float64Array, start: number, weights: Float64Array) {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < weights.length; i += 1) {
    const value = values[start + i] as number;
    if (Number.isNaN(value)) continue;
    sum += (weights[i] as number) * value;
    total += weights[i] as number;
  }
  return sum / total;
}

/**
 * Quantile by linear interpolation between order statistics (definition 7 of Hyndman and Fan 1996,
 * The American Statistician 50: 361-365; NumPy's default): position p (n - 1) among the sorted.
 *
 * @param sorted ascending values, at least one.
 * @param p probability, 0 to 1.
 * @throws RangeError if there is no value or `p` is outside [0, 1].
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const last = sorted.length - 1;
  if (last < 0 || !(p >= 0 && p <= 1)) {
    throw new RangeError(`quantile: p = ${p} of ${sorted.length} values; accepted: p from 0 to 1`);
  }
  const position = p * last;
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, last)] as number;
  return low + (position - below) * (high - low);
}

/**
 * Percentile bootstrap interval: the (1 - level) / 2 and (1 + level) / 2 quantiles of the resampled
 * values (Efron and Tibshirani 1993, eq. 13.5).
 *
 * @param values resampled statistics in any order; left as they are.
 * @param level coverage, 0 to 1; 0.95 by default.
 */
export function percentileInterval(values: Float64Array, level = 0.95): Interval {
  const sorted = Float64Array.from(values).sort();
  return { low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) };
}

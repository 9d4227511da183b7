import { type Method } from '../shared/catalogue/methods';
import { type MethodValue } from '../shared/records';
import { valueAt } from '../shared/checked-reads';
import { percentileInterval, resampleMeans } from './bootstrap';
import { type CurveOptions, imagesPurpose } from './curves';
import { type Bounds, boundsOf } from './observations';
import { pairedRanks } from './paired-ranks';

/** One value of M methods on N images, all methods on the same images. */
export interface ImageValues {
  readonly methods: readonly Method[];
  /** Row-major [M, N], in the metric's unit. */
  readonly values: Float32Array;
}

/** What is known of one method of some; null where there is nothing to tell it from. */
export interface DefinedValue extends Bounds {
  /** Over the images that have a value; null: none has. */
  readonly mean: number | null;
  /** How many have. */
  readonly n: number;
  readonly advantage: number | null;
  readonly advantageLow: number | null;
  readonly advantageHigh: number | null;
  /** Null: it has no values. */
  readonly rank: number | null;
  /** Indices of methods that have values, ascending. */
  readonly tiedWith: readonly number[];
}

/**
 * Means over images with their uncertainty: a percentile bootstrap over images, one set of resampled
 * images for all methods, so that each difference is paired. A value that is NaN is undefined: its image
 * leaves the mean of its method, in each resample too. The advantage is mean[random] - mean[m] where
 * lower values are better, else mean[m] - mean[random]. Ranks and ties are `pairedRanks`' of the means.
 * Of one image every bound is null and all methods are tied; a method without values has no rank.
 *
 * @param input values [M, N], in the metric's unit
 * @returns one summary per method, in the order of the values
 * @throws RangeError if a shape does not fit or a value is infinite
 */
export function summariseDefined(
  input: { readonly methods: number; readonly values: Float32Array | Float64Array } & CurveOptions,
): DefinedValue[] {
  const { methods, values, randomIndex, better = 'lower', seed, resamples, level = 0.95 } = input;
  const count = values.length / methods;
  if (!Number.isInteger(count) || count < 1 || !(randomIndex >= 0 && randomIndex < methods)) {
    throw new RangeError(
      `summariseValues: ${values.length} values of ${methods} methods, baseline ${randomIndex}`,
    );
  }
  const rows = Array.from({ length: methods }, (_, m) =>
    Array.from(values.subarray(m * count, (m + 1) * count)).filter((value) => !Number.isNaN(value)),
  );
  const means = rows.map((own) =>
    own.length === 0 ? null : own.reduce((sum, value) => sum + value, 0) / own.length,
  );
  const flat = resampleMeans(values, count, {
    ...{ resamples, seed, purpose: imagesPurpose },
    undefinedItems: 'leave',
  });
  const resampled = rows.map((_, m) => flat.subarray(m * resamples, (m + 1) * resamples));
  const defined = rows.map(({ length }) => length);
  const ranks = pairedRanks(resampled, {
    ...{ count, defined, baseline: randomIndex, better, coverage: level },
  });
  const random = valueAt(means, randomIndex);
  return ranks.map(({ advantage, rank, tiedWith }, m): DefinedValue => {
    const mean = valueAt(means, m);
    const n = valueAt(defined, m);
    const lead = mean === null || random === null ? null : mean - random;
    const own = valueAt(resampled, m).filter((value) => !Number.isNaN(value));
    return {
      mean,
      ...boundsOf(own.length === 0 ? 0 : n, () => percentileInterval(own, level)),
      n,
      advantage: lead === null || better === 'higher' ? lead : 0 - lead,
      advantageLow: advantage.low,
      advantageHigh: advantage.high,
      rank: mean === null ? null : rank,
      tiedWith: mean === null ? [] : tiedWith.filter((other) => valueAt(means, other) !== null),
    };
  });
}

/**
 * `summariseDefined` of values that are all defined.
 *
 * @returns one summary per method, in the order of `methods`
 * @throws RangeError if a shape does not fit or a value is not finite
 */
export function summariseValues({
  methods,
  values,
  ...options
}: ImageValues & CurveOptions): MethodValue[] {
  const broken = values.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    const count = values.length / methods.length;
    const method = methods[Math.floor(broken / count)]?.id;
    throw new RangeError(
      `summariseValues: the value of ${method} on image ${broken % count} is ${values[broken]}`,
    );
  }
  return summariseDefined({ methods: methods.length, values, ...options }).map(
    ({ mean, advantage, rank, tiedWith, ...summary }, m): MethodValue => {
      if (mean === null || advantage === null || rank === null)
        throw new RangeError('a method without values');
      return {
        method: valueAt(methods, m),
        mean,
        advantage,
        rank,
        ...summary,
        tiedWith: tiedWith.map((other) => valueAt(methods, other).id),
      };
    },
  );
}

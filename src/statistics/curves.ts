import { type Method } from '../shared/catalogue/methods';
import { type MethodCurve } from '../shared/records';
import { valueAt } from '../shared/checked-reads';
import { percentileInterval, resampleMeans } from './bootstrap';
import { type Bounds, boundsOf } from './observations';
import { type Better, pairedRanks } from './paired-ranks';

/** Scores of M methods at L levels on N images, all methods on the same images and models. */
export interface CurveScores {
  readonly methods: readonly Method[];
  /** Removal levels t, ascending, shares of the pixels. */
  readonly levels: readonly number[];
  /** Softmax score of the ground-truth class, 0 to 1, row-major [M, L, N]. */
  readonly scores: Float32Array;
  /** Share of the removed pixels that ties decided, 0 to 1, row-major [M, L, N]. */
  readonly tied: Float32Array;
}

export interface CurveOptions {
  /** Index in `methods` of the random map, the baseline. */
  readonly randomIndex: number;
  readonly seed: number;
  /** Bootstrap resamples B; the paper protocol uses 2000. */
  readonly resamples: number;
  /** Which areas speak for a method; the smaller ones by default. */
  readonly better?: Better;
  /** Coverage of every interval; 0.95 by default. */
  readonly level?: number;
}

/**
 * Curves of RemOve And Retrain with their uncertainty (Hooker et al. 2019, arXiv 1806.10758; the
 * figure is the mean of Figs. 2 to 4 of Nielsen et al.).
 *
 * With s[m, l, i] the score of image i: mean[m, l] = sum_i s[m, l, i] / N; difference[m, l] =
 * mean[random, l] - mean[m, l]; area[m] = sum_l (t[l+1] - t[l]) (mean[m, l] + mean[m, l+1]) / 2, the
 * trapezoid over the span of the levels and not divided by it; advantage[m] = area[random] -
 * area[m], so that larger is better. Where larger areas speak for a method, difference and advantage
 * are taken the other way round.
 *
 * Every interval is a percentile bootstrap over images, conditional on the trained models. One set
 * of resampled images serves all methods and levels, so each difference is paired. One image says
 * nothing of others: then every bound is null and all methods are tied. Ranks and ties are those of
 * the areas (`pairedRanks`); `tiedWith` lists a method's ties in the order of `methods`.
 *
 * @returns one curve per method, in the order of `methods`.
 * @throws RangeError if a shape does not fit, levels do not ascend or a score is not finite.
 */
export function summariseCurves(input: CurveScores & CurveOptions): MethodCurve[] {
  const { methods, levels, tied, randomIndex, better = 'lower', level = 0.95 } = input;
  const { count, means, resampled, areas, resampledAreas } = bootstrapAreas(input);
  const L = levels.length;
  if (!methods[randomIndex]) {
    throw new RangeError(
      `summariseCurves: randomIndex ${randomIndex} of ${methods.length} methods`,
    );
  }
  const over = (values: Float64Array): Bounds =>
    boundsOf(count, () => percentileInterval(values, level));
  /** By how much the second of two rows does better. */
  const lead = (of: (row: number) => number, first: number, second: number): number =>
    better === 'lower' ? of(first) - of(second) : of(second) - of(first);
  const ranks = pairedRanks(resampledAreas, {
    count,
    better,
    baseline: randomIndex,
    coverage: level,
  });
  return methods.map((method, index): MethodCurve => {
    const area = valueAt(areas, index);
    const areaInterval = over(valueAt(resampledAreas, index));
    const { advantage, rank, tiedWith } = valueAt(ranks, index);
    return {
      method,
      points: levels.map((t, l) => {
        const row = index * L + l;
        const randomRow = randomIndex * L + l;
        const interval = over(valueAt(resampled, row));
        const [a, b] = [valueAt(resampled, randomRow), valueAt(resampled, row)];
        const difference = over(better === 'lower' ? subtract(a, b) : subtract(b, a));
        return {
          level: t,
          mean: valueAt(means, row),
          low: interval.low,
          high: interval.high,
          n: count,
          tied: mean(tied, row * count, count),
          difference: lead((one) => valueAt(means, one), randomRow, row),
          differenceLow: difference.low,
          differenceHigh: difference.high,
          spread: null,
        };
      }),
      area,
      areaLow: areaInterval.low,
      areaHigh: areaInterval.high,
      advantage: lead((one) => valueAt(areas, one), randomIndex, index),
      advantageLow: advantage.low,
      advantageHigh: advantage.high,
      rank,
      tiedWith: tiedWith.map((other) => valueAt(methods, other).id),
    };
  });
}

export interface Contrast extends Bounds {
  /** Positive where `a` has the smaller area (of groups) or the larger score (of points). */
  readonly difference: number;
}

/**
 * Mean advantage of the methods of group `a` over those of group `b`, paired over images and with
 * the same resamples as `summariseCurves`: difference = mean_b(area) - mean_a(area). Of one image
 * there is no interval.
 *
 * @param a method ids, at least one; `b` likewise.
 * @throws RangeError if a group is empty or names a method that is not in `methods`.
 */
export function contrastGroups(
  input: CurveScores & CurveOptions,
  a: readonly string[],
  b: readonly string[],
): Contrast {
  const { count, areas, resampledAreas } = bootstrapAreas(input);
  const indices = (ids: readonly string[]) =>
    ids.map((id) => {
      const index = input.methods.findIndex((method) => method.id === id);
      if (index < 0) throw new RangeError(`contrastGroups: no method ${id}`);
      return index;
    });
  const [first, second] = [indices(a), indices(b)];
  if (first.length === 0 || second.length === 0)
    throw new RangeError('contrastGroups: empty group');
  const groupMean = (group: readonly number[], value: (index: number) => number) =>
    group.reduce((sum, index) => sum + value(index), 0) / group.length;
  const difference = (value: (index: number) => number) =>
    groupMean(second, value) - groupMean(first, value);
  const resampled = Float64Array.from({ length: input.resamples }, (_, draw) =>
    difference((index) => valueAt(valueAt(resampledAreas, index), draw)),
  );
  return {
    difference: difference((index) => valueAt(areas, index)),
    ...boundsOf(count, () => percentileInterval(resampled, input.level)),
  };
}

/**
 * Mean score of one curve's point minus another's, paired over images and with the same resamples
 * as `summariseCurves`. Of one image there is no interval.
 *
 * @param a indices of a method and a level; `b` likewise.
 * @throws RangeError if there is no such point.
 */
export function contrastPoints(
  input: CurveScores & Pick<CurveOptions, 'seed' | 'resamples' | 'level'>,
  a: { readonly method: number; readonly level: number },
  b: { readonly method: number; readonly level: number },
): Contrast {
  const { methods, levels, scores, resamples, seed } = input;
  const count = scores.length / (methods.length * levels.length);
  const start = (point: typeof a) => (point.method * levels.length + point.level) * count;
  const differences = Float64Array.from(
    { length: count },
    (_, i) => valueAt(scores, start(a) + i) - valueAt(scores, start(b) + i),
  );
  const resampled = resampleMeans(differences, count, { resamples, seed, purpose: imagesPurpose });
  return {
    difference: mean(differences, 0, count),
    ...boundsOf(count, () => percentileInterval(resampled, input.level)),
  };
}

/**
 * Trapezoid area under a piecewise linear curve.
 *
 * @param levels ascending abscissae; one level alone spans nothing and has area 0.
 * @param value ordinate at the index of a level.
 */
export function trapezoid(levels: readonly number[], value: (index: number) => number): number {
  let area = 0;
  for (let l = 1; l < levels.length; l += 1) {
    area += ((valueAt(levels, l) - valueAt(levels, l - 1)) * (value(l - 1) + value(l))) / 2;
  }
  return area;
}

/** What the draws are for: every interval over images shares them. */
export const imagesPurpose = 'bootstrap/images';

interface BootstrappedAreas {
  readonly count: number;
  /** [M * L]. */
  readonly means: Float64Array;
  /** [M * L] of [B]. */
  readonly resampled: readonly Float64Array[];
  /** [M]. */
  readonly areas: Float64Array;
  /** [M] of [B]. */
  readonly resampledAreas: readonly Float64Array[];
}

function bootstrapAreas(input: CurveScores & CurveOptions): BootstrappedAreas {
  const { methods, levels, scores, resamples, seed } = input;
  const rows = methods.length * levels.length;
  const count = scores.length / rows;
  if (!Number.isInteger(count) || count < 1 || input.tied.length !== scores.length) {
    throw new RangeError(
      `curves: ${scores.length} scores and ${input.tied.length} shares for ${methods.length} methods x ${levels.length} levels`,
    );
  }
  if (levels.some((t, l) => l > 0 && t <= valueAt(levels, l - 1))) {
    throw new RangeError(`curves: levels [${levels.join(', ')}] do not ascend`);
  }
  requireFinite(input, 'scores', count);
  requireFinite(input, 'tied', count);
  const means = Float64Array.from({ length: rows }, (_, row) => mean(scores, row * count, count));
  const flat = resampleMeans(scores, count, { resamples, seed, purpose: imagesPurpose });
  const resampled = Array.from({ length: rows }, (_, row) =>
    flat.subarray(row * resamples, (row + 1) * resamples),
  );
  const L = levels.length;
  return {
    count,
    means,
    resampled,
    areas: Float64Array.from(methods, (_, m) =>
      trapezoid(levels, (l) => valueAt(means, m * L + l)),
    ),
    // The area is linear in the means, so its resamples need no second pass over the images.
    resampledAreas: methods.map((_, m) =>
      Float64Array.from({ length: resamples }, (__, draw) =>
        trapezoid(levels, (l) => valueAt(valueAt(resampled, m * L + l), draw)),
      ),
    ),
  };
}

/** Refuse a value that is not finite by its method, level and image: it would be in every mean. */
function requireFinite(input: CurveScores, which: 'scores' | 'tied', count: number): void {
  const { methods, levels } = input;
  const values = input[which];
  const broken = values.findIndex((value) => !Number.isFinite(value));
  if (broken < 0) return;
  const row = Math.floor(broken / count);
  const [method, level] = [methods[Math.floor(row / levels.length)], levels[row % levels.length]];
  throw new RangeError(
    `curves: ${which} of ${method?.id} at level ${level}, image ${broken % count} of ${count}: ${values[broken]} is not finite`,
  );
}

function mean(values: ArrayLike<number>, start: number, count: number): number {
  let sum = 0;
  for (let i = start; i < start + count; i += 1) sum += values[i] as number;
  return sum / count;
}

function subtract(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - (b[i] as number));
}

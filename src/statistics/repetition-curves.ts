import { type Method } from '../shared/catalogue/methods';
import { type MethodCurve } from '../shared/records';
import { valueAt } from '../shared/checked-reads';
import { trapezoid } from './curves';
import { type Bounds, boundsOf, isAbove } from './observations';
import { type Better } from './paired-ranks';
import { studentQuantile } from './student-t';

/** Accuracies of M methods at L levels in R repetitions, each repetition with seeds of its own. */
export interface RepetitionScores {
  readonly methods: readonly Method[];
  /** Removal levels t, ascending, shares of the pixels. */
  readonly levels: readonly number[];
  /** Validation accuracy, 0 to 1, row-major [M, L, R]. */
  readonly accuracies: Float64Array;
  /** Mean share of the removed pixels that ties decided, 0 to 1, row-major [M, L]. */
  readonly tied: Float64Array;
}

export interface RepetitionOptions {
  /** Index in `methods` of the random map, the baseline. */
  readonly randomIndex: number;
  /** Which curves speak for a method: the lower where its top pixels are removed, else the higher. */
  readonly better: Better;
  /** Coverage of every interval; 0.95 by default. */
  readonly coverage?: number;
}

interface Estimate extends Bounds {
  readonly mean: number;
  /** Standard deviation with R - 1 in the denominator; null for one value. */
  readonly deviation: number | null;
}

/**
 * Curves of metrics that retrain (Hooker et al. 2019, arXiv 1806.10758): mean validation
 * accuracy over repetitions with its spread.
 *
 * With a[m, l, r] the accuracy of repetition r: mean[m, l] over r; the spread is its standard
 * deviation (R - 1); area[m, r] the trapezoid over the span of the levels. The advantage is
 * area[random] - area[m] where a method's top pixels are removed, and area[m] - area[random] where
 * they are kept, so that larger is better; `difference` at a level likewise.
 *
 * Every interval is mean +- t(R - 1) s / sqrt(R) over repetitions, an accuracy's cut to 0 to 1; differences are taken within a
 * repetition first, whose models share their seeds. Two methods are tied where the interval of their
 * area difference contains 0 (bounds included); no correction is made for the number of pairs. The
 * rank is 1 + the number of methods that are better beyond that. One repetition says nothing of
 * chance: every bound and the spread are null, and all methods are tied.
 *
 * @returns one curve per method, in the order of `methods`; a point's n is R
 * @throws RangeError if a shape does not fit, levels do not ascend or an accuracy is no number
 */
export function summariseRepetitions(input: RepetitionScores & RepetitionOptions): MethodCurve[] {
  const { methods, levels, accuracies, tied, randomIndex, better, coverage = 0.95 } = input;
  const M = methods.length;
  const L = levels.length;
  const R = accuracies.length / (M * L);
  if (!Number.isInteger(R) || R < 1 || tied.length !== M * L || !methods[randomIndex]) {
    throw new RangeError(
      `summariseRepetitions: ${accuracies.length} accuracies and ${tied.length} shares for ${M} methods x ${L} levels, baseline ${randomIndex}`,
    );
  }
  if (levels.some((t, l) => l > 0 && t <= valueAt(levels, l - 1))) {
    throw new RangeError(`summariseRepetitions: levels [${levels.join(', ')}] do not ascend`);
  }
  const broken = accuracies.findIndex((accuracy) => !Number.isFinite(accuracy));
  if (broken >= 0) {
    const [row, repetition] = [Math.floor(broken / R), broken % R];
    const place = `${valueAt(methods, Math.floor(row / L)).id} at level ${valueAt(levels, row % L)}, repetition ${repetition}`;
    throw new RangeError(
      `summariseRepetitions: the accuracy of ${place} is ${valueAt(accuracies, broken)}, not a number`,
    );
  }
  if (!tied.every(Number.isFinite)) {
    throw new RangeError('summariseRepetitions: a share of ties is not a number');
  }
  const width = R > 1 ? studentQuantile((1 + coverage) / 2, R - 1) / Math.sqrt(R) : Number.NaN;
  const estimate = (value: (repetition: number) => number): Estimate => {
    const values = Array.from({ length: R }, (_, r) => value(r));
    const mean = values.reduce((sum, x) => sum + x, 0) / R;
    const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    const deviation = R > 1 ? Math.sqrt(squares / (R - 1)) : null;
    const half = width * (deviation ?? Number.NaN);
    const bounds = boundsOf(R, () => ({ low: mean - half, high: mean + half }));
    return { mean, ...bounds, deviation };
  };
  const sign = better === 'lower' ? 1 : -1;
  const accuracy = (m: number, l: number, r: number) => valueAt(accuracies, (m * L + l) * R + r);
  const area = (m: number, r: number) => trapezoid(levels, (l) => accuracy(m, l, r));
  /** By how much a does better than b, from the areas. */
  const lead = (a: number, b: number) => estimate((r) => sign * (area(b, r) - area(a, r)));
  const beats = (a: number, b: number) => isAbove(lead(a, b));
  return methods.map((method, m): MethodCurve => {
    const others = methods.map((_, other) => other).filter((other) => other !== m);
    const areas = estimate((r) => area(m, r));
    const advantage = lead(m, randomIndex);
    return {
      method,
      points: levels.map((level, l) => {
        const { mean, deviation, ...interval } = estimate((r) => accuracy(m, l, r));
        // No accuracy lies outside 0 to 1.
        const low = interval.low === null ? null : Math.max(0, interval.low);
        const high = interval.high === null ? null : Math.min(1, interval.high);
        const difference = estimate(
          (r) => sign * (accuracy(randomIndex, l, r) - accuracy(m, l, r)),
        );
        return {
          level,
          mean,
          low,
          high,
          n: R,
          tied: valueAt(tied, m * L + l),
          spread: deviation,
          difference: difference.mean,
          differenceLow: difference.low,
          differenceHigh: difference.high,
        };
      }),
      area: areas.mean,
      areaLow: areas.low,
      areaHigh: areas.high,
      advantage: advantage.mean,
      advantageLow: advantage.low,
      advantageHigh: advantage.high,
      rank: 1 + others.filter((other) => beats(other, m)).length,
      tiedWith: others
        .filter((other) => !beats(other, m) && !beats(m, other))
        .map((other) => valueAt(methods, other).id),
    };
  });
}

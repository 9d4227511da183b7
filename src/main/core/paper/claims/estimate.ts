import { fixed, interval as intervalText } from '../../../../shared/format/numbers';
import { type Claim } from '../../../../shared/records';
import { type Interval } from '../../../../statistics/bootstrap';
import { definedInterval } from '../../../../statistics/crossed-bootstrap';

/** A figure with its bootstrap resamples, so that figures can be set against each other. */
export interface Estimate {
  readonly value: number;
  /** [B]; NaN where a resample does not define it. Null where nothing can be resampled. */
  readonly draws: Float64Array | null;
}

/** A function of several figures, applied to each resample as well. All have the same B. */
export function combine(
  estimates: readonly Estimate[],
  compute: (values: readonly number[]) => number,
): Estimate {
  const value = compute(estimates.map((estimate) => estimate.value));
  const draws = estimates.flatMap((estimate) => estimate.draws ?? []);
  const count = draws[0]?.length ?? 0;
  if (draws.length < estimates.length || count === 0) return { value, draws: null };
  const at = (draw: number) => draws.map((values) => values[draw] ?? Number.NaN);
  return { value, draws: Float64Array.from({ length: count }, (_, draw) => compute(at(draw))) };
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const average = (estimates: readonly Estimate[]): Estimate => combine(estimates, meanOf);

/** a - b, paired by resample. */
export const minus = (a: Estimate, b: Estimate): Estimate =>
  combine([a, b], ([x = Number.NaN, y = Number.NaN]) => x - y);

/** The 95% percentile interval; null where there is none. */
export function intervalOf({ draws }: Estimate): Interval | null {
  return draws === null ? null : definedInterval(draws);
}

export type Direction = 'above' | 'below' | 'open';

/** On which side of `bound` the interval lies; `open` where it contains it or there is none. */
export function sideOf(estimate: Estimate, bound = 0): Direction {
  const interval = intervalOf(estimate);
  if (interval === null) return 'open';
  if (interval.low > bound) return 'above';
  return interval.high < bound ? 'below' : 'open';
}

/** Held where every difference's interval lies above 0, not held where one lies below. */
export function allAbove(differences: readonly Estimate[]): Claim['verdict'] {
  const sides = differences.map((difference) => sideOf(difference));
  if (sides.includes('below')) return 'not-held';
  return sides.length > 0 && sides.every((side) => side === 'above') ? 'held' : 'undecided';
}

export function estimateText(estimate: Estimate, digits = 3): string {
  const interval = intervalOf(estimate);
  const value = fixed(estimate.value, digits);
  return interval === null
    ? `${value} (no interval)`
    : `${value} (95% interval ${intervalText(interval.low, interval.high, digits)})`;
}

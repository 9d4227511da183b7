import { valueAt } from '../shared/checked-reads';
import { percentileInterval } from './bootstrap';
import { type Bounds, boundsOf, isAbove, isBelow } from './observations';

/** Which values speak for a method: the larger or the smaller ones. */
export type Better = 'lower' | 'higher';

export interface PairedRank {
  /** By how much it does better than the baseline: larger is better. */
  readonly advantage: Bounds;
  /** 1 + the number of methods that are better beyond chance. */
  readonly rank: number;
  /** Indices of the methods that it is tied with, ascending. */
  readonly tiedWith: readonly number[];
}

/**
 * Ranks of methods by a value each, of which all have the same resamples.
 *
 * Two methods are tied where the percentile interval of their difference contains 0 (bounds
 * included); no correction is made for the number of pairs. Ties of this kind are not transitive, so
 * the rank is 1 + the number of methods that are significantly better: always defined, 1 for a method
 * that none beats, and equal for methods that the same ones beat. Of one observation every bound is
 * null and all methods are tied.
 *
 * @param resampled [M] of [B], the values of each method by resample; NaN where it has none
 * @param options.count observations that were resampled
 * @param options.defined how many of them each method has a value of; all by default
 * @param options.baseline index of the random map
 * @param options.coverage of every interval; 0.95 by default
 */
export function pairedRanks(
  resampled: readonly Float64Array[],
  options: {
    readonly count: number;
    readonly defined?: readonly number[] | undefined;
    readonly baseline: number;
    readonly better: Better;
    readonly coverage?: number | undefined;
  },
): PairedRank[] {
  const { count, defined, baseline, better, coverage } = options;
  /** By how much b does better than a. */
  const lead = (a: number, b: number): Bounds => {
    const [low, high] = better === 'lower' ? [b, a] : [a, b];
    const differences = subtract(valueAt(resampled, high), valueAt(resampled, low));
    const observations = defined ? Math.min(valueAt(defined, a), valueAt(defined, b)) : count;
    // Where no resample has both, there is nothing to go by.
    return boundsOf(differences.length === 0 ? 0 : observations, () =>
      percentileInterval(differences, coverage),
    );
  };
  const beaten = resampled.map(() => 0);
  const ties = resampled.map((): number[] => []);
  for (let a = 0; a < resampled.length; a += 1) {
    for (let b = a + 1; b < resampled.length; b += 1) {
      const difference = lead(a, b);
      if (isAbove(difference)) beaten[a] = valueAt(beaten, a) + 1;
      else if (isBelow(difference)) beaten[b] = valueAt(beaten, b) + 1;
      else {
        valueAt(ties, a).push(b);
        valueAt(ties, b).push(a);
      }
    }
  }
  return resampled.map((_, method) => ({
    advantage: lead(baseline, method),
    rank: 1 + valueAt(beaten, method),
    tiedWith: valueAt(ties, method).sort((a, b) => a - b),
  }));
}

/** Of the resamples in which both have a value. */
function subtract(a: Float64Array, b: Float64Array): Float64Array {
  const differences = a.map((value, i) => value - (b[i] as number));
  return differences.some(Number.isNaN)
    ? differences.filter((value) => !Number.isNaN(value))
    : differences;
}

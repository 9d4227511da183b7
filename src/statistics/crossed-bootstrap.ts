import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { deriveSeed } from '../shared/seeds';
import { type Interval, percentileInterval } from './bootstrap';

/** How often each of `count` items was drawn in each resample. */
export interface ResampleWeights {
  readonly count: number;
  readonly resamples: number;
  /** Row-major [B, count]; every row sums to `count`. */
  readonly weights: Uint16Array;
}

/**
 * Draw `count` of `count` items with replacement, `resamples` times. Used for raters and for images
 * independently, it gives the crossed bootstrap.
 *
 * @param count items, 1 to 65,535.
 * @param options.resamples B, at least 1; 2000 for results.
 * @param options.seed a safe integer; with `purpose` it fixes every draw.
 * @throws RangeError for a size outside these.
 */
export function resampleWeights(
  count: number,
  options: { readonly resamples: number; readonly seed: number; readonly purpose: string },
): ResampleWeights {
  const { resamples, seed, purpose } = options;
  if (!Number.isInteger(count) || count < 1 || count > 65_535) {
    throw new RangeError(`resampleWeights: count is ${count}; accepted: 1 to 65535`);
  }
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new RangeError(`resampleWeights: resamples is ${resamples}; accepted: from 1`);
  }
  const weights = new Uint16Array(resamples * count);
  const generator = xoroshiro128plus(deriveSeed(seed, purpose)[0]);
  for (let b = 0; b < resamples; b += 1) {
    for (let draw = 0; draw < count; draw += 1) {
      const at = b * count + uniformInt(generator, 0, count - 1);
      weights[at] = (weights[at] as number) + 1;
    }
  }
  return { count, resamples, weights };
}

/** Ratings of crossed raters and images, in groups whose means are wanted (methods). */
export interface CrossedRating {
  readonly rater: number;
  readonly image: number;
  readonly group: number;
  readonly score: number;
}

/**
 * Means of groups in the crossed ("pigeonhole") bootstrap: a rating counts as often as its rater was
 * drawn times as often as its image was, so that ratings of one rater, and of one image, go together
 * (McCullagh 2000, Bernoulli 6: 285-301; Owen 2007, The Annals of Applied Statistics 1: 386-411).
 * The ratings need not be complete: a mean is the weighted sum over the weight that is there.
 *
 * @param ratings indices from 0, scores in any unit.
 * @param raters, images drawn with the same number of resamples.
 * @returns row-major [groups, B]; NaN in a resample that drew nothing of a group. One set of draws
 * serves all groups, so that they can be compared resample by resample.
 * @throws RangeError if the numbers of resamples differ or an index does not fit.
 */
export function crossedMeans(
  ratings: readonly CrossedRating[],
  groups: number,
  raters: ResampleWeights,
  images: ResampleWeights,
): Float64Array {
  const B = raters.resamples;
  if (images.resamples !== B) throw new RangeError('crossedMeans: numbers of resamples differ');
  const n = ratings.length;
  const [rater, image, group] = [new Int32Array(n), new Int32Array(n), new Int32Array(n)];
  const score = new Float64Array(n);
  ratings.forEach((rating, i) => {
    check('rater', rating.rater, raters.count);
    check('image', rating.image, images.count);
    check('group', rating.group, groups);
    rater[i] = rating.rater;
    image[i] = rating.image;
    group[i] = rating.group;
    score[i] = rating.score;
  });
  const means = new Float64Array(groups * B);
  const sums = new Float64Array(groups);
  const totals = new Float64Array(groups);
  for (let b = 0; b < B; b += 1) {
    sums.fill(0);
    totals.fill(0);
    const [r, m] = [b * raters.count, b * images.count];
    for (let i = 0; i < n; i += 1) {
      const weight =
        (raters.weights[r + (rater[i] as number)] as number) *
        (images.weights[m + (image[i] as number)] as number);
      if (weight === 0) continue;
      const g = group[i] as number;
      sums[g] = (sums[g] as number) + weight * (score[i] as number);
      totals[g] = (totals[g] as number) + weight;
    }
    for (let g = 0; g < groups; g += 1) {
      means[g * B + b] = (sums[g] as number) / (totals[g] as number);
    }
  }
  return means;
}

function check(name: string, index: number, count: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new RangeError(`crossedMeans: ${name} ${index} of ${count}`);
  }
}

/**
 * Percentile interval of resampled values of which some may not be defined (NaN): those are left
 * out, and with fewer than half defined there is no interval.
 *
 * @param values [B].
 * @param level coverage, 0 to 1; 0.95 by default.
 */
export function definedInterval(values: Float64Array, level = 0.95): Interval | null {
  const defined = values.filter((value) => !Number.isNaN(value));
  if (defined.length === 0 || defined.length * 2 < values.length) return null;
  return percentileInterval(defined, level);
}

import { valueFor } from '../../../shared/checked-reads';
import { type AskedQuestion } from '../../../shared/ratings/results';
import {
  crossedMeans,
  type CrossedRating,
  type ResampleWeights,
  resampleWeights,
} from '../../../statistics/crossed-bootstrap';
import { type RatedRow } from './input';
import { naturalOrder } from './order';

/** The labels of one question on one dataset. */
export interface RatedBlock {
  readonly question: AskedQuestion['id'];
  /** Labels of its scale. */
  readonly categories: number;
  readonly dataset: string;
  /** Groups of `ratings` are methods. */
  readonly methods: readonly string[];
  readonly raters: readonly string[];
  readonly images: readonly string[];
  readonly ratings: readonly CrossedRating[];
}

/** The same with the resampled means of its methods. */
export interface Block extends RatedBlock {
  /** [M]; null without a label. */
  readonly means: readonly (number | null)[];
  /** [M] of [B]; NaN where a resample drew nothing. Empty where nothing was rated. */
  readonly resampled: readonly Float64Array[];
  /** The draws of images, for statistics that resample images alone; null without an image. */
  readonly imageDraws: ResampleWeights | null;
  /** Raters and images that gave or got a label of this question. */
  readonly raterCount: number;
  readonly imageCount: number;
}

interface Study {
  readonly methods: readonly string[];
  readonly datasets: readonly string[];
  readonly questions: readonly AskedQuestion[];
}

/**
 * The labels sorted by question and dataset, in the order of the tables, then of the datasets.
 *
 * @throws RangeError for a score that its question's scale has not
 */
export function ratedBlocks(counted: readonly RatedRow[], study: Study): RatedBlock[] {
  const { methods, questions } = study;
  const raters = [...new Set(counted.map(({ rater }) => rater))].sort(naturalOrder);
  const raterAt = new Map(raters.map((rater, i) => [rater, i]));
  const methodAt = new Map(methods.map((method, i) => [method, i]));
  const blocks = study.datasets.flatMap((dataset) => {
    const rows = counted.filter((row) => row.dataset === dataset);
    const images = [...new Set(rows.map(({ image }) => image))].sort(naturalOrder);
    const imageAt = new Map(images.map((image, i) => [image, i]));
    return questions.map(({ id: question, labels }): RatedBlock => {
      const categories = labels.length;
      const ratings = rows
        .filter((row) => row.question === question)
        .map((row) => ({
          rater: valueFor(raterAt, row.rater),
          image: valueFor(imageAt, row.image),
          group: valueFor(methodAt, row.method),
          score: onScale(row, categories),
        }));
      return { question, categories, dataset, methods, raters, images, ratings };
    });
  });
  return questions.flatMap(({ id }) => blocks.filter((block) => block.question === id));
}

function onScale({ question, score }: RatedRow, categories: number): number {
  if (Number.isInteger(score) && score >= 1 && score <= categories) return score;
  throw new RangeError(`${question} has the scores 1 to ${categories}, and no ${score}`);
}

/**
 * The same, resampling raters and images. Raters are drawn once for the whole study and images once
 * for each dataset, so that questions, methods and datasets can be set against each other within a
 * resample.
 */
export function blocksOf(
  counted: readonly RatedRow[],
  study: Study,
  options: { readonly seed: number; readonly resamples: number },
): Block[] {
  const B = options.resamples;
  const rated = ratedBlocks(counted, study);
  const draws = (count: number, purpose: string) =>
    count > 0 ? resampleWeights(count, { ...options, purpose }) : null;
  const raterDraws = draws(rated[0]?.raters.length ?? 0, 'results/raters');
  const counts = new Map(rated.map(({ dataset, images }) => [dataset, images.length]));
  const imageDraws = new Map(
    [...counts].map(([dataset, count]) => [dataset, draws(count, `results/images/${dataset}`)]),
  );
  return rated.map((block): Block => {
    const { dataset, methods, ratings } = block;
    const images = imageDraws.get(dataset) ?? null;
    const flat =
      raterDraws && images ? crossedMeans(ratings, methods.length, raterDraws, images) : null;
    return {
      ...block,
      means: meansOf(ratings, methods.length),
      resampled: flat ? methods.map((_, m) => flat.subarray(m * B, (m + 1) * B)) : [],
      imageDraws: images,
      raterCount: new Set(ratings.map(({ rater }) => rater)).size,
      imageCount: new Set(ratings.map(({ image }) => image)).size,
    };
  });
}

/**
 * Whether a method's mean rests on labels of two raters or of two images: one alone, resampled,
 * would always come out the same and look certain.
 */
export function isCrossed({ ratings }: Block, method: number): boolean {
  const own = ratings.filter(({ group }) => group === method);
  return own.some(({ rater, image }) => rater !== own[0]?.rater || image !== own[0]?.image);
}

function meansOf(ratings: readonly CrossedRating[], count: number): (number | null)[] {
  const sums = new Float64Array(count);
  const totals = new Float64Array(count);
  for (const { group, score } of ratings) {
    sums[group] = (sums[group] as number) + score;
    totals[group] = (totals[group] as number) + 1;
  }
  return [...sums].map((sum, m) => (totals[m] ? sum / (totals[m] as number) : null));
}

/** A unit of agreement: one map of one image, with the scores that its raters gave. */
export interface Unit {
  readonly image: number;
  readonly method: number;
  readonly scores: number[];
  /** Rater of each score. */
  readonly raters: number[];
}

export function unitsOf(block: RatedBlock): Unit[] {
  const units = new Map<number, Unit>();
  for (const { rater, image, group: method, score } of block.ratings) {
    const key = image * block.methods.length + method;
    const unit = units.get(key) ?? { image, method, scores: [], raters: [] };
    unit.scores.push(score);
    unit.raters.push(rater);
    units.set(key, unit);
  }
  return [...units.values()];
}

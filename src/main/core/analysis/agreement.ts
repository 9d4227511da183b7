import { valueAt } from '../../../shared/checked-reads';
import { type Agreement } from '../../../shared/ratings/results';
import { type Interval } from '../../../statistics/bootstrap';
import { definedInterval } from '../../../statistics/crossed-bootstrap';
import { addCoincidences, alphaOfCoincidences } from '../../../statistics/krippendorff';
import { agreeingShare } from '../../../statistics/percent-agreement';
import { contingency, weightedKappa } from '../../../statistics/weighted-kappa';
import { type Block, type Unit, unitsOf } from './blocks';

const oneImage = 'One image leaves nothing to resample for an interval.';
const oneLabel = 'All labels are the same: there is no disagreement that chance could bring.';

/**
 * Agreement of all raters on one question and dataset; a unit is one method's map of one image. The
 * intervals of alpha and of percentage agreement resample images with all their maps, with the
 * raters as they are: a rater drawn twice would agree with themselves.
 */
export function agreementOf(block: Block): Agreement[] {
  const paired = unitsOf(block).filter((unit) => unit.scores.length > 1);
  return [alpha(block, paired), percent(block, paired)];
}

function row(
  block: Pick<Block, 'question' | 'dataset'>,
  statistic: Agreement['statistic'],
  found: {
    value: number | null;
    interval?: Interval | null;
    raters?: string[];
    n: number;
    reason: string | null;
  },
): Agreement {
  const { value, interval = null, raters = null, n, reason } = found;
  return {
    question: block.question,
    dataset: block.dataset,
    statistic,
    value,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    raters,
    n,
    reason,
  };
}

function nothingPaired(block: Block): string {
  if (block.raterCount === 0) return 'Nothing was rated.';
  if (block.raterCount === 1) return 'Agreement needs two raters, and there is one.';
  return 'No two raters rated the same map.';
}

function alpha(block: Block, paired: readonly Unit[]): Agreement {
  const { categories } = block;
  const scores = Array.from({ length: categories }, (_, i) => i + 1);
  const byImage = block.images.map(() => new Float64Array(categories ** 2));
  for (const unit of paired) {
    addCoincidences(
      valueAt(byImage, unit.image),
      unit.scores.map((score) => score - 1),
      categories,
    );
  }
  const statistic = (weight: (image: number) => number) => {
    const sum = new Float64Array(categories ** 2);
    byImage.forEach((matrix, image) => {
      const times = weight(image);
      if (times > 0) matrix.forEach((count, i) => (sum[i] = (sum[i] as number) + times * count));
    });
    return alphaOfCoincidences(sum, scores, 'ordinal');
  };
  const value = statistic(() => 1);
  const interval = value === null ? null : overImages(block, paired, statistic);
  return row(block, 'krippendorff-alpha-ordinal', {
    value,
    interval,
    n: paired.length,
    reason: whyNot(block, paired, value, interval),
  });
}

function percent(block: Block, paired: readonly Unit[]): Agreement {
  const sums = block.images.map(() => 0);
  const counts = block.images.map(() => 0);
  for (const unit of paired) {
    sums[unit.image] = (sums[unit.image] as number) + (agreeingShare(unit.scores) ?? 0);
    counts[unit.image] = (counts[unit.image] as number) + 1;
  }
  const statistic = (weight: (image: number) => number) => {
    let [sum, count] = [0, 0];
    sums.forEach((share, image) => {
      sum += weight(image) * share;
      count += weight(image) * (counts[image] as number);
    });
    return count > 0 ? sum / count : null;
  };
  const value = statistic(() => 1);
  const interval = overImages(block, paired, statistic);
  return row(block, 'percent-agreement', {
    value,
    interval,
    n: paired.length,
    reason: whyNot(block, paired, value, interval),
  });
}

function overImages(
  block: Block,
  paired: readonly Unit[],
  statistic: (weight: (image: number) => number) => number | null,
): Interval | null {
  const { imageDraws } = block;
  if (!imageDraws || new Set(paired.map(({ image }) => image)).size < 2) return null;
  const { resamples, count, weights } = imageDraws;
  const values = Float64Array.from(
    { length: resamples },
    (_, b) => statistic((image) => weights[b * count + image] as number) ?? Number.NaN,
  );
  return definedInterval(values);
}

function whyNot(
  block: Block,
  paired: readonly Unit[],
  value: number | null,
  interval: Interval | null,
): string | null {
  if (paired.length === 0) return nothingPaired(block);
  if (value === null) return oneLabel;
  if (interval) return null;
  return new Set(paired.map(({ image }) => image)).size < 2
    ? oneImage
    : 'Too few resamples of the images define it for an interval.';
}

/** A label and what the same rater said when the trial came again. */
export interface RepeatedLabel {
  readonly rater: string;
  readonly first: number;
  readonly again: number;
}

/**
 * Consistency of raters with themselves on one question and dataset: the share of repeated trials
 * with the same label, and their quadratic weighted kappa, over all raters and for each.
 */
export function intraRater(
  block: Pick<Block, 'question' | 'categories' | 'dataset'>,
  repeated: readonly RepeatedLabel[],
): Agreement[] {
  const byRater = Map.groupBy(repeated, ({ rater }) => rater);
  const groups: [string | null, readonly RepeatedLabel[]][] = [[null, repeated], ...byRater];
  return groups.flatMap(([rater, list]) => {
    const n = list.length;
    const base = { n, ...(rater === null ? {} : { raters: [rater] }) };
    const none = n === 0 ? 'No trial was repeated.' : null;
    const same = list.filter(({ first, again }) => first === again).length;
    const kappa = weightedKappa(
      contingency(
        list.map(({ first, again }) => [first, again] as const),
        block.categories,
      ),
      'quadratic',
    );
    return [
      row(block, 'intra-rater-agreement', {
        ...base,
        value: n > 0 ? same / n : null,
        reason: none,
      }),
      row(block, 'intra-rater-kappa', {
        ...base,
        value: kappa,
        reason: none ?? (kappa === null ? 'One and the same label throughout.' : null),
      }),
    ];
  });
}

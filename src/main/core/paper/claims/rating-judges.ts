import { fixed, interval as intervalText } from '../../../../shared/format/numbers';
import { paperMethods } from '../../../../shared/catalogue/methods';
import { type QuestionId, questionIds } from '../../../../shared/ratings/questions';
import {
  allAbove,
  combine,
  type Estimate,
  estimateText,
  intervalOf,
  meanOf,
  minus,
  sideOf,
} from './estimate';
import { publishedName } from '../paper';
import { averageOf, type ByMethod } from './evidence';
import {
  aboveMedian,
  combinationsBetter,
  type ClaimInput,
  type Judge,
  largest,
  meanAdvantages,
  nameOf,
  over,
  words,
} from './judges';

/** Two datasets are alike for a method where their means differ by less than half a label. */
const half = 0.5;
/** A rank correlation of less is called minimal. */
const minimal = 0.3;

const edgesBest = ['smoothgrad', 'smoothed-integrated-gradients', 'smoothed-guided-backprop'];

/** Mean ratings over datasets and questions; null where a method was not rated. */
function meanRatings(
  { figures, datasets }: ClaimInput,
  questions: readonly QuestionId[],
): ByMethod | null {
  const sets = datasets.flatMap((dataset) =>
    questions.map((question) => figures.ratings(dataset, question)),
  );
  const whole = sets.flatMap((set) => set ?? []);
  return whole.length === sets.length && whole.length > 0 ? averageOf(whole) : null;
}

/** The ratings of one question by dataset; null where one is not rated. */
function byDataset(
  { figures, datasets }: ClaimInput,
  question: QuestionId,
): { dataset: string; ratings: ByMethod }[] | null {
  const sets = datasets.flatMap((dataset) => {
    const ratings = figures.ratings(dataset, question);
    return ratings ? [{ dataset, ratings }] : [];
  });
  return sets.length === datasets.length ? sets : null;
}

/** The mean over methods of how far two datasets' mean ratings are apart. */
function apart(a: ByMethod, b: ByMethod): Estimate {
  const pairs = paperMethods.flatMap(({ id }) => {
    const [x, y] = [a.get(id), b.get(id)];
    return x && y ? [[x, y] as const] : [];
  });
  return combine(pairs.flat(), (values) =>
    meanOf(pairs.map((_, i) => Math.abs((values[2 * i] ?? NaN) - (values[2 * i + 1] ?? NaN)))),
  );
}

function pairsOf<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((a, i) => items.slice(i + 1).map((b): [T, T] => [a, b]));
}

/** Claims about people's ratings of the maps. */
export const ratingJudges: Readonly<Record<string, Judge>> = {
  'combinations-better-ratings': (input) => {
    const ratings = meanRatings(input, questionIds);
    return ratings && combinationsBetter(ratings, input, 'rating over both questions');
  },

  'coherence-varies': (input) => {
    const sets = byDataset(input, 'visual-coherence');
    if (!sets || sets.length < 2) return null;
    const judged = paperMethods.map(({ id, name }) => {
      const differences = pairsOf(sets).flatMap(([a, b]) => {
        const [x, y] = [a.ratings.get(id), b.ratings.get(id)];
        return x && y ? [minus(x, y)] : [];
      });
      const intervals = differences.map(intervalOf);
      return {
        name,
        varies: differences.some((difference) => sideOf(difference) !== 'open'),
        alike: intervals.every(
          (interval) => interval !== null && interval.low > -half && interval.high < half,
        ),
      };
    });
    const varying = judged.filter(({ varies }) => varies);
    const alike = judged.filter((method) => method.alike && !method.varies);
    return {
      verdict:
        alike.length > 0 ? 'not-held' : varying.length === judged.length ? 'held' : 'undecided',
      evidence: `The mean coherence of ${varying.length} of ${judged.length} methods differs between two datasets by an interval without 0${
        alike.length > 0
          ? `; that of ${words(alike.map(({ name }) => name))} is within half a label everywhere`
          : ''
      }.`,
    };
  },

  'coherence-best': (input) => {
    const ratings = meanRatings(input, ['visual-coherence']);
    return ratings && largest(['smoothgrad'], ratings, input, 'coherence');
  },

  'edges-vary-less': (input) => {
    const [coherence, edges] = questionIds.map((question) => byDataset(input, question));
    if (!coherence || !edges || input.datasets.length < 2) return null;
    const variation = (sets: typeof edges) => {
      const distances = pairsOf(sets).map(([a, b]) => apart(a.ratings, b.ratings));
      return combine(distances, meanOf);
    };
    const [first, second] = [variation(coherence), variation(edges)];
    const difference = minus(first, second);
    return {
      verdict: allAbove([difference]),
      evidence: `Between two datasets a method’s mean differs by ${fixed(first.value)} in coherence and ${fixed(second.value)} in edges on average; the difference is ${estimateText(difference)}.`,
    };
  },

  'edges-mnist-differs': (input) => {
    const sets = byDataset(input, 'edge-differentiation');
    const ratings = new Map(sets?.map((set) => [set.dataset, set.ratings]));
    const [mnist, cifar, tiny] = ['mnist', 'cifar10', 'tiny-imagenet'].map((id) => ratings.get(id));
    if (!mnist || !cifar || !tiny) return null;
    const others = apart(cifar, tiny);
    const both = [
      { dataset: 'cifar10' as const, distance: apart(mnist, cifar) },
      { dataset: 'tiny-imagenet' as const, distance: apart(mnist, tiny) },
    ];
    return {
      verdict: allAbove(both.map(({ distance }) => minus(distance, others))),
      evidence: `A method’s mean in edges differs by ${fixed(others.value)} between CIFAR-10 and Tiny ImageNet on average; more than that between MNIST and ${both
        .map(
          ({ dataset, distance }) =>
            `${publishedName(input.paper, dataset)} by ${estimateText(minus(distance, others))}`,
        )
        .join(', and ')}.`,
    };
  },

  'edges-best-three': (input) => {
    const ratings = meanRatings(input, ['edge-differentiation']);
    return ratings && largest(edgesBest, ratings, input, 'edge differentiation');
  },
};

/** Claims about ratings and ROAR together. */
export const bothJudges: Readonly<Record<string, Judge>> = {
  'minimal-correlation': ({ paper, figures, datasets }) => {
    const rows = figures
      .correlations()
      .filter(
        (row) =>
          questionIds.some((id) => id === row.question) &&
          row.against === 'roar-advantage' &&
          row.statistic === 'spearman',
      );
    const pooled = rows.filter(({ dataset }) => dataset === 'pooled');
    const refused = rows.filter(
      (row) => row.value === null && (datasets as readonly string[]).includes(row.dataset),
    );
    if (pooled.length < questionIds.length) return null;
    const reasons = [...new Set(refused.flatMap(({ reason }) => reason ?? []))];
    if (reasons.length > 0) return { verdict: 'undecided', evidence: reasons.join(' ') };
    const inside = pooled.every(
      ({ low, high }) => low !== null && high !== null && low > -minimal && high < minimal,
    );
    const outside = pooled.some(
      ({ low, high }) => low !== null && high !== null && (low > minimal || high < -minimal),
    );
    return {
      verdict: inside ? 'held' : outside ? 'not-held' : 'undecided',
      evidence: `Spearman’s rank correlation of mean rating and advantage, the mean ${over({ paper, datasets })}: ${pooled
        .map(
          ({ question, value, low, high }) =>
            `${question === 'visual-coherence' ? 'coherence' : 'edges'} ${value === null ? 'not defined' : fixed(value)}${
              low === null || high === null
                ? ' (no interval)'
                : ` (95% interval ${intervalText(low, high)})`
            }`,
        )
        .join(', ')}.`,
    };
  },

  'well-on-both': (input) =>
    upperHalf(input, [
      { method: 'smoothgrad', by: ['ratings', 'ROAR'] },
      { method: 'smoothed-guided-backprop', by: ['ratings', 'ROAR'] },
    ]),

  'well-on-one': (input) =>
    upperHalf(input, [
      { method: 'smoothed-integrated-gradients', by: ['ratings'] },
      { method: 'integrated-guided-backprop', by: ['ROAR'] },
    ]),
};

function upperHalf(
  input: ClaimInput,
  claimed: readonly { method: string; by: readonly ('ratings' | 'ROAR')[] }[],
) {
  const ratings = meanRatings(input, questionIds);
  const advantages = meanAdvantages(input);
  if (!ratings || !advantages) return null;
  const judged = claimed.flatMap(({ method, by }) =>
    by.map((evaluation) => ({
      words: `${nameOf(method)} by ${evaluation}`,
      difference: aboveMedian(method, evaluation === 'ROAR' ? advantages : ratings),
    })),
  );
  return {
    verdict: allAbove(judged.map(({ difference }) => difference)),
    evidence: `Above the median of the nine methods, ${over(input)}: ${judged
      .map((one) => `${one.words} ${estimateText(one.difference)}`)
      .join('; ')}.`,
  };
}

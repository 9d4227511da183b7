import { type Method, paperMethods } from '../../../../../src/shared/catalogue/methods';
import {
  type QuestionId,
  defaultQuestions,
  questionIds,
  ratingLabels,
} from '../../../../../src/shared/ratings/questions';
import {
  resultFiltersSchema,
  type StudyResults,
  type TableCell,
} from '../../../../../src/shared/ratings/results';

export interface SampleOptions {
  readonly datasets?: StudyResults['datasets'];
  /** Further rows, of methods that nobody knows. */
  readonly unknown?: readonly string[];
  readonly name?: string;
  /** A further row, of a method that is known. */
  readonly further?: Method;
}

export const threeDatasets: StudyResults['datasets'] = [
  { id: 'mnist', name: 'MNIST' },
  { id: 'cifar10', name: 'CIFAR-10' },
  { id: 'tiny-imagenet', name: 'Tiny ImageNet' },
];

/** A cell of made-up labels that its figures follow from. */
export function sampleCell(
  question: QuestionId,
  dataset: string,
  method: string,
  distribution: number[],
): TableCell {
  const n = distribution.reduce((sum, count) => sum + count, 0);
  const scores = distribution.flatMap((count, i) => new Array<number>(count).fill(i + 1));
  const median = n === 0 ? null : (scores[Math.ceil(n / 2) - 1] ?? null);
  const mean = n === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / n;
  return {
    question,
    dataset,
    method,
    median,
    label: median === null ? null : (ratingLabels[median - 1] ?? null),
    mean,
    n,
    low: mean === null ? null : mean - 0.25,
    high: mean === null ? null : mean + 0.25,
    distribution,
    alpha: null,
    paper: dataset === 'mnist' ? 'Medium' : null,
  };
}

/** Results of a shape that reports must cope with: the figures are made up, not computed. */
export function sampleResults(options: SampleOptions = {}): StudyResults {
  const { datasets = threeDatasets, unknown = [], name = 'Pilot', further } = options;
  const known = [...paperMethods, ...(further ? [further] : [])].map((method) => ({
    id: method.id,
    name: method.name,
    known: method as Method | null,
  }));
  const methods = [...known, ...unknown.map((id) => ({ id, name: id, known: null }))];
  const tables = questionIds.flatMap((question, q) =>
    methods.flatMap(({ id }, m) =>
      datasets.map((dataset, d) => {
        const counts = [0, 1, 2, 3, 4].map((label) => (q + 2 * m + 3 * d + label * label) % 7);
        return sampleCell(question, dataset.id, id, counts);
      }),
    ),
  );
  return {
    study: {
      id: 'study_aaaaaaaaaaaaaaaa',
      name,
      version: 1,
      previous: null,
      origin: 'imported',
      state: 'closed',
      config: null,
      hash: null,
      frozen: true,
      job: null,
      raters: 2,
      ratings: tables.reduce((sum, cell) => sum + cell.n, 0),
      revealedAt: null,
      createdAt: '2026-01-01T00:00:00.000Z',
      closedAt: '2026-01-01T00:00:00.000Z',
    },
    filters: resultFiltersSchema.parse({}),
    methods,
    datasets,
    questions: defaultQuestions.map(({ id, title, labels }) => ({ id, title, labels })),
    tables,
    agreement: questionIds.flatMap((question) =>
      datasets.flatMap(({ id: dataset }) => [
        {
          ...{ question, dataset, statistic: 'krippendorff-alpha-ordinal' as const },
          ...{ value: 0.512, low: 0.4, high: 0.6, raters: null, n: 90, reason: null },
        },
        {
          ...{ question, dataset, statistic: 'quadratic-weighted-kappa' as const },
          ...{ value: 0.4, low: null, high: null, raters: ['a', 'b'], n: 90, reason: null },
        },
        {
          ...{ question, dataset, statistic: 'intra-rater-agreement' as const },
          ...{ value: null, low: null, high: null, raters: null, n: 0 },
          reason: 'No trial was shown twice.',
        },
      ]),
    ),
    kappas: questionIds.flatMap((question) =>
      datasets.map(({ id: dataset }) => ({
        ...{ question, dataset, raters: 3, pairs: 3, sharing: 2, defined: 1 },
        ...{ least: 0.4, lowerQuartile: 0.4, median: 0.4, upperQuartile: 0.4, most: 0.4 },
        listed: true,
      })),
    ),
    friedman: questionIds.map((question) => ({
      ...{ question, dataset: 'mnist', statistic: 6.523, degrees: 8, p: 0.589 },
      ...{ blocks: 3, treatments: 9, reason: null },
      sentence: 'No difference between methods is shown.',
    })),
    correlation: [
      {
        ...{ question: 'visual-coherence', against: 'roar-advantage', dataset: 'mnist' },
        ...{ statistic: 'spearman', value: -0.12, low: -0.5, high: 0.3, p: 0.76, n: 9 },
        reason: null,
      },
      {
        ...{ question: 'visual-coherence', against: 'edge-differentiation', dataset: 'pooled' },
        ...{ statistic: 'kendall-tau-b', value: null, low: null, high: null, p: null, n: 0 },
        reason: 'Every method has the same mean.',
      },
    ],
    paper: { correlation: [], friedman: [] },
    raters: ['a', 'b'].map((rater) => ({
      rater,
      experience: 'naive',
      ratings: 10,
      medianResponseMs: 3000,
      bias: 0,
      checks: { passed: 1, failed: 0 },
      repeats: { n: 0, same: null, near: null },
      excluded: false,
    })),
    beside: [],
    counted: tables.reduce((sum, cell) => sum + cell.n, 0),
    leftOut: [],
    images: ['mnist/1', 'mnist/2'],
    checks: { rated: 2, judged: 2, raters: 2 },
    filterNotes: [],
    notes: ['Three datasets cannot rank nine methods: 100% & more_of it.'],
  };
}

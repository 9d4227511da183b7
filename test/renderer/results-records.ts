import coherence from '../../resources/paper/table-1.json';
import edges from '../../resources/paper/table-2.json';
import { builtInMethods, paperMethods } from '../../src/shared/catalogue/methods';
import {
  defaultQuestions,
  type QuestionId,
  questionIds,
  ratingLabels,
} from '../../src/shared/ratings/questions';
import {
  type ComparedRun,
  resultFiltersSchema,
  type StudyResults,
} from '../../src/shared/ratings/results';
import { type RouteInput } from '../../src/shared/routes';
import { studyConfigSchema, type StudyRecord } from '../../src/shared/ratings/study';
import { paperTableSchema } from '../../src/main/core/paper/paper';
import { computeResults } from '../../src/main/core/analysis/compute-results';
import { type RatedRow, type ResultsInput } from '../../src/main/core/analysis/input';
import { datasetName } from '../../src/main/core/analysis/order';
import { modelId, runId } from './records';
import { datasetNames } from '../fixtures/datasets';

export const studyId = (letter: string): string => `study_${letter.repeat(16)}`;

export function studyRecord(changes: Partial<StudyRecord> = {}): StudyRecord {
  return {
    id: studyId('a'),
    name: 'Digits, first round',
    version: 1,
    previous: null,
    origin: 'designed',
    state: 'closed',
    config: studyConfigSchema.parse({
      datasets: [{ dataset: 'mnist', model: modelId('a'), run: runId('a') }],
    }),
    hash: null,
    frozen: true,
    job: null,
    raters: 3,
    ratings: 600,
    revealedAt: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    closedAt: '2026-01-02T00:00:00.000Z',
    ...changes,
  };
}

export interface MadeStudy {
  readonly methods?: readonly string[];
  readonly datasets?: readonly string[];
  readonly raters?: readonly string[];
  readonly images?: number;
  /** Raters who failed a check. */
  readonly failed?: readonly string[];
  readonly repeats?: boolean;
  readonly filters?: RouteInput<'results.get'>['filters'];
  readonly study?: Partial<StudyRecord>;
  readonly refused?: string;
}

/** A label as a person might give it: the paper's, or near it; three methods fare otherwise. */
function madeScore(question: QuestionId, dataset: string, method: string, spread: number): number {
  const table = question === 'visual-coherence' ? coherence : edges;
  const column = ['mnist', 'cifar10', 'tiny-imagenet'].indexOf(dataset);
  const row = table.rows.findIndex((each) => each.method === method);
  const label = table.rows[row]?.cells[Math.max(0, column)] ?? 'Low';
  const at = ratingLabels.findIndex((known) => known === label) + 1;
  const step = [0, 0, 1, 0, -1, 0, 0, -1, 1, 0, 2][spread % 11] ?? 0;
  const shift = { 'integrated-gradients': 1, 'guided-backprop': 2, smoothgrad: -1 }[method] ?? 0;
  return Math.max(1, Math.min(5, at + step + shift));
}

export function madeRatings(made: MadeStudy): RatedRow[] {
  const methods = made.methods ?? [...paperMethods.map(({ id }) => id), 'random'];
  const { datasets = ['mnist'], raters = ['ann', 'ben', 'cem'], images = 6 } = made;
  const rows: RatedRow[] = [];
  raters.forEach((rater, r) => {
    datasets.forEach((dataset, d) => {
      methods.forEach((method, m) => {
        for (let image = 0; image < images; image += 1) {
          questionIds.forEach((question, q) => {
            const spread = r * 7 + d * 3 + m * 5 + image * 13 + q * 2;
            const row: RatedRow = {
              ...{ dataset, method, question, rater, image: String(image * 17) },
              ...{ kind: 'main', repeat: 0, trial: `${d}-${m}-${image}` },
              score: madeScore(question, dataset, method, spread),
              responseMs: 1500 + ((spread * 271) % 2400),
              ratedAt: `2026-01-0${1 + (image % 3)}T10:00:00.000Z`,
            };
            rows.push(row);
            if (made.repeats && image === 0 && m < 3) {
              const again = madeScore(question, dataset, method, spread + (m === 1 ? 2 : 0));
              rows.push({ ...row, kind: 'repeat', repeat: 1, trial: `again-${m}`, score: again });
            }
          });
        }
      });
    });
    const score = made.failed?.includes(rater) ? 5 : 1;
    if (made.failed) {
      rows.push({
        ...{ dataset: 'mnist', image: 'check', method: 'flat', question: 'visual-coherence' },
        ...{ rater, trial: 'check', kind: 'attention', repeat: 0, score },
        ...{ responseMs: 900, ratedAt: '2026-01-01T10:00:00.000Z' },
      });
    }
  });
  return rows;
}

const computedBefore = new Map<string, StudyResults>();

/** Results of made ratings, by the product's own computation; the same study is computed once. */
export function studyResults(what: MadeStudy = {}): StudyResults {
  const key = JSON.stringify(what);
  const known = computedBefore.get(key) ?? computed(what);
  computedBefore.set(key, known);
  return known;
}

function computed(made: MadeStudy): StudyResults {
  const { datasets = ['mnist'], raters = ['ann', 'ben', 'cem'] } = made;
  const filters = resultFiltersSchema.parse(made.filters ?? {});
  const ratings = madeRatings(made);
  const study = studyRecord({ ratings: ratings.length, ...made.study });
  const named = paperMethods.map(({ id }) => id);
  const areas = Float64Array.from(
    { length: named.length * 20 },
    (_, i) => 0.45 - Math.floor(i / 20) * 0.02 + (((i * 31) % 17) - 8) * 0.004,
  );
  const roar: ResultsInput['roar'] =
    study.config === null
      ? []
      : [
          {
            dataset: 'mnist',
            areas: made.refused
              ? null
              : { methods: named, areas, random: new Float64Array(20).fill(0.6), better: 'lower' },
            reason: made.refused ?? null,
          },
        ];
  const questions = defaultQuestions.map(({ id, title, labels }) => ({ id, title, labels }));
  const results = computeResults({
    ratings,
    checks: raters.map((rater) => ({
      rater,
      trial: 'check',
      low: 1,
      high: 2,
      questions: questionIds,
    })),
    raters: raters.map((code, i) => ({ code, experience: i === 0 ? 'naive' : 'seen' })),
    methods: made.methods ? [] : [...named, 'random'],
    datasets,
    known: datasetNames,
    questions,
    roar,
    paper: [paperTableSchema.parse(coherence), paperTableSchema.parse(edges)],
    filters,
    seed: 0,
    resamples: 100,
  });
  const mean = (m: number) =>
    areas.slice(m * 20, m * 20 + 20).reduce((sum, area) => sum + area / 20, 0);
  const beside: ComparedRun[] = roar.map(({ dataset }) => ({
    ...{ dataset, run: runId('a'), name: 'Quick ROAR on MNIST', refused: made.refused ?? null },
    points: made.refused
      ? []
      : named.map((method, m) => {
          const advantage = 0.6 - mean(m);
          return { method, advantage, low: advantage - 0.01, high: advantage + 0.01, rank: 9 - m };
        }),
  }));
  return {
    ...results,
    ...{ study, filters, beside, questions },
    methods: results.methods.map((id) => {
      const known = builtInMethods.find((method) => method.id === id) ?? null;
      return { id, name: known?.name ?? id, known };
    }),
    datasets: results.datasets.map((id) => ({ id, name: datasetName(datasetNames, id) })),
  };
}

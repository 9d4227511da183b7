import { type RatedRow, type ResultsInput } from '../../../../src/main/core/analysis/input';
import { loadPaper } from '../../../../src/main/core/paper/paper';
import { paperMethods, randomMethodId } from '../../../../src/shared/catalogue/methods';
import { defaultQuestions, questionIds } from '../../../../src/shared/ratings/questions';
import { resultFiltersSchema } from '../../../../src/shared/ratings/results';
import { datasetNames } from '../../../fixtures/datasets';

const { tables } = loadPaper('resources');
export const paper = tables;

export const row = (part: Partial<RatedRow>): RatedRow => ({
  dataset: 'mnist',
  image: '0',
  method: 'vanilla-gradient',
  question: 'visual-coherence',
  rater: 'R1',
  trial: null,
  kind: 'main',
  repeat: 0,
  score: 3,
  responseMs: null,
  ratedAt: null,
  ...part,
});

export const input = (
  part: Partial<Omit<ResultsInput, 'filters'>> & { filters?: Record<string, unknown> },
): ResultsInput => {
  const { filters = {}, ...rest } = part;
  return {
    ratings: [],
    checks: [],
    raters: [],
    methods: [],
    datasets: [],
    known: datasetNames,
    questions: defaultQuestions,
    roar: [],
    paper,
    seed: 11,
    resamples: 300,
    ...rest,
    filters: resultFiltersSchema.parse(filters),
  };
};

/** Every rater on every image, method and question. */
export function crossed(
  size: {
    readonly raters: number;
    readonly images: number;
    readonly methods: readonly string[];
    readonly dataset?: string;
  },
  score: (at: { rater: number; image: number; method: number; question: number }) => number,
): RatedRow[] {
  const rows: RatedRow[] = [];
  for (let rater = 0; rater < size.raters; rater += 1) {
    for (let image = 0; image < size.images; image += 1) {
      size.methods.forEach((method, m) => {
        questionIds.forEach((question, q) => {
          rows.push(
            row({
              dataset: size.dataset ?? 'mnist',
              image: String(image),
              method,
              question,
              rater: `R${rater + 1}`,
              score: score({ rater, image, method: m, question: q }),
            }),
          );
        });
      });
    }
  }
  return rows;
}

/** Scores 1 to 5 made by a formula, with effects of method, rater and image. */
export function formula(at: {
  rater: number;
  image: number;
  method: number;
  question: number;
}): number {
  const wave = Math.sin(at.rater * 7.3 + at.image * 3.1 + at.method * 5.7 + at.question * 2.3);
  const mean = 1.5 + (at.method % 5) * 0.6 + (at.rater % 3) * 0.3 + (at.image % 2) * 0.2;
  return Math.min(5, Math.max(1, Math.round(mean + 1.2 * wave)));
}

export const studyMethods = [...paperMethods.map(({ id }) => id), randomMethodId];

/** A study of the usual size: 10 images, ten methods, two questions. */
export function usualStudy(raters: number, resamples: number): ResultsInput {
  const images = 500;
  const methods = paperMethods.map(({ id }) => id);
  return input({
    ratings: crossed({ raters, images: 10, methods: studyMethods }, formula),
    methods: studyMethods,
    datasets: ['mnist'],
    roar: [
      {
        dataset: 'mnist',
        areas: {
          methods,
          areas: Float64Array.from(
            { length: methods.length * images },
            (_, i) => 0.5 + 0.03 * Math.floor(i / images) + 0.2 * Math.sin(i),
          ),
          random: Float64Array.from({ length: images }, (_, i) => 0.8 + 0.1 * Math.cos(i)),
          better: 'lower',
        },
        reason: null,
      },
    ],
    resamples,
  });
}

import { type RatedRow, type ResultsInput } from '../../../../../src/main/core/analysis/input';
import { type RunEvidence } from '../../../../../src/main/core/evaluation/run-evidence';
import { type ExperimentEvidence } from '../../../../../src/main/core/paper/claims/evidence';
import { paperMethods, randomMethodId } from '../../../../../src/shared/catalogue/methods';
import { type QuestionId } from '../../../../../src/shared/ratings/questions';
import { imageAreas } from '../../../../../src/statistics/image-areas';
import { crossed, input } from '../../analysis/made';
import { sampleReport } from '../../evaluation/report/sample-run';
import { datasetIds } from '../../../../fixtures/datasets';

export const nine = paperMethods.map(({ id }) => id);

/** A run as large as the paper's with made-up scores of a known order. */
export function madeRun(dataset: string, changes: { images?: number } = {}): RunEvidence {
  const { result, scores, full } = sampleReport({ dataset, ...changes });
  const { run, levels, curves } = result;
  return { settings: run.settings, levels, curves, scores, full };
}

/** The same run with two methods' scores in each other's place. */
export function exchanged(run: RunEvidence, a: string, b: string): RunEvidence {
  const { methods, levels, scores } = run.scores;
  const size = scores.length / methods.length;
  const at = (id: string) => methods.findIndex((method) => method.id === id) * size;
  const swapped = scores.slice();
  swapped.set(scores.subarray(at(a), at(a) + size), at(b));
  swapped.set(scores.subarray(at(b), at(b) + size), at(a));
  return { ...run, scores: { ...run.scores, levels, scores: swapped } };
}

/** Labels of eight raters on six images of each dataset: what is given, a label up for some images. */
export function madeRatings(
  score: (dataset: string, method: string, question: QuestionId) => number,
  runs: readonly RunEvidence[] = [],
  datasets: readonly string[] = datasetIds,
): ResultsInput {
  const ratings = datasets.flatMap((dataset): RatedRow[] =>
    crossed({ raters: 8, images: 6, methods: nine, dataset }, (at) => {
      const question = at.question === 0 ? 'visual-coherence' : 'edge-differentiation';
      const base = score(dataset, nine[at.method] ?? '', question);
      return Math.min(5, base + ((at.image + at.rater) % 3 === 0 ? 1 : 0));
    }),
  );
  return input({
    ratings,
    methods: nine,
    datasets: [...datasets],
    roar: runs.map(({ scores, settings }) => {
      const areas = imageAreas(scores);
      const images = areas.length / scores.methods.length;
      const row = (id: string) => {
        const m = scores.methods.findIndex((method) => method.id === id);
        return areas.slice(m * images, (m + 1) * images);
      };
      return {
        dataset: settings.dataset,
        areas: {
          methods: nine,
          areas: Float64Array.from(nine.flatMap((id) => [...row(id)])),
          random: row(randomMethodId),
          better: 'lower' as const,
        },
        reason: null,
      };
    }),
    resamples: 2000,
  });
}

export function evidence(part: Partial<ExperimentEvidence>): ExperimentEvidence {
  const { runs = [], ratings = null, noRatings = ratings ? null : 'No study is chosen.' } = part;
  return { runs, ratings, noRatings };
}

import { paperMethods, randomMethodId } from '../../../../shared/catalogue/methods';
import { onDefaultScale, type QuestionId } from '../../../../shared/ratings/questions';
import { type Correlation } from '../../../../shared/ratings/results';
import { resampleMeans } from '../../../../statistics/bootstrap';
import { imageAreas } from '../../../../statistics/image-areas';
import { fewestForInterval } from '../../../../statistics/observations';
import { type Block, blocksOf, isCrossed } from '../../analysis/blocks';
import { correlationsOf } from '../../analysis/correlations';
import { filterRatings } from '../../analysis/filters';
import { resultResamples, type ResultsInput } from '../../analysis/input';
import { orderDatasets, orderMethods, knownDatasetId } from '../../analysis/order';
import { type RunEvidence } from '../../evaluation/run-evidence';
import { average, type Estimate } from './estimate';

/** What an experiment has to judge the paper's claims by: plain data, for a worker thread. */
export interface ExperimentEvidence {
  /** Finished runs, at most one of each dataset. */
  readonly runs: readonly RunEvidence[];
  /** The labels of the chosen study, beside the experiment's runs; null: none to judge by. */
  readonly ratings: ResultsInput | null;
  /** Why there are none, in a sentence; null where there are. */
  readonly noRatings: string | null;
}

/** Figures by method, of the paper's nine. */
export type ByMethod = ReadonlyMap<string, Estimate>;

/** The same evidence as figures with resamples, made when they are asked for. */
export class ExperimentFigures {
  readonly runs: ReadonlyMap<string, RunEvidence>;
  readonly #ratings: ResultsInput | null;
  readonly #advantages = new Map<string, ByMethod | null>();
  #blocks: readonly Block[] | null = null;
  #correlations: readonly Correlation[] | null = null;

  constructor({ runs, ratings }: ExperimentEvidence) {
    this.runs = new Map(runs.map((run) => [run.settings.dataset, run]));
    this.#ratings = ratings;
  }

  /**
   * Advantage over the random map of each of the nine on a dataset, resampled over its images (of
   * one there are no resamples); null without a run of all nine and the random map.
   */
  advantages(dataset: string): ByMethod | null {
    const known = this.#advantages.get(dataset);
    if (known !== undefined) return known;
    const run = this.runs.get(dataset);
    const made = run ? advantagesOf(run) : null;
    this.#advantages.set(dataset, made);
    return made;
  }

  /**
   * Mean score (1 to 5) of each of the nine, resampled over raters and images; null: not all, or on
   * another scale than the paper's.
   */
  ratings(dataset: string, question: QuestionId): ByMethod | null {
    const asked = this.#ratings?.questions.find(({ id }) => id === question);
    if (!asked || !onDefaultScale(asked)) return null;
    const known = this.#ratings?.known ?? [];
    const block = this.#allBlocks().find(
      (candidate) =>
        candidate.question === question && knownDatasetId(known, candidate.dataset) === dataset,
    );
    if (!block) return null;
    const found = new Map<string, Estimate>();
    for (const { id } of paperMethods) {
      const m = block.methods.indexOf(id);
      const value = block.means[m];
      if (typeof value !== 'number') return null;
      const crossed = isCrossed(block, m);
      found.set(id, { value, draws: crossed ? (block.resampled[m] ?? null) : null });
    }
    return found;
  }

  /** Human against ROAR, within datasets and pooled. */
  correlations(): readonly Correlation[] {
    this.#correlations ??= this.#ratings ? correlationsOf(this.#allBlocks(), this.#ratings) : [];
    return this.#correlations;
  }

  #allBlocks(): readonly Block[] {
    const input = this.#ratings;
    if (input === null) return [];
    this.#blocks ??= (() => {
      const { counted } = filterRatings(input);
      const methods = orderMethods(input.methods, new Set(counted.map(({ method }) => method)));
      const datasets = orderDatasets(
        input.known,
        input.datasets,
        new Set(counted.map((row) => row.dataset)),
      );
      const { questions } = input;
      return blocksOf(counted, { methods, datasets, questions }, input);
    })();
    return this.#blocks;
  }
}

function advantagesOf({ scores, settings }: RunEvidence): ByMethod | null {
  const areas = imageAreas(scores);
  const images = areas.length / scores.methods.length;
  const random = scores.methods.findIndex(({ id }) => id === randomMethodId);
  const rows = areas.map((area, at) => (areas[random * images + (at % images)] ?? NaN) - area);
  const means = resampleMeans(rows, images, {
    resamples: resultResamples,
    seed: settings.seed,
    purpose: `experiment/images/${settings.dataset}`,
  });
  const found = new Map<string, Estimate>();
  for (const { id } of paperMethods) {
    const m = scores.methods.findIndex((method) => method.id === id);
    if (m < 0 || random < 0) return null;
    const row = rows.subarray(m * images, (m + 1) * images);
    found.set(id, {
      value: row.reduce((sum, advantage) => sum + advantage, 0) / images,
      draws:
        images < fewestForInterval
          ? null
          : means.subarray(m * resultResamples, (m + 1) * resultResamples),
    });
  }
  return found;
}

/** Means over several sets of figures, method by method. */
export function averageOf(sets: readonly ByMethod[]): ByMethod {
  return new Map(
    paperMethods.map(({ id }) => [id, average(sets.flatMap((set) => set.get(id) ?? []))]),
  );
}

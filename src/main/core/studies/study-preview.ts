import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';
import { StudioError } from '../../../shared/errors';
import { onScaleOf } from '../../../shared/ratings/questions';
import { type StudyConfig, type StudyPreview } from '../../../shared/ratings/study';
import { type RouteParsed } from '../../../shared/routes';
import { gradientsOf, mapCost } from '../jobs/costs';
import { networkOfModel } from '../models/model-form';
import { type RatesService } from '../models/rates';
import { assignTrials, datasetsInTurn, pairsOf, type Picture } from './design/assignment';
import { judgedByFlat } from './design/examples';
import { type StoredTrial } from './raters-repository';
import { type CheckedDataset, type CheckedStudy, type StudyCheck } from './study-check';

interface Parts {
  readonly operators: OperatorCatalogue;
  readonly rates: RatesService;
  readonly studyCheck: StudyCheck;
}

/** What configurations ask of raters and of this machine. */
export class StudyPreviews {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Refuses what `StudyCheck` refuses. */
  async preview({ config }: RouteParsed<'studies.preview'>): Promise<StudyPreview> {
    const checked = await this.#parts.studyCheck.check(config);
    return { ...demands(config, checked), ...(await workOf(this.#parts, config, checked)) };
  }
}

/** What is known without any measure of speed. */
function demands(
  config: StudyConfig,
  checked: CheckedStudy,
): Omit<StudyPreview, 'gradients' | 'seconds'> {
  const pairs = pairsOf(pictures(checked, false), config.methods);
  const { trials, warnings } = assignTrials({
    pairs,
    counts: pairs.map(() => 0),
    design: config.design,
    questions: config.questions,
    ordinal: 0,
    examples: datasetsInTurn(pictures(checked, true)),
  });
  const count = (wanted: string) => trials.filter(({ kind }) => kind === wanted).length;
  return {
    trials: {
      main: count('main'),
      repeats: count('repeat'),
      practice: count('practice'),
      attention: count('attention'),
      total: trials.length,
    },
    labels: trials.reduce((sum, trial) => sum + labelsOf(config, trial), 0),
    pairs: pairs.length,
    maps: pairs.length,
    images: checked.datasets.map((dataset) => {
      const rated = ratedOf(dataset);
      return {
        dataset: dataset.config.dataset,
        indices: rated.map(({ index }) => index),
        labels: rated.map(({ label }) => label),
      };
    }),
    warnings: [...warnings, ...coverage(config, count('main')), ...unjudged(config)],
  };
}

function ratedOf({ images }: CheckedDataset) {
  return images.filter(({ practice }) => !practice);
}

function pictures({ datasets }: CheckedStudy, practice: boolean): Picture[] {
  return datasets.flatMap(({ config: { dataset }, images }) =>
    images
      .filter((image) => image.practice === practice)
      .map(({ index }) => ({ dataset, image: String(index) })),
  );
}

function coverage({ methods }: StudyConfig, main: number): string[] {
  if (main >= methods.length) return [];
  return [
    `A rater has ${main} main trials and does not see each of the ${methods.length} methods.`,
  ];
}

/** Labels that a trial takes. */
function labelsOf({ questions }: StudyConfig, { checkKind, firstQuestion }: StoredTrial): number {
  return checkKind === 'instructed' ? onScaleOf(questions, firstQuestion).length : questions.length;
}

function unjudged({ questions, design }: StudyConfig): string[] {
  if (design.flatChecks === 0 || judgedByFlat(questions).length > 0) return [];
  return [
    'Flat maps check nobody: of these questions it is not known which labels fit an empty map.',
  ];
}

/** Gradients, and seconds by measured rates; null where TensorFlow is not there. */
async function workOf(
  { operators, rates }: Pick<Parts, 'operators' | 'rates'>,
  config: StudyConfig,
  { datasets, methods }: CheckedStudy,
): Promise<{ gradients: number; seconds: number | null }> {
  const costs = methods.flatMap((method) =>
    method.imported ? [] : [gradientsOf(operators, method, config)],
  );
  const each = costs.reduce((sum, cost) => sum + cost, 0);
  let [gradients, seconds]: [number, number | null] = [0, 0];
  for (const dataset of datasets) {
    const images = ratedOf(dataset).length;
    gradients += each * images;
    const speed = await speedOf(rates, dataset);
    seconds =
      speed && seconds !== null
        ? costs.reduce(
            (sum, cost) => sum + mapCost(images, cost, speed, config.parameters),
            seconds,
          )
        : null;
  }
  return { gradients, seconds };
}

async function speedOf(rates: RatesService, { facts, model }: CheckedDataset) {
  try {
    return await rates.measured(networkOfModel(facts, model));
  } catch (error) {
    if (error instanceof StudioError && error.code === 'engine-unavailable') return null;
    throw error;
  }
}

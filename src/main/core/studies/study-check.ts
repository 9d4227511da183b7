import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { type Method } from '../../../shared/catalogue/methods';
import { refuse } from '../../../shared/errors';
import { isIn, rangesText } from '../../../shared/index-ranges';
import { type StudyConfig, type StudyDataset } from '../../../shared/ratings/study';
import { type DatasetsService } from '../datasets/datasets-service';
import { type RunsRepository } from '../evaluation/runs-repository';
import { mostImages, requireOfDataset, requireOfModel } from '../maps/imported-checks';
import { type ImportedMaps } from '../maps/imported-maps';
import { type MethodsService } from '../maps/methods';
import { requireTarget } from '../maps/target';
import { type ModelsRepository, type StoredModel } from '../models/models-repository';
import { chooseImages, type ChosenImage, practiceImages } from './design/study-images';

interface Parts {
  readonly datasets: DatasetsService;
  readonly importedMaps: ImportedMaps;
  readonly methods: MethodsService;
  readonly models: ModelsRepository;
  readonly runs: RunsRepository;
}

export interface CheckedDataset {
  readonly config: StudyDataset;
  readonly facts: DatasetFacts;
  readonly model: StoredModel & { readonly artifact: string; readonly sha256: string };
  /** The rated ones first, then those for practice. */
  readonly images: readonly ChosenImage[];
}

/** A configuration with all that it names. */
export interface CheckedStudy {
  /** With every parameter of the operators that there are. */
  readonly config: StudyConfig;
  readonly methods: readonly Method[];
  readonly datasets: readonly CheckedDataset[];
}

/** Whether all that configurations name is there. */
export class StudyCheck {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Find everything that a configuration names, or refuse it: the field, its value and what is
   * accepted. Throws `dataset-missing` where a dataset is not installed.
   */
  async check(asked: StudyConfig): Promise<CheckedStudy> {
    const { datasets, importedMaps, methods } = this.#parts;
    const config = this.withParameters(asked);
    const known = methods.resolve(config.methods, 'config.methods');
    checkBackground(config);
    const checked: CheckedDataset[] = [];
    for (const [i, dataset] of config.datasets.entries()) {
      const field = `config.datasets.${i}`;
      const counts = await datasets.counts(dataset.dataset);
      const model = checkModel(this.#parts, counts, dataset, `${field}.model`);
      requireOfDataset(known, counts, 'config.methods');
      requireOfModel(known, model, 'config.methods', model.input);
      checkRun(this.#parts, counts, dataset, `${field}.run`);
      requireTarget('config.parameters.target', config.parameters.target, model, counts.classes);
      await checkImages(this.#parts, config, known, dataset, counts.validation, `${field}.images`);
      const labels = await datasets.labels(dataset.dataset, 'validation');
      const covered = importedMaps.coveredByAll(known, 'validation');
      const images = chooseImages(dataset.images, config.design, labels, covered);
      checked.push({ config: dataset, facts: counts, model, images });
    }
    checkTrials(config, checked);
    return { config, methods: known, datasets: checked };
  }

  /** A configuration whose parameters are all there: a default that changes later changes none of them. */
  withParameters(config: StudyConfig): StudyConfig {
    const { operators } = this.#parts.methods;
    return { ...config, parameters: operators.complete(config.parameters, 'config.parameters') };
  }
}

function checkModel(
  parts: Pick<Parts, 'models'>,
  { name }: DatasetFacts,
  { dataset, model: id }: StudyDataset,
  field: string,
) {
  const accepted = `a finished model of ${name}, trained on whole images (t = 0)`;
  const model = parts.models.get(id);
  if (model?.dataset !== dataset || model.removal.level !== 0) throw refuse(field, id, accepted);
  const { artifact, sha256, state } = model;
  if (state !== 'ready' || artifact === null || sha256 === null) throw refuse(field, id, accepted);
  return { ...model, artifact, sha256 };
}

function checkRun(
  parts: Pick<Parts, 'runs'>,
  { name }: DatasetFacts,
  { dataset, run: id }: StudyDataset,
  field: string,
): void {
  if (id === null) return;
  const run = parts.runs.get(id);
  if (run?.state === 'done' && run.settings.dataset === dataset) return;
  throw refuse(field, id, `null, or a finished ROAR run of ${name}`);
}

async function checkImages(
  { datasets, importedMaps }: Pick<Parts, 'datasets' | 'importedMaps'>,
  { design }: StudyConfig,
  methods: readonly Method[],
  { dataset, images }: StudyDataset,
  size: number,
  field: string,
): Promise<void> {
  const extra = practiceImages(design);
  const { most: covered, why } = mostImages(importedMaps, methods, size);
  const most = Math.min(covered, size - extra);
  const forPractice = extra > 0 ? ` (${extra} more are for practice)` : '';
  if (images.kind === 'sampled') {
    if (images.count <= most) return;
    const accepted = most === 0 ? 'none' : `a whole number from 1 to ${most}`;
    throw refuse(`${field}.count`, images.count, accepted + forPractice + why);
  }
  const { indices } = images;
  await datasets.requireIndices(dataset, 'validation', indices, `${field}.indices`);
  const twice = indices.findIndex((index, i) => indices.indexOf(index) !== i);
  if (twice >= 0) throw refuse(`${field}.indices.${twice}`, indices[twice], 'each image once');
  for (const method of methods) {
    if (!method.imported) continue;
    const ranges = importedMaps.covered(method, 'validation');
    const without = indices.findIndex((index) => !isIn(ranges, index));
    if (without < 0) continue;
    const accepted = `an image that ${method.name} has a map of: ${rangesText(ranges) || 'none'}`;
    throw refuse(`${field}.indices.${without}`, indices[without], accepted);
  }
  if (indices.length > most) {
    throw refuse(`${field}.indices`, indices, `at most ${most} images${forPractice}`);
  }
}

function checkTrials(config: StudyConfig, datasets: readonly CheckedDataset[]): void {
  const { trials } = config.design;
  const images = datasets
    .flatMap((dataset) => dataset.images)
    .filter(({ practice }) => !practice).length;
  const pairs = images * config.methods.length;
  if (trials === null || trials <= pairs) return;
  throw refuse(
    'config.design.trials',
    trials,
    `null for all, or a whole number from 1 to ${pairs} (${images} images times ${config.methods.length} methods)`,
  );
}

function checkBackground({ background }: StudyConfig): void {
  const ids = background.map(({ id }) => id);
  const twice = ids.findIndex((id, i) => ids.indexOf(id) !== i);
  if (twice >= 0) throw refuse(`config.background.${twice}.id`, ids[twice], 'each id once');
}

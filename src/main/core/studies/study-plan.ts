import { type Method } from '../../../shared/catalogue/methods';
import { seenBy, shapeSeen } from '../../../shared/model-input';
import { type StudyConfig } from '../../../shared/ratings/study';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { artifactKey } from '../artifacts/artifacts';
import {
  type DatasetKey,
  engineKey,
  type EngineKey,
  type ImagesKey,
  mapKey,
  seenKey,
} from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { type EngineHost } from '../engine/engine-host';
import { cheapestFirst, gradientsOf, mapCost, proportions, type Speed } from '../jobs/costs';
import { oneItem, type Plan, planOf, type Planned, stored, workOrder } from '../jobs/item-spec';
import { type ImportedMaps } from '../maps/imported-maps';
import { type MethodsService } from '../maps/methods';
import { type RatedMaps } from './rated-maps';
import { type CheckedDataset, type CheckedStudy, type StudyCheck } from './study-check';
import { type StudyStore } from './study-store';

interface Parts {
  readonly datasets: DatasetsService;
  readonly engine: EngineHost;
  readonly artifacts: ArtifactStore;
  readonly importedMaps: ImportedMaps;
  readonly methods: MethodsService;
  readonly ratedMaps: RatedMaps;
  readonly studyCheck: StudyCheck;
  readonly studyStore: StudyStore;
}

/** What a study's plan is made from. */
export interface StudyInputs {
  readonly study: string;
  readonly config: StudyConfig;
  readonly checked: CheckedStudy;
  readonly engine: EngineKey;
}

/** By dataset; null where not all are measured: costs are weights then. */
type StudyRates = ReadonlyMap<string, Speed> | null;

export const picturesItem = 'pictures';

/** Plans of the pictures and maps of studies. */
export class StudyPlans {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Refuses what `StudyCheck` refuses, and an engine whose maps would differ from those rated. */
  async inputs(study: string, config: StudyConfig): Promise<StudyInputs> {
    const checked = await this.#parts.studyCheck.check(config);
    const engine = engineKey(await this.#parts.engine.ready());
    this.#parts.ratedMaps.requireEngine(study, engine);
    const inputs = { study, config, checked, engine };
    await requireImported(this.#parts, inputs);
    return inputs;
  }

  /** A stage for each dataset: its pictures, then one map for each method, the cheapest first. */
  plan(inputs: StudyInputs, rates: StudyRates): Promise<Plan> {
    return studyPlan(this.#parts, inputs, rates);
  }
}

async function studyPlan(parts: Parts, inputs: StudyInputs, rates: StudyRates): Promise<Plan> {
  const { config, checked } = inputs;
  const { operators } = parts.methods;
  const planned: Planned[] = [];
  for (const [position, dataset] of checked.datasets.entries()) {
    const { dataset: id } = dataset.config;
    const content = await parts.datasets.key(id);
    const { classes, shape } = await parts.datasets.record(id);
    const seen = shapeSeen(shape, dataset.model.input);
    const values = seen.reduce((product, size) => product * size, 1);
    const about = {
      dataset,
      position,
      content,
      classes,
      values,
      speed: rates?.get(id) ?? proportions,
    };
    const pictures = picturesSpec(parts, inputs, about);
    planned.push(pictures);
    for (const method of cheapestFirst(operators, checked.methods, config)) {
      planned.push(mapSpec(parts, inputs, about, method, pictures.spec.id));
    }
  }
  const stages = checked.datasets.map(({ config: { dataset }, facts: { name } }) => ({
    id: dataset,
    title: `Maps of ${name}`,
  }));
  return planOf(stages, rates !== null, planned);
}

/** Refuses maps made elsewhere that were lost, unless the study has its own of them already. */
async function requireImported(
  { artifacts, datasets, importedMaps, methods: { operators } }: Parts,
  { checked, config, engine }: StudyInputs,
): Promise<void> {
  const { parameters, mapSeed } = config;
  for (const dataset of checked.datasets) {
    const images: ImagesKey = {
      dataset: await datasets.key(dataset.config.dataset),
      split: 'validation',
      indices: ratedOf(dataset),
    };
    for (const method of checked.methods) {
      if (!method.imported) continue;
      const { composition } = method;
      const key = mapKey(
        operators,
        images,
        composition,
        parameters,
        mapSeed,
        dataset.model,
        engine,
      );
      if (await artifacts.has(key)) continue;
      importedMaps.requireSame(method, images.dataset);
      await importedMaps.requireWhole(method, images.split, images.indices, 'read');
    }
  }
}

/** Practice images have no maps of their own. */
const ratedOf = ({ images }: CheckedDataset): number[] =>
  images.flatMap(({ index, practice }) => (practice ? [] : [index]));

interface StudyDatasetInputs {
  readonly dataset: CheckedDataset;
  /** Its place in the study. */
  readonly position: number;
  readonly content: DatasetKey;
  readonly classes: readonly string[];
  /** Values of an image. */
  readonly values: number;
  readonly speed: Speed;
}

function picturesSpec(
  { ratedMaps, studyStore: { studies } }: Parts,
  { study, engine }: StudyInputs,
  { dataset, position, content, classes, values, speed }: StudyDatasetInputs,
): Planned {
  const { dataset: id } = dataset.config;
  const indices = dataset.images.map(({ index }) => index);
  const images = seenKey({ dataset: content, split: 'validation', indices }, dataset.model);
  const key = artifactKey('images', images);
  const item = {
    id: picturesItem,
    title: 'Images',
    cost: dataset.images.length / speed.forwardImagesPerSecond,
    bytes: indices.length * values,
  };
  return oneItem(id, item, [], () => ({
    before() {
      const before = studies.datasets(study).find((stored) => stored.dataset === id);
      if (before) ratedMaps.requireSame(study, before.images === key);
    },
    orders: [
      workOrder(
        'dataset-images',
        content,
        { split: 'validation', indices, ...seenBy(dataset.model) },
        [{ file: 'images.npy', kind: 'images', key }],
      ),
    ],
    finish({ reused }) {
      const rows = dataset.images.map(({ index, label, practice }, i) => ({
        position: i,
        image: String(index),
        label,
        practice,
      }));
      const commit = () => {
        studies.putDataset(study, {
          dataset: id,
          position,
          modelSha256: dataset.model.sha256,
          classes: [...classes],
          images: key,
          datasetKey: { dataset: id, files: [...content.files] },
          engineKey: engine,
        });
        studies.putImages(study, id, rows);
      };
      return { artifacts: [key], reused, commit };
    },
  }));
}

function mapSpec(
  { artifacts, importedMaps, methods: { operators }, ratedMaps, studyStore: { studies } }: Parts,
  { study, config, engine }: StudyInputs,
  { dataset, content, values, speed }: StudyDatasetInputs,
  method: Method,
  pictures: string,
): Planned {
  const { dataset: id } = dataset.config;
  const { parameters, mapSeed: seed } = config;
  const { composition } = method;
  const { model } = dataset;
  const indices = ratedOf(dataset);
  const images: ImagesKey = { dataset: content, split: 'validation', indices };
  const item = {
    id: `map/${method.id}`,
    title: method.name,
    cost: method.imported
      ? 0
      : mapCost(indices.length, gradientsOf(operators, method, config), speed, parameters),
    bytes: indices.length * values * 4,
  };
  return oneItem(id, item, [pictures], () => {
    const key = mapKey(operators, images, composition, parameters, seed, model, engine);
    const before = () => {
      const rated = studies
        .maps(study)
        .find((stored) => stored.dataset === id && stored.method === method.id);
      if (rated) ratedMaps.requireSame(study, rated.artifact === key);
    };
    const commit = () =>
      studies.putMap(study, { dataset: id, method: method.id, composition, artifact: key });
    if (method.imported) {
      return {
        before,
        orders: [],
        known: () => artifacts.has(key),
        async finish({ reused }, { signal }) {
          await importedMaps.put(method, images, key, signal);
          return { artifacts: [key], reused, commit };
        },
      };
    }
    return {
      before,
      orders: [
        workOrder(
          'maps',
          content,
          {
            split: 'validation',
            indices,
            model: stored(model.artifact),
            ...seenBy(model),
            composition,
            parameters,
            seed,
          },
          [{ file: 'map.npy', kind: 'map', key }],
        ),
      ],
      finish: ({ reused }) => ({ artifacts: [key], reused, commit }),
    };
  });
}

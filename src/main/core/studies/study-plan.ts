import { type Method } from '../../../shared/catalogue/methods';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';
import { type Rates } from '../../../shared/engine';
import { type StudyConfig } from '../../../shared/ratings/study';
import { artifactKey } from '../artifacts/artifacts';
import { type DatasetKey, type EngineKey, type ImagesKey, mapKey } from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { cheapestFirst, gradientsOf, proportions } from '../jobs/costs';
import { oneItem, type Plan, planOf, type Planned, stored, workOrder } from '../jobs/item-spec';
import { type MethodsService } from '../maps/methods';
import { type RatingEventsRepository } from '../ratings/events-repository';
import { otherMaps, rated } from './rated-maps';
import { type StudiesRepository } from './studies-repository';
import { type CheckedDataset, type CheckedStudy } from './study-check';

interface Parts {
  readonly ratingEvents: RatingEventsRepository;
  readonly studies: StudiesRepository;
}

/** What a study's plan is made from. */
export interface StudyInputs {
  readonly study: string;
  readonly config: StudyConfig;
  readonly checked: CheckedStudy;
  readonly engine: EngineKey;
  /** By dataset; null where not all are measured: costs are weights then. */
  readonly rates: ReadonlyMap<string, Rates> | null;
}

export const picturesItem = 'pictures';

/** A stage for each dataset: its pictures, then one map for each method, the cheapest first. */
export async function studyPlan(
  parts: Parts,
  services: { readonly datasets: DatasetsService; readonly methods: MethodsService },
  inputs: StudyInputs,
): Promise<Plan> {
  const { config, checked, rates } = inputs;
  const { operators } = services.methods;
  const planned: Planned[] = [];
  for (const [position, dataset] of checked.datasets.entries()) {
    const { dataset: id } = dataset.config;
    const content = await services.datasets.key(id);
    const { classes, shape } = await services.datasets.record(id);
    const values = shape.reduce((product, size) => product * size, 1);
    const about = { dataset, position, content, classes, values };
    const pictures = picturesSpec(parts, inputs, about);
    planned.push(pictures);
    for (const method of cheapestFirst(operators, checked.methods, config)) {
      planned.push(mapSpec(parts, operators, inputs, about, method, pictures.spec.id));
    }
  }
  const stages = checked.datasets.map(({ config: { dataset }, facts: { name } }) => ({
    id: dataset,
    title: `Maps of ${name}`,
  }));
  return planOf(stages, rates !== null, planned);
}

interface StudyDatasetInputs {
  readonly dataset: CheckedDataset;
  /** Its place in the study. */
  readonly position: number;
  readonly content: DatasetKey;
  readonly classes: readonly string[];
  /** Values of an image. */
  readonly values: number;
}

/** Expected seconds of a look at each of a dataset's images. */
function lookCost({ images }: CheckedDataset, speed: Rates): number {
  return images.length / speed.forwardImagesPerSecond;
}

function picturesSpec(
  { ratingEvents, studies }: Parts,
  { study, engine, rates }: StudyInputs,
  { dataset, position, content, classes, values }: StudyDatasetInputs,
): Planned {
  const { dataset: id } = dataset.config;
  const indices = dataset.images.map(({ index }) => index);
  const images: ImagesKey = { dataset: content, split: 'validation', indices };
  const key = artifactKey('images', images);
  const item = {
    id: picturesItem,
    title: 'Images',
    cost: lookCost(dataset, rates?.get(id) ?? proportions),
    bytes: indices.length * values,
  };
  return oneItem(id, item, [], () => ({
    before() {
      const before = studies.datasets(study).find((row) => row.dataset === id);
      if (before && before.images !== key && rated({ ratingEvents, studies }, study)) {
        throw otherMaps({ studies }, study);
      }
    },
    orders: [
      workOrder('dataset-images', content, { split: 'validation', indices }, [
        { file: 'images.npy', kind: 'images', key },
      ]),
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
  { ratingEvents, studies }: Parts,
  operators: OperatorCatalogue,
  { study, config, engine, rates }: StudyInputs,
  { dataset, content, values }: StudyDatasetInputs,
  method: Method,
  pictures: string,
): Planned {
  const { dataset: id } = dataset.config;
  const { parameters, mapSeed: seed } = config;
  const { composition } = method;
  const { model } = dataset;
  const indices = dataset.images.filter(({ practice }) => !practice).map(({ index }) => index);
  const images: ImagesKey = { dataset: content, split: 'validation', indices };
  const speed = rates?.get(id) ?? proportions;
  const gradients = indices.length * gradientsOf(operators, method, config);
  const item = {
    id: `map/${method.id}`,
    title: method.name,
    cost: gradients / speed.gradientsPerSecond + lookCost(dataset, speed),
    bytes: indices.length * values * 4,
  };
  return oneItem(id, item, [pictures], () => {
    const key = mapKey(operators, images, composition, parameters, seed, model, engine);
    return {
      before() {
        const before = studies
          .maps(study)
          .find((row) => row.dataset === id && row.method === method.id);
        if (before && before.artifact !== key && rated({ ratingEvents, studies }, study)) {
          throw otherMaps({ studies }, study);
        }
      },
      orders: [
        workOrder(
          'maps',
          content,
          {
            split: 'validation',
            indices,
            model: stored(model.artifact),
            composition,
            parameters,
            seed,
          },
          [{ file: 'map.npy', kind: 'map', key }],
        ),
      ],
      finish: ({ reused }) => ({
        artifacts: [key],
        reused,
        commit: () =>
          studies.putMap(study, { dataset: id, method: method.id, composition, artifact: key }),
      }),
    };
  });
}

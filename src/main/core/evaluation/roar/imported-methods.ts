import { type Split } from '../../../../shared/catalogue/datasets';
import { type MetricDescriptor } from '../../../../shared/catalogue/metric';
import { type Method } from '../../../../shared/catalogue/methods';
import { type ImagesKey, mapKey } from '../../artifacts/keys';
import { shardsOf } from '../../jobs/costs';
import { requireEvery, requireOfModel } from '../../maps/imported-checks';
import { orderKey } from '../metrics/orders';
import { trainingImages } from '../training-images';
import { levelModel } from './level-training';
import { type PlanParts, type RunInputs } from './metric-plan';

/**
 * Refuses methods made elsewhere whose maps are not of the run's: of another content of the dataset, of
 * another model than its base, lost on the disk, and, where it retrains on what every map ranks, without
 * maps of all the images that it trains and tests on.
 */
export async function requireImported(
  parts: Pick<PlanParts, 'artifacts' | 'importedMaps' | 'trainings'>,
  inputs: RunInputs,
  { needs }: Pick<MetricDescriptor, 'needs'>,
): Promise<void> {
  const { importedMaps, trainings } = parts;
  const { methods, counts, settings } = inputs;
  const imported = methods.filter((method) => method.imported);
  if (imported.length === 0) return;
  const field = 'settings.methods';
  for (const method of imported) importedMaps.requireSame(method, inputs.dataset);
  const base = levelModel({ trainings }, inputs, 0) ?? null;
  requireOfModel(methods, base, field, settings.recipe);
  const validation = inputs.images.map(({ image }) => image);
  if (!needs.includes('retrained-models')) {
    await requireWhole(parts, inputs, imported, { validation }, mapOf);
    return;
  }
  const training = trainingImages(await inputs.trainLabels(), settings);
  const every = `all ${training.length} training images, because ${settings.protocol} trains new models without what each map ranks highest or lowest`;
  requireEvery(importedMaps, methods, 'train', training, field, every);
  requireEvery(
    importedMaps,
    methods,
    'validation',
    Array.from({ length: counts.validation }, (_, image) => image),
    field,
    `all ${counts.validation} validation images, of which ${settings.protocol} draws those that it tests on`,
  );
  await requireWhole(parts, inputs, imported, { train: training, validation }, orderOf);
}

/**
 * Of what the run stores already the maps themselves are not read again. Before it begins it is told what is
 * gone, and when it begins what is damaged.
 */
async function requireWhole(
  { artifacts, importedMaps }: Pick<PlanParts, 'artifacts' | 'importedMaps'>,
  inputs: RunInputs,
  methods: readonly Method[],
  images: Readonly<Partial<Record<Split, readonly number[]>>>,
  keyOf: (inputs: RunInputs, images: ImagesKey, method: Method) => string,
): Promise<void> {
  const depth = inputs.owner === null ? 'there' : 'read';
  for (const method of methods) {
    for (const split of ['train', 'validation'] as const) {
      const open: number[] = [];
      for (const indices of shardsOf(images[split] ?? [])) {
        const key = keyOf(inputs, { dataset: inputs.dataset, split, indices }, method);
        if (!(await artifacts.has(key))) open.push(...indices);
      }
      await importedMaps.requireWhole(method, split, open, depth);
    }
  }
}

/** What was made elsewhere is the same whatever the model that a run trains, of what that sees of images. */
const anyModel = ({ recipe }: RunInputs['settings']) => ({
  ...{ sha256: '', architecture: '' },
  input: recipe,
});

function mapOf(inputs: RunInputs, images: ImagesKey, { composition }: Method): string {
  const { operators, settings, engine } = inputs;
  const { parameters, seed } = settings;
  return mapKey(operators, images, composition, parameters, seed, anyModel(settings), engine);
}

function orderOf(inputs: RunInputs, images: ImagesKey, { composition }: Method): string {
  const { operators, settings, engine } = inputs;
  return orderKey(operators, images, composition, settings, anyModel(settings), engine);
}

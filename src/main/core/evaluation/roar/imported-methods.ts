import { type MetricDescriptor } from '../../../../shared/catalogue/metric';
import { requireEvery, requireOfModel } from '../../maps/imported-checks';
import { trainingImages } from '../training-images';
import { levelModel } from './level-training';
import { type PlanParts, type RunInputs } from './metric-plan';

/**
 * Refuses methods made elsewhere whose maps are not of the run's: of another content of the dataset, of
 * another model than its base, and, where it retrains on what every map ranks, without maps of all the
 * images that it trains and tests on.
 */
export async function requireImported(
  { importedMaps, trainings }: Pick<PlanParts, 'importedMaps' | 'trainings'>,
  inputs: RunInputs,
  { needs }: Pick<MetricDescriptor, 'needs'>,
): Promise<void> {
  const { methods, counts, settings } = inputs;
  const imported = methods.filter((method) => method.imported);
  if (imported.length === 0) return;
  const field = 'settings.methods';
  for (const method of imported) importedMaps.requireSame(method, inputs.dataset);
  const base = levelModel({ trainings }, inputs, 0) ?? null;
  requireOfModel(methods, base, field, settings.recipe);
  if (!needs.includes('retrained-models')) return;
  const training = trainingImages(await inputs.trainLabels(), settings);
  const every = `all ${training.length} training images, because ${settings.protocol} trains new models without what each map ranks highest or lowest`;
  requireEvery(importedMaps, methods, 'train', training, field, every);
  const validation = { length: counts.validation };
  requireEvery(
    importedMaps,
    methods,
    'validation',
    Array.from(validation, (_, image) => image),
    field,
    `all ${counts.validation} validation images, of which ${settings.protocol} draws those that it tests on`,
  );
}

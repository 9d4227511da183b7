import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { completeRoarSettings } from '../../../shared/catalogue/complete-settings';
import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { type MetricDescriptor } from '../../../shared/catalogue/metric';
import { recipeFields } from '../../../shared/catalogue/network';
import { type RoarInput, type RoarSettings } from '../../../shared/catalogue/roar';
import { refuse } from '../../../shared/errors';
import { shapeSeen } from '../../../shared/model-input';
import { type DatasetsService, requireTrainLimit } from '../datasets/datasets-service';
import { mostImages, requireOfDataset } from '../maps/imported-checks';
import { type ImportedMaps } from '../maps/imported-maps';
import { type MethodsService } from '../maps/methods';
import { type StartParts, withFittingStart } from '../models/starting-weights';
import { requireTarget } from '../maps/target';

interface Parts {
  readonly catalogues: Pick<Catalogues, 'networks' | 'metrics' | 'operators'>;
  readonly datasets: DatasetsService;
  readonly importedMaps: ImportedMaps;
  readonly methods: MethodsService;
  readonly starts: StartParts;
}

export interface CheckedSettings {
  readonly settings: RoarSettings;
  readonly dataset: DatasetFacts;
  readonly metric: MetricDescriptor;
}

/**
 * The settings of a run in full. Refuses, naming the field, what the schema cannot know: methods and
 * networks that there are not, and what the dataset is too small for.
 */
export async function checkedSettings(parts: Parts, input: RoarInput): Promise<CheckedSettings> {
  const { datasets, methods } = parts;
  const { networks, metrics, operators } = parts.catalogues;
  const { dataset: id = datasets.first() } = input;
  const about = datasets.facts(id, 'settings.dataset');
  const of = { dataset: about, networks: networks.list, metrics, operators };
  const settings = completeRoarSettings(of, input);
  const known = methods.resolve(settings.methods, 'settings.methods');
  requireOfDataset(known, about, 'settings.methods');
  const dataset = await datasets.counts(id);
  const { train, validation, classes, shape, name } = dataset;
  const { most, why } = mostImages(parts.importedMaps, known, validation);
  if (settings.images > most) {
    const accepted = most === 0 ? 'none' : `a whole number from 1 to ${most}`;
    throw refuse('settings.images', settings.images, accepted + why);
  }
  requireTrainLimit('settings.recipe.trainLimit', settings.recipe.trainLimit, train);
  // A run trains its own models, which tell the dataset's classes apart.
  const own = { name, classes: null };
  requireTarget('settings.parameters.target', settings.parameters.target, own, classes);
  const checked = networks.checked(
    settings.recipe,
    { inputShape: shapeSeen(shape, settings.recipe), classes },
    `of ${name}`,
    recipeFields('settings.recipe'),
  );
  const recipe = await withFittingStart(parts.starts, checked, dataset, 'settings.recipe');
  return { settings: { ...settings, recipe }, dataset, metric: metrics.get(settings.protocol) };
}

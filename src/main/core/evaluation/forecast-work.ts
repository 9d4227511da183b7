import { type Method } from '../../../shared/catalogue/methods';
import { retrains, type RoarSettings } from '../../../shared/catalogue/roar';
import { type DatasetCounts, gradientsOf } from '../jobs/costs';
import { gridModels } from './roar/retrain-stages';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';

const number = (value: number) => Math.round(value).toLocaleString('en');
const plural = (value: number, one: string) => `${number(value)} ${one}${value === 1 ? '' : 's'}`;

/** By stage: how much work a run is, in words. */
export function workOf(
  operators: OperatorCatalogue,
  settings: RoarSettings,
  methods: readonly Method[],
  counts: DatasetCounts,
): Record<string, string> {
  return retrains(settings.protocol)
    ? retrainWork(operators, settings, methods, counts)
    : paperWork(operators, settings, methods, counts.train);
}

function paperWork(
  operators: OperatorCatalogue,
  settings: RoarSettings,
  methods: readonly Method[],
  train: number,
): Record<string, string> {
  const { levels, recipe, images, resamples } = settings;
  const trained = Math.min(recipe.trainLimit ?? train, train) * recipe.epochs * levels.length;
  const gradients = methods.reduce(
    (sum, method) => sum + gradientsOf(operators, method, settings),
    0,
  );
  return {
    train: `${plural(trained, 'training image')} (${plural(levels.length, 'model')}, ${plural(recipe.epochs, 'epoch')})`,
    maps: `${plural(gradients * images, 'input gradient')} (${plural(images, 'image')}, ${plural(methods.length, 'method')})`,
    score: `${plural(images * methods.length * levels.length, 'degraded image')} scored`,
    report: `${plural(resamples, 'bootstrap resample')}`,
  };
}

function retrainWork(
  operators: OperatorCatalogue,
  settings: RoarSettings,
  methods: readonly Method[],
  counts: DatasetCounts,
): Record<string, string> {
  const { recipe, images } = settings;
  const train = Math.min(recipe.trainLimit ?? counts.train, counts.train);
  const gradients = methods.reduce(
    (sum, method) => sum + gradientsOf(operators, method, settings),
    0,
  );
  const ranked = train + images;
  const models = gridModels(settings, methods).length;
  const epochs = plural(recipe.epochs, 'epoch');
  return {
    train: `${plural(train * recipe.epochs, 'training image')} (1 model, ${epochs})`,
    orders: `${plural(gradients * ranked, 'input gradient')} (${plural(ranked, 'image')}, ${plural(methods.length, 'method')})`,
    retrain: `${plural(train * recipe.epochs * models, 'training image')} (${plural(models, 'model')}, ${epochs})`,
    report: `${plural(models + 1, 'accuracy')}`.replace('accuracys', 'accuracies'),
  };
}

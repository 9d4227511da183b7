import { type Method } from '../../../shared/catalogue/methods';
import { retrains, type RoarSettings } from '../../../shared/catalogue/roar';
import { counted } from '../../../shared/format/counts';
import { type DatasetCounts, gradientsOf } from '../jobs/costs';
import { gridModels } from './roar/retrain-stages';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';

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
    train: `${counted(trained, 'training image')} (${counted(levels.length, 'model')}, ${counted(recipe.epochs, 'epoch')})`,
    maps: `${counted(gradients * images, 'input gradient')} (${counted(images, 'image')}, ${counted(methods.length, 'method')})`,
    score: `${counted(images * methods.length * levels.length, 'degraded image')} scored`,
    report: counted(resamples, 'bootstrap resample'),
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
  const epochs = counted(recipe.epochs, 'epoch');
  return {
    train: `${counted(train * recipe.epochs, 'training image')} (1 model, ${epochs})`,
    orders: `${counted(gradients * ranked, 'input gradient')} (${counted(ranked, 'image')}, ${counted(methods.length, 'method')})`,
    retrain: `${counted(train * recipe.epochs * models, 'training image')} (${counted(models, 'model')}, ${epochs})`,
    report: counted(models + 1, 'accuracy', 'accuracies'),
  };
}

import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';
import { phraseOf } from '../../../shared/catalogue/parameter';

/** What each setting of a run is called, by its path. */
const labels: Readonly<Record<string, string>> = {
  protocol: 'protocol',
  dataset: 'dataset',
  images: 'images',
  levels: 'levels',
  methods: 'methods',
  reduction: 'channels to one value',
  fill: 'removed pixels become',
  trainMask: 'random removal',
  repetitions: 'repetitions',
  seed: 'seed',
  resamples: 'bootstrap resamples',
  'recipe.epochs': 'epochs',
  'recipe.batchSize': 'batch size',
  'recipe.optimiser': 'optimiser',
  'recipe.learningRate': 'learning rate',
  'recipe.momentum': 'momentum',
  'recipe.nesterov': 'Nesterov momentum',
  'recipe.weightDecay': 'weight decay',
  'recipe.schedule.kind': 'schedule of the rate',
  'recipe.schedule.every': 'step every, epochs',
  'recipe.schedule.factor': 'factor of a step',
  'recipe.augmentation.padding': 'random crop, padding',
  'recipe.augmentation.flip': 'random mirroring',
  'recipe.stem': 'first layer',
  'recipe.trainLimit': 'training images',
  'recipe.seed': 'training seed',
};

/** @param operators says what their parameters are called */
export function settingLabel({ parameters }: OperatorCatalogue, path: string): string {
  const parameter = parameters[path.replace(/^parameters\./, '')];
  return labels[path] ?? (parameter ? phraseOf(parameter) : path);
}

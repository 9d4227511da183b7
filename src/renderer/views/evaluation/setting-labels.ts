import { type NetworkOption } from '../../../shared/catalogue/network';
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
  'recipe.architecture': 'network',
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
  'recipe.trainLimit': 'training images',
  'recipe.seed': 'training seed',
};

const optionPath = /^recipe\.options\./;

/**
 * @param operators says what their parameters are called
 * @param options of the run's network, which name themselves; default none
 */
export function settingLabel(
  { parameters }: OperatorCatalogue,
  path: string,
  options: readonly NetworkOption[] = [],
): string {
  const parameter = parameters[path.replace(/^parameters\./, '')];
  const option = options.find(({ id }) => path === `recipe.options.${id}`);
  if (option) return option.label.toLowerCase();
  return labels[path] ?? (parameter ? phraseOf(parameter) : path.replace(optionPath, ''));
}

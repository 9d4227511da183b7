import { type NetworkOption } from '../../../shared/catalogue/network';

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
  'parameters.n': 'noisy samples',
  'parameters.sigma': 'noise σ',
  'parameters.sigmaMode': 'what σ is',
  'parameters.smoothAggregate': 'aggregate',
  'parameters.steps': 'integration steps',
  'parameters.quadrature': 'quadrature',
  'parameters.baseline': 'baseline',
  'parameters.score': 'score',
  'parameters.target': 'target class',
  'parameters.guidedGate': 'guided gate',
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

/** @param options of the run's network, which name themselves; default none */
export function settingLabel(path: string, options: readonly NetworkOption[] = []): string {
  const option = options.find(({ id }) => path === `recipe.options.${id}`);
  return labels[path] ?? option?.label.toLowerCase() ?? path.replace(optionPath, '');
}

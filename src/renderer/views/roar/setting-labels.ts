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
  'recipe.epochs': 'epochs',
  'recipe.batchSize': 'batch size',
  'recipe.optimiser': 'optimiser',
  'recipe.learningRate': 'learning rate',
  'recipe.trainLimit': 'training images',
  'recipe.seed': 'training seed',
};

export function settingLabel(path: string): string {
  return labels[path] ?? path;
}

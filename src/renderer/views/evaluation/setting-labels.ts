import { type NetworkOption } from '../../../shared/catalogue/network';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';
import { phraseOf } from '../../../shared/catalogue/parameter';
import { reduction } from '../../../shared/catalogue/parameters';
import { fill, recipeSettings, trainMask } from '../../../shared/catalogue/training';

/** What each setting of a run is called, by its path. */
const labels: Readonly<Record<string, string>> = {
  protocol: 'protocol',
  dataset: 'dataset',
  images: 'images',
  levels: 'levels',
  methods: 'methods',
  reduction: phraseOf(reduction),
  fill: phraseOf(fill),
  trainMask: phraseOf(trainMask),
  repetitions: 'repetitions',
  seed: 'seed',
  resamples: 'bootstrap resamples',
  'recipe.architecture': 'network',
  ...Object.fromEntries(
    Object.entries(recipeSettings).map(([path, setting]) => [`recipe.${path}`, phraseOf(setting)]),
  ),
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

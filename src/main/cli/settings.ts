import { z } from 'zod';
import { type Catalogues } from '../../shared/catalogue/catalogues';
import { shapeOf } from '../../shared/catalogue/parameter';
import { type MapParameters } from '../../shared/catalogue/parameters';
import { type DatasetFacts } from '../../shared/catalogue/datasets';
import { type NetworkCatalogue } from '../../shared/catalogue/network';
import { fullPreset } from '../../shared/catalogue/preset-ids';
import { type RoarSettings, roarSettingsFor, runSettings } from '../../shared/catalogue/roar';
import { roarPresets } from '../../shared/catalogue/roar-presets';
import { type Settings } from '../../shared/catalogue/setting';
import { recipeSettings, removalSettings } from '../../shared/catalogue/training';
import { refuse } from '../../shared/errors';
import { type TrainInput, trainInputFor } from '../../shared/catalogue/train-input';
import { baseRecipe } from './network-options';
import { assignments, parseOptions, scalar } from './options';
import { recipeInput, recipeOptionNames, type RecipeOptions } from './recipe-options';
import { optionNames, type OptionsOf, withOptions } from './setting-options';
import { type OperatorCatalogue } from '../../shared/catalogue/operator-catalogue';

/** What `train` sets beside the rest of a recipe. */
export const trainSettings = {
  'recipe.seed': { ...recipeSettings.seed, option: 'seed' },
  ...removalSettings,
} as const satisfies Settings;

/** The seed of a run's training, where it is another than that of all else. */
export const trainSeed = {
  'recipe.seed': { ...recipeSettings.seed, option: 'train-seed' },
} as const satisfies Settings;

/** What commander hands over, as text. */
export interface TrainOptions extends RecipeOptions, OptionsOf<typeof trainSettings> {
  readonly dataset: string;
}

export interface RoarOptions
  extends RecipeOptions, OptionsOf<typeof runSettings>, OptionsOf<typeof trainSeed> {
  readonly dataset: string;
  readonly protocol?: string;
  readonly preset?: string;
  readonly set: readonly string[];
}

export function trainInput(
  options: TrainOptions,
  networks: NetworkCatalogue,
  dataset: DatasetFacts,
): TrainInput {
  const recipe = baseRecipe(networks, dataset, options);
  return parseOptions(
    trainInputFor(dataset),
    withOptions(
      { dataset: dataset.id, recipe: recipeInput(recipe, options) },
      trainSettings,
      options,
    ),
    { dataset: '--dataset', ...recipeOptionNames, ...optionNames(trainSettings) },
  );
}

/** Map parameters from `--set name=value`, the paper's defaults where not set. */
export function mapParameters(
  { parameters }: OperatorCatalogue,
  set: readonly string[],
): MapParameters {
  const names = Object.keys(parameters);
  return parseOptions(
    z.strictObject(shapeOf(parameters)),
    assignments(set, '--set', names),
    Object.fromEntries(names.map((name) => [name, `--set ${name}`])),
  ) as MapParameters;
}

/**
 * A preset with what the options change in it. Method ids come from the data directory; null: the
 * preset's own.
 */
export function roarSettings(
  { operators, networks, metrics }: Catalogues,
  options: RoarOptions,
  methods: readonly string[] | null,
  dataset: DatasetFacts,
): RoarSettings {
  const id = options.preset ?? fullPreset;
  const metric = metrics.get(options.protocol ?? metrics.usual.id, '--protocol');
  /** Of the metric's own settings, as --set names them. */
  const prefix = `${metric.id}.`;
  const own = Object.keys(metric.parameters);
  const names = [...Object.keys(operators.parameters), ...own.map((name) => prefix + name)];
  const set = Object.entries(assignments(options.set, '--set', names));
  const usual = baseRecipe(networks, dataset, options);
  const of = { dataset, networks: networks.list, metrics, operators };
  const presets = roarPresets(of, metric.id, usual);
  const preset = presets.find((candidate) => candidate.id === id);
  if (!preset) {
    throw refuse('--preset', id, `one of ${presets.map((known) => known.id).join(', ')}`);
  }
  const base = preset.settings;
  const metricSettings = parseOptions(
    z.strictObject(shapeOf(metric.parameters)),
    Object.fromEntries(
      set
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    ),
    Object.fromEntries(own.map((name) => [name, `--set ${prefix}${name}`])),
  );
  const seed =
    options.trainSeed === undefined ? { 'recipe.seed': '--seed' } : optionNames(trainSeed);
  return parseOptions(
    roarSettingsFor(dataset, metric),
    withOptions(
      {
        ...base,
        ...(methods === null ? {} : { methods }),
        parameters: {
          ...base.parameters,
          ...Object.fromEntries(set.filter(([name]) => !name.startsWith(prefix))),
        },
        ...(own.length > 0 ? { metric: metricSettings } : {}),
        recipe: {
          ...recipeInput(base.recipe, options),
          ...(options.seed === undefined ? {} : { seed: scalar(options.seed) }),
        },
      },
      { ...runSettings, ...trainSeed },
      options,
    ),
    {
      dataset: '--dataset',
      methods: '--methods',
      ...optionNames(runSettings),
      ...recipeOptionNames,
      ...seed,
      'parameters.': '--set ',
    },
  );
}

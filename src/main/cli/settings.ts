import { z } from 'zod';
import { type Catalogues } from '../../shared/catalogue/catalogues';
import { shapeOf } from '../../shared/catalogue/parameter';
import { type MapParameters } from '../../shared/catalogue/parameters';
import { datasetEntry, type DatasetId, datasetIdSchema } from '../../shared/catalogue/datasets';
import { type NetworkCatalogue } from '../../shared/catalogue/network';
import { type RoarSettings, roarSettingsSchema } from '../../shared/catalogue/roar';
import { type ImageCounts, roarPresets } from '../../shared/catalogue/roar-presets';
import { refuse } from '../../shared/errors';
import { routes, type RouteParsed } from '../../shared/routes';
import { baseRecipe } from './network-options';
import { assignments, given, parseOptions, scalars } from './options';
import { number, recipeInput, recipeOptionNames, type RecipeOptions } from './recipe-options';
import { type OperatorCatalogue } from '../../shared/catalogue/operator-catalogue';

/** What commander hands over, as text. */
export interface TrainOptions extends RecipeOptions {
  readonly dataset: string;
  readonly removal?: string;
  readonly fill?: string;
  readonly mask?: string;
  readonly seed?: string;
  readonly removalSeed?: string;
}

export interface RoarOptions extends RecipeOptions {
  readonly dataset: string;
  readonly protocol?: string;
  readonly preset?: string;
  readonly images?: string;
  readonly levels?: string;
  readonly repetitions?: string;
  readonly seed?: string;
  readonly trainSeed?: string;
  readonly fill?: string;
  readonly trainMask?: string;
  readonly reduction?: string;
  readonly resamples?: string;
  readonly set: readonly string[];
}

export function trainInput(
  options: TrainOptions,
  networks: NetworkCatalogue,
): RouteParsed<'models.train'> {
  const dataset = datasetIdSchema.safeParse(options.dataset);
  const recipe = dataset.success ? baseRecipe(networks, dataset.data, options) : {};
  return parseOptions(
    routes['models.train'].input,
    {
      dataset: options.dataset,
      recipe: { ...recipeInput(recipe, options), ...given({ seed: number(options.seed) }) },
      removal: given({
        level: number(options.removal),
        fill: options.fill,
        mask: options.mask,
      }),
      ...given({ removalSeed: number(options.removalSeed) }),
    },
    {
      dataset: '--dataset',
      ...recipeOptionNames,
      'recipe.seed': '--seed',
      'removal.level': '--removal',
      'removal.fill': '--fill',
      'removal.mask': '--mask',
      removalSeed: '--removal-seed',
    },
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
 * preset's own. `countsOf` tells how many images of a dataset are installed.
 */
export function roarSettings(
  { operators, networks, metrics }: Catalogues,
  options: RoarOptions,
  methods: readonly string[] | null,
  countsOf: (dataset: DatasetId) => ImageCounts = datasetEntry,
): RoarSettings {
  const id = options.preset ?? 'paper';
  const { dataset } = parseOptions(
    z.object({ dataset: datasetIdSchema }),
    { dataset: options.dataset },
    { dataset: '--dataset' },
  );
  const metric = metrics.get(options.protocol ?? metrics.usual.id, '--protocol');
  const { id: protocol } = metric;
  /** Of the metric's own settings, as --set names them. */
  const prefix = `${protocol}.`;
  const own = Object.keys(metric.parameters);
  const names = [...Object.keys(operators.parameters), ...own.map((name) => prefix + name)];
  const set = Object.entries(assignments(options.set, '--set', names));
  const usual = baseRecipe(networks, dataset, options);
  const presets = roarPresets(dataset, protocol, countsOf(dataset), usual, metrics);
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
  return parseOptions(
    roarSettingsSchema,
    {
      ...base,
      ...(methods === null ? {} : { methods }),
      ...given({
        images: number(options.images),
        levels: options.levels === undefined ? undefined : scalars(options.levels, '--levels'),
        seed: number(options.seed),
        fill: options.fill,
        trainMask: options.trainMask,
        repetitions: number(options.repetitions),
        reduction: options.reduction,
        resamples: number(options.resamples),
      }),
      parameters: {
        ...base.parameters,
        ...Object.fromEntries(set.filter(([name]) => !name.startsWith(prefix))),
      },
      ...(own.length > 0 ? { metric: metricSettings } : {}),
      recipe: {
        ...recipeInput(base.recipe, options),
        ...given({ seed: number(options.trainSeed ?? options.seed) }),
      },
    },
    {
      dataset: '--dataset',
      images: '--images',
      levels: '--levels',
      methods: '--methods',
      fill: '--fill',
      trainMask: '--train-mask',
      reduction: '--reduction',
      resamples: '--resamples',
      seed: '--seed',
      repetitions: '--repetitions',
      ...recipeOptionNames,
      'recipe.seed': options.trainSeed === undefined ? '--seed' : '--train-seed',
      'parameters.': '--set ',
    },
  );
}

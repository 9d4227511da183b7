import { z } from 'zod';
import { paperMethods, randomMethodId } from '../../shared/catalogue/methods';
import { mapParametersSchema } from '../../shared/catalogue/parameters';
import { datasetIdSchema } from '../../shared/catalogue/datasets';
import { protocolSchema, type RoarSettings, roarSettingsSchema } from '../../shared/catalogue/roar';
import { roarPresets } from '../../shared/catalogue/roar-presets';
import { refuse } from '../../shared/errors';
import { routes, type RouteParsed } from '../../shared/routes';
import { assignments, given, parseOptions, scalar, scalars } from './options';

/** What commander hands over, as text. */
export interface TrainOptions {
  readonly dataset: string;
  readonly removal?: string;
  readonly fill?: string;
  readonly mask?: string;
  readonly epochs?: string;
  readonly batchSize?: string;
  readonly learningRate?: string;
  readonly trainLimit?: string;
  readonly seed?: string;
  readonly removalSeed?: string;
}

export interface RoarOptions {
  readonly dataset: string;
  readonly protocol?: string;
  readonly preset?: string;
  readonly images?: string;
  readonly levels?: string;
  readonly epochs?: string;
  readonly trainLimit?: string;
  readonly batchSize?: string;
  readonly learningRate?: string;
  readonly seed?: string;
  readonly trainSeed?: string;
  readonly fill?: string;
  readonly trainMask?: string;
  readonly reduction?: string;
  readonly resamples?: string;
  readonly set: readonly string[];
}

const number = (text: string | undefined) => (text === undefined ? undefined : scalar(text));

/** A training limit: a count, or `all`. */
const limit = (text: string | undefined) => (text === 'all' ? null : number(text));

export const parameterNames = Object.keys(mapParametersSchema.shape);

export function trainInput(options: TrainOptions): RouteParsed<'models.train'> {
  return parseOptions(
    routes['models.train'].input,
    {
      dataset: options.dataset,
      recipe: given({
        epochs: number(options.epochs),
        batchSize: number(options.batchSize),
        learningRate: number(options.learningRate),
        trainLimit: limit(options.trainLimit),
        seed: number(options.seed),
      }),
      removal: given({
        level: number(options.removal),
        fill: options.fill,
        mask: options.mask,
      }),
      ...given({ removalSeed: number(options.removalSeed) }),
    },
    {
      dataset: '--dataset',
      'recipe.epochs': '--epochs',
      'recipe.batchSize': '--batch-size',
      'recipe.learningRate': '--learning-rate',
      'recipe.trainLimit': '--train-limit',
      'recipe.seed': '--seed',
      'removal.level': '--removal',
      'removal.fill': '--fill',
      'removal.mask': '--mask',
      removalSeed: '--removal-seed',
    },
  );
}

/** Map parameters from `--set name=value`, the paper's defaults where not set. */
export function mapParameters(set: readonly string[]) {
  return parseOptions(
    mapParametersSchema,
    assignments(set, '--set', parameterNames),
    Object.fromEntries(parameterNames.map((name) => [name, `--set ${name}`])),
  );
}

/** A preset with what the options change in it. Method ids come from the data directory. */
export function roarSettings(options: RoarOptions, methods: readonly string[]): RoarSettings {
  const id = options.preset ?? 'paper';
  const { dataset, protocol } = parseOptions(
    z.object({ dataset: datasetIdSchema, protocol: protocolSchema }),
    { dataset: options.dataset, protocol: options.protocol ?? 'paper' },
    { dataset: '--dataset', protocol: '--protocol' },
  );
  const presets = roarPresets(dataset, protocol);
  const preset = presets.find((candidate) => candidate.id === id);
  if (!preset) {
    throw refuse('--preset', id, `one of ${presets.map((known) => known.id).join(', ')}`);
  }
  const base = preset.settings;
  return parseOptions(
    roarSettingsSchema,
    {
      ...base,
      methods,
      ...given({
        images: number(options.images),
        levels: options.levels === undefined ? undefined : scalars(options.levels),
        seed: number(options.seed),
        fill: options.fill,
        trainMask: options.trainMask,
        reduction: options.reduction,
        resamples: number(options.resamples),
      }),
      parameters: { ...base.parameters, ...assignments(options.set, '--set', parameterNames) },
      recipe: {
        ...base.recipe,
        ...given({
          epochs: number(options.epochs),
          trainLimit: limit(options.trainLimit),
          batchSize: number(options.batchSize),
          learningRate: number(options.learningRate),
          seed: number(options.trainSeed ?? options.seed),
        }),
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
      'recipe.epochs': '--epochs',
      'recipe.trainLimit': '--train-limit',
      'recipe.batchSize': '--batch-size',
      'recipe.learningRate': '--learning-rate',
      'recipe.seed': options.trainSeed === undefined ? '--seed' : '--train-seed',
      'parameters.': '--set ',
    },
  );
}

/** The nine and the random map, which every run needs as its baseline. */
export const defaultRoarMethods: readonly string[] = [
  ...paperMethods.map(({ id }) => id),
  randomMethodId,
];

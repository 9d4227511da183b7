import { type Command } from 'commander';
import { type NetworkCatalogue } from '../../shared/catalogue/network';
import { type Recipe } from '../../shared/catalogue/training';
import { refuse } from '../../shared/errors';
import { addNetworkOptions } from './network-options';
import { given, scalar } from './options';

/** How a model is trained, as text from commander. */
export interface RecipeOptions {
  readonly network?: string;
  readonly epochs?: string;
  readonly batchSize?: string;
  readonly optimiser?: string;
  readonly learningRate?: string;
  readonly momentum?: string;
  readonly nesterov?: string | true;
  readonly weightDecay?: string;
  readonly schedule?: string;
  readonly stepEvery?: string;
  readonly stepFactor?: string;
  readonly augmentPadding?: string;
  readonly augmentFlip?: string | true;
  readonly trainLimit?: string;
}

const defaultWord = '(default: the dataset’s)';

/** The options of a recipe, the same for every command that trains. */
export function addRecipeOptions(command: Command, networks: NetworkCatalogue): Command {
  return addNetworkOptions(command, networks)
    .option('--epochs <number>', `passes over the training images ${defaultWord}`)
    .option('--batch-size <number>', 'images a training step (default: 128)')
    .option('--optimiser <name>', `adam or sgd ${defaultWord}`)
    .option('--learning-rate <number>', `at the start, or at the cycle’s peak ${defaultWord}`)
    .option('--momentum <number>', 'of sgd (default: 0.9)')
    .option('--nesterov [yes|no]', 'Nesterov momentum, of sgd (default: no)')
    .option('--weight-decay <number>', `of sgd ${defaultWord}`)
    .option('--schedule <name>', `constant, step or one-cycle ${defaultWord}`)
    .option('--step-every <epochs>', 'of --schedule step (default: 30)')
    .option('--step-factor <number>', 'of --schedule step (default: 0.1)')
    .option('--augment-padding <pixels>', `crop out of a wider black frame ${defaultWord}`)
    .option('--augment-flip [yes|no]', `mirror every other image ${defaultWord}`)
    .option('--train-limit <number>', 'use so many training images, stratified, or all');
}

/** Which option sets which field of the recipe, for refusals. The more exact field stands first. */
export const recipeOptionNames: Readonly<Record<string, string>> = {
  'recipe.architecture': '--network',
  'recipe.options.': '--',
  'recipe.epochs': '--epochs',
  'recipe.batchSize': '--batch-size',
  'recipe.optimiser': '--optimiser',
  'recipe.learningRate': '--learning-rate',
  'recipe.momentum': '--momentum',
  'recipe.nesterov': '--nesterov',
  'recipe.weightDecay': '--weight-decay',
  'recipe.schedule.every': '--step-every',
  'recipe.schedule.factor': '--step-factor',
  'recipe.schedule': '--schedule',
  'recipe.augmentation.padding': '--augment-padding',
  'recipe.augmentation.flip': '--augment-flip',
  'recipe.trainLimit': '--train-limit',
};

export const number = (text: string | undefined) => (text === undefined ? undefined : scalar(text));

/** A training limit: a count, or `all`. */
const limit = (text: string | undefined) => (text === 'all' ? null : number(text));

const answers: Readonly<Record<string, boolean>> = {
  yes: true,
  true: true,
  no: false,
  false: false,
};

/** An option that alone says yes. What is neither yes nor no stays text, which the schema refuses. */
const answer = (text: string | true | undefined) =>
  typeof text === 'string' ? (answers[text] ?? text) : text;

/** A recipe with what the options change in it, not parsed yet. */
export function recipeInput(base: Partial<Recipe>, options: RecipeOptions): object {
  // What belongs to SGD alone goes with it.
  const without = options.optimiser === 'adam' ? { weightDecay: 0, nesterov: false } : {};
  return {
    ...base,
    ...without,
    ...given({
      epochs: number(options.epochs),
      batchSize: number(options.batchSize),
      optimiser: options.optimiser,
      learningRate: number(options.learningRate),
      momentum: number(options.momentum),
      nesterov: answer(options.nesterov),
      weightDecay: number(options.weightDecay),
      schedule: scheduleInput(base, options),
      trainLimit: limit(options.trainLimit),
    }),
    augmentation: {
      ...base.augmentation,
      ...given({
        padding: number(options.augmentPadding),
        flip: answer(options.augmentFlip),
      }),
    },
  };
}

function scheduleInput(base: Partial<Recipe>, options: RecipeOptions): object | undefined {
  const { schedule, stepEvery, stepFactor } = options;
  const kind = schedule ?? base.schedule?.kind;
  const step = given({ every: number(stepEvery), factor: number(stepFactor) });
  if (kind === 'step') {
    const before = base.schedule?.kind === 'step' ? base.schedule : {};
    return { ...before, kind, ...step };
  }
  const [name, value] =
    stepEvery === undefined ? ['--step-factor', stepFactor] : ['--step-every', stepEvery];
  if (value !== undefined) throw refuse(name, value, 'nothing without --schedule step');
  return schedule === undefined ? undefined : { kind: schedule };
}

import { type Command } from 'commander';
import { type NetworkCatalogue } from '../../shared/catalogue/network';
import {
  type Recipe,
  recipeSettings,
  type Schedule,
  startSettings,
} from '../../shared/catalogue/training';
import { refuse } from '../../shared/errors';
import { addNetworkOptions } from './network-options';
import { meanHelp, presetHelp, stdHelp } from './normalisation-options';
import { type Start, type StartOptions } from './starting-model';
import {
  addSettingOptions,
  givenOptions,
  optionNames,
  type OptionsOf,
  withOptions,
} from './setting-options';

/** How a model is trained, as text from commander. */
export type RecipeOptions = {
  readonly network?: string;
  /** What `init` names, once it was found. */
  readonly start?: Start;
} & StartOptions &
  OptionsOf<typeof startSettings> &
  OptionsOf<typeof recipeSettings>;

/** The options of a recipe, the same for every command that trains. */
export function addRecipeOptions(command: Command, networks: NetworkCatalogue): Command {
  addNetworkOptions(command, networks)
    .option(
      '--init <file|model>',
      'weights to start from: a file, or a model by its id, name or SHA-256 (default: drawn from the seed)',
    )
    .option('--mean <numbers>', `of a file that --init names: ${meanHelp}`)
    .option('--std <numbers>', stdHelp)
    // roar's --preset is another.
    .option('--init-preset <name>', `in their place, ${presetHelp}`);
  addSettingOptions(command, startSettings);
  return addSettingOptions(command, recipeSettings, 'the dataset’s');
}

/** Which option sets which field of the recipe, for refusals. The more exact field stands first. */
export const recipeOptionNames: Readonly<Record<string, string>> = {
  'recipe.architecture': '--network',
  'recipe.options.': '--',
  'recipe.init.weights': '--init',
  ...optionNames(startSettings, 'recipe.'),
  ...optionNames(recipeSettings, 'recipe.'),
  'recipe.schedule': '--schedule',
};

/** A recipe with what the options change in it, not parsed yet. */
export function recipeInput(base: Partial<Recipe>, options: RecipeOptions): object {
  // What belongs to SGD alone goes with it.
  const without = options.optimiser === 'adam' ? { weightDecay: 0, nesterov: false } : {};
  const schedule = scheduleInput(base.schedule, options);
  return withOptions({ ...base, ...without, schedule }, recipeSettings, options);
}

/** Of another kind than before, without what that one had. */
function scheduleInput(before: Schedule | undefined, options: RecipeOptions): unknown {
  const kind = options.schedule ?? before?.kind;
  const numbers = givenOptions(recipeSettings, options).find(
    ({ setting }) => setting.of?.path === 'schedule.kind',
  );
  if (numbers && kind !== 'step') {
    throw refuse(`--${numbers.option}`, numbers.text, 'nothing without --schedule step');
  }
  return before?.kind === kind ? before : { kind };
}

import { type Command } from 'commander';
import { type NetworkCatalogue } from '../../shared/catalogue/network';
import { phraseOf } from '../../shared/catalogue/parameter';
import { type Setting } from '../../shared/catalogue/setting';
import { type Recipe, recipeSettings, type Schedule } from '../../shared/catalogue/training';
import { refuse } from '../../shared/errors';
import { addNetworkOptions } from './network-options';
import { scalar } from './options';

type Described = (typeof recipeSettings)[keyof typeof recipeSettings];
type Optional = Extract<Described, { readonly option: string }>;
type CamelCase<T extends string> = T extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : T;

/** How a model is trained, as text from commander; a switch alone is true. */
export type RecipeOptions = { readonly network?: string } & {
  readonly [Name in CamelCase<Optional['option']>]?: string | true;
};

/** The settings that have an option, by their path within the recipe. */
const optional = Object.entries<Setting>(recipeSettings).flatMap(([path, setting]) =>
  setting.option === undefined ? [] : [{ path, setting, option: setting.option }],
);

const camelCase = (option: string) =>
  option.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()) as keyof RecipeOptions;

const argumentOf = ({ kind }: Setting) =>
  kind === 'switch' ? '[yes|no]' : kind === 'choice' ? '<name>' : '<number>';

function wordsOf(setting: Setting): string {
  const { of } = setting;
  const owner = optional.find(({ path }) => path === of?.path);
  const within = of && owner ? `, of --${owner.option} ${of.value}` : '';
  const about =
    setting.kind === 'choice' ? setting.choices.map(({ value }) => value).join(', ') : setting.help;
  const words = about === undefined ? phraseOf(setting) : `${phraseOf(setting)}: ${about}`;
  return `${words}${within} (default: the dataset’s)`;
}

/** The options of a recipe, the same for every command that trains. */
export function addRecipeOptions(command: Command, networks: NetworkCatalogue): Command {
  addNetworkOptions(command, networks);
  for (const { option, setting } of optional) {
    command.option(`--${option} ${argumentOf(setting)}`, wordsOf(setting));
  }
  return command;
}

/** Which option sets which field of the recipe, for refusals. The more exact field stands first. */
export const recipeOptionNames: Readonly<Record<string, string>> = {
  'recipe.architecture': '--network',
  'recipe.options.': '--',
  ...Object.fromEntries(optional.map(({ path, option }) => [`recipe.${path}`, `--${option}`])),
  'recipe.schedule': '--schedule',
};

export const number = (text: string | undefined) => (text === undefined ? undefined : scalar(text));

const answers: Readonly<Record<string, boolean>> = {
  yes: true,
  true: true,
  no: false,
  false: false,
};

/** What an option says; what is no value of its kind stays text, which the schema refuses. */
function read({ kind }: Setting, text: string | true): unknown {
  if (text === true) return true;
  if (kind === 'switch') return answers[text] ?? text;
  if (kind === 'limit' && text === 'all') return null;
  return kind === 'choice' ? text : scalar(text);
}

/** A recipe with what the options change in it, not parsed yet. */
export function recipeInput(base: Partial<Recipe>, options: RecipeOptions): object {
  // What belongs to SGD alone goes with it.
  const without = options.optimiser === 'adam' ? { weightDecay: 0, nesterov: false } : {};
  const recipe: Record<string, unknown> = {
    ...base,
    ...without,
    schedule: scheduleInput(base.schedule, options),
    augmentation: { ...base.augmentation },
  };
  for (const { path, setting, option } of optional) {
    const text = options[camelCase(option)];
    if (text === undefined || path === 'schedule.kind') continue;
    const [first = path, inner] = path.split('.');
    const value = read(setting, text);
    if (inner === undefined) recipe[first] = value;
    else recipe[first] = { ...(recipe[first] as object | undefined), [inner]: value };
  }
  return recipe;
}

/** Of another kind than before, without what that one had. */
function scheduleInput(before: Schedule | undefined, options: RecipeOptions): unknown {
  const kind = options.schedule ?? before?.kind;
  for (const { path, option } of optional) {
    const text = options[camelCase(option)];
    if (!path.startsWith('schedule.') || path === 'schedule.kind' || text === undefined) continue;
    if (kind !== 'step') throw refuse(`--${option}`, text, 'nothing without --schedule step');
  }
  return before?.kind === kind ? before : { kind };
}

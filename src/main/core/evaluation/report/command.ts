import { type Method } from '../../../../shared/catalogue/methods';
import {
  optionText,
  type Setting,
  type SettingValue,
  valueAt,
} from '../../../../shared/catalogue/setting';
import { recipeSettings, startSettings } from '../../../../shared/catalogue/training';
import { type RoarSettings, runSettings } from '../../../../shared/catalogue/roar';
import { shellWord } from '../../../../shared/shell-word';
import { type FullProtocol } from '../full-protocol';

/** Settings of a recipe that weights bring where nothing is said. */
const ofStart = ['resize', 'crop'];
/** Settings of a run that stand before or after the others. */
const placed = ['images', 'levels', 'seed'];

export interface RepeatCommand {
  /** The arguments after `npm run --silent cli --`. */
  readonly args: readonly string[];
  /** The same as one line for a POSIX shell. */
  readonly line: string;
}

/**
 * The command that runs these settings again: what differs from the protocol in full, by option.
 *
 * @param full the protocol in full
 */
export function repeatCommand(
  settings: RoarSettings,
  { settings: paper, usualProtocol }: Pick<FullProtocol, 'settings' | 'usualProtocol'>,
  methods: readonly Method[],
): RepeatCommand {
  const { recipe, parameters, dataset, protocol } = settings;
  // What another network is trained by where nothing is said is its own to know: then all is said.
  const usual = recipe.architecture === paper.recipe.architecture ? paper.recipe : null;
  const args = ['roar', '--dataset', dataset, '--images', String(settings.images)];
  const option = (name: string, value: string, without: string | undefined) => {
    if (value !== without) args.push(name, value);
  };
  option('--protocol', protocol, usualProtocol);
  option('--levels', optionText(settings.levels), optionText(paper.levels));
  option('--methods', settings.methods.map(named).join(','), paper.methods.join(','));
  option('--network', recipe.architecture, paper.recipe.architecture);
  if (recipe.init) {
    args.push('--init', recipe.init.weights);
    for (const [path, { option: name, default: without }] of Object.entries(startSettings)) {
      option(`--${name}`, text(valueAt(recipe, path)) ?? without, without);
    }
  }
  for (const [path, setting] of Object.entries<Setting>(recipeSettings)) {
    const value = valueAt(recipe, path);
    if (setting.option === undefined || value === undefined) continue;
    // Another optimiser than the default's takes its own decay with it.
    const without =
      path === 'weightDecay' && recipe.optimiser === 'adam'
        ? 0
        : usual && !(recipe.init && ofStart.includes(path))
          ? valueAt(usual, path)
          : undefined;
    option(`--${setting.option}`, optionText(value), text(without));
  }
  for (const [id, value] of Object.entries(recipe.options)) {
    option(`--${id}`, value, usual?.options[id]);
  }
  for (const [path, setting] of Object.entries<Setting>(runSettings)) {
    const value = valueAt(settings, path);
    if (setting.option === undefined || value === undefined || placed.includes(path)) continue;
    option(`--${setting.option}`, optionText(value), text(valueAt(paper, path)));
  }
  for (const [name, value] of Object.entries(parameters)) {
    const without = Object.entries(paper.parameters).find(([key]) => key === name)?.[1];
    if (value !== without) args.push('--set', `${name}=${value}`);
  }
  for (const [name, value] of Object.entries(settings.metric ?? {})) {
    args.push('--set', `${protocol}.${name}=${value}`);
  }
  args.push('--seed', String(settings.seed));
  option('--train-seed', String(recipe.seed), String(settings.seed));
  args.push('--out', 'DIR');
  return { args, line: ['npm run --silent cli --', ...args.map(shellWord)].join(' ') };

  /** A composed method's id is known to one data directory alone, its composition everywhere. */
  function named(id: string): string {
    const method = methods.find((candidate) => candidate.id === id);
    return method?.group === 'composed' ? method.composition : id;
  }
}

const text = (value: SettingValue | undefined) => (value === undefined ? value : optionText(value));

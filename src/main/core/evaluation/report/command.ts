import { type Method } from '../../../../shared/catalogue/methods';
import { type RoarSettings } from '../../../../shared/catalogue/roar';
import { type Recipe } from '../../../../shared/catalogue/training';

export interface RepeatCommand {
  /** The arguments after `npm run --silent cli --`. */
  readonly args: readonly string[];
  /** The same as one line for a POSIX shell. */
  readonly line: string;
}

/**
 * The command that runs these settings again: what differs from the protocol in full, by option.
 *
 * @param paper the protocol in full
 */
export function repeatCommand(
  settings: RoarSettings,
  paper: RoarSettings,
  methods: readonly Method[],
): RepeatCommand {
  const { recipe, parameters, dataset, protocol } = settings;
  // What another network is trained by where nothing is said is its own to know: then all is said.
  const usual = recipe.architecture === paper.recipe.architecture ? paper.recipe : null;
  const args = ['roar', '--dataset', dataset, '--images', String(settings.images)];
  const option = (name: string, value: string, without: string | undefined) => {
    if (value !== without) args.push(name, value);
  };
  const { optimiser, schedule, augmentation } = recipe;
  const yes = (value: boolean) => (value ? 'yes' : 'no');
  option('--protocol', protocol, 'paper');
  option('--levels', settings.levels.join(','), paper.levels.join(','));
  option('--methods', settings.methods.map(named).join(','), paper.methods.join(','));
  option('--network', recipe.architecture, paper.recipe.architecture);
  option('--epochs', String(recipe.epochs), text(usual?.epochs));
  option('--train-limit', limit(recipe), usual ? limit(usual) : undefined);
  option('--batch-size', String(recipe.batchSize), text(usual?.batchSize));
  option('--optimiser', optimiser, usual?.optimiser);
  option('--learning-rate', String(recipe.learningRate), text(usual?.learningRate));
  option('--momentum', String(recipe.momentum), text(usual?.momentum));
  option('--nesterov', yes(recipe.nesterov), usual ? yes(usual.nesterov) : undefined);
  // Adam has no weight decay, whatever the default says.
  const decay = optimiser === 'adam' ? 0 : usual?.weightDecay;
  option('--weight-decay', String(recipe.weightDecay), text(decay));
  option('--schedule', schedule.kind, usual?.schedule.kind);
  if (schedule.kind === 'step') {
    args.push('--step-every', String(schedule.every), '--step-factor', String(schedule.factor));
  }
  const { padding, flip } = usual?.augmentation ?? {};
  option('--augment-padding', String(augmentation.padding), text(padding));
  option('--augment-flip', yes(augmentation.flip), flip === undefined ? flip : yes(flip));
  for (const [id, value] of Object.entries(recipe.options)) {
    option(`--${id}`, value, usual?.options[id]);
  }
  option('--repetitions', String(settings.repetitions), String(paper.repetitions));
  option('--fill', settings.fill, paper.fill);
  option('--train-mask', settings.trainMask, paper.trainMask);
  option('--reduction', settings.reduction, paper.reduction);
  option('--resamples', String(settings.resamples), String(paper.resamples));
  for (const [name, value] of Object.entries(parameters)) {
    const without = Object.entries(paper.parameters).find(([key]) => key === name)?.[1];
    if (value !== without) args.push('--set', `${name}=${value}`);
  }
  args.push('--seed', String(settings.seed));
  option('--train-seed', String(recipe.seed), String(settings.seed));
  args.push('--out', 'DIR');
  return { args, line: ['npm run --silent cli --', ...args.map(quote)].join(' ') };

  /** A composed method's id is known to one data directory alone, its composition everywhere. */
  function named(id: string): string {
    const method = methods.find((candidate) => candidate.id === id);
    return method?.group === 'composed' ? method.composition : id;
  }
}

const limit = ({ trainLimit }: Recipe) => String(trainLimit ?? 'all');

const text = (value: number | undefined) => (value === undefined ? value : String(value));

const quote = (text: string): string =>
  /^[\w.,:=/@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

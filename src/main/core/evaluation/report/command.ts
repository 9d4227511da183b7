import { type Method } from '../../../../shared/catalogue/methods';
import { type RoarSettings, roarSettingsSchema } from '../../../../shared/catalogue/roar';

export interface RepeatCommand {
  /** The arguments after `npm run --silent cli --`. */
  readonly args: readonly string[];
  /** The same as one line for a POSIX shell. */
  readonly line: string;
}

/** The command that runs these settings again: what differs from the paper's protocol, by option. */
export function repeatCommand(settings: RoarSettings, methods: readonly Method[]): RepeatCommand {
  const { recipe, parameters, dataset, protocol } = settings;
  const paper = roarSettingsSchema.parse({ dataset, protocol });
  const args = ['roar', '--dataset', dataset, '--images', String(settings.images)];
  const option = (name: string, value: string, usual: string) => {
    if (value !== usual) args.push(name, value);
  };
  const { optimiser, schedule, augmentation } = recipe;
  const yes = (value: boolean) => (value ? 'yes' : 'no');
  option('--protocol', protocol, 'paper');
  option('--levels', settings.levels.join(','), paper.levels.join(','));
  option('--methods', settings.methods.map(named).join(','), paper.methods.join(','));
  option('--epochs', String(recipe.epochs), String(paper.recipe.epochs));
  option('--train-limit', String(recipe.trainLimit ?? 'all'), 'all');
  option('--batch-size', String(recipe.batchSize), String(paper.recipe.batchSize));
  option('--optimiser', optimiser, paper.recipe.optimiser);
  option('--learning-rate', String(recipe.learningRate), String(paper.recipe.learningRate));
  option('--momentum', String(recipe.momentum), String(paper.recipe.momentum));
  option('--nesterov', yes(recipe.nesterov), yes(paper.recipe.nesterov));
  // Adam has no weight decay, whatever the default says.
  const decay = optimiser === 'adam' ? 0 : paper.recipe.weightDecay;
  option('--weight-decay', String(recipe.weightDecay), String(decay));
  option('--schedule', schedule.kind, paper.recipe.schedule.kind);
  if (schedule.kind === 'step') {
    args.push('--step-every', String(schedule.every), '--step-factor', String(schedule.factor));
  }
  const usual = paper.recipe.augmentation;
  option('--augment-padding', String(augmentation.padding), String(usual.padding));
  option('--augment-flip', yes(augmentation.flip), yes(usual.flip));
  option('--stem', recipe.stem, paper.recipe.stem);
  option('--repetitions', String(settings.repetitions), String(paper.repetitions));
  option('--fill', settings.fill, paper.fill);
  option('--train-mask', settings.trainMask, paper.trainMask);
  option('--reduction', settings.reduction, paper.reduction);
  option('--resamples', String(settings.resamples), String(paper.resamples));
  for (const [name, value] of Object.entries(parameters)) {
    const usual = Object.entries(paper.parameters).find(([key]) => key === name)?.[1];
    if (value !== usual) args.push('--set', `${name}=${value}`);
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

const quote = (text: string): string =>
  /^[\w.,:=/@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

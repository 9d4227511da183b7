import { type NetworkDescription, optionWords } from '../../shared/catalogue/network';
import { type Recipe, type Schedule } from '../../shared/catalogue/training';
import { sightWords } from '../../shared/model-input';
import { counted, formatCount } from '../format';

/** What is known of a recipe's network; null where it is not in the catalogue any more. */
type Network = Pick<NetworkDescription, 'options'> | null;

const networkWords = ({ options }: Recipe, network: Network): string[] =>
  optionWords(network ?? { options: [] }, options);

function scheduleWords(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'constant':
      return 'constant rate';
    case 'one-cycle':
      return 'one-cycle schedule';
    case 'step':
      return `times ${schedule.factor} every ${counted(schedule.every, 'epoch')}`;
  }
}

function optimiserWords({
  optimiser,
  learningRate,
  momentum,
  nesterov,
  weightDecay,
  schedule,
}: Recipe): string {
  const rate = `${optimiser} at ${learningRate}`;
  if (optimiser !== 'sgd') return rate;
  // The one-cycle schedule moves the momentum itself.
  const own = schedule.kind === 'one-cycle' ? [] : [`momentum ${momentum}`];
  const more = [
    ...own,
    ...(nesterov ? ['Nesterov'] : []),
    ...(weightDecay > 0 ? [`weight decay ${weightDecay}`] : []),
  ];
  return more.length > 0 ? `${rate} (${more.join(', ')})` : rate;
}

function augmentationWords({ augmentation: { padding, flip } }: Recipe): string[] {
  const crops = padding > 0 ? [`random crops with padding ${padding}`] : [];
  const words = [...crops, ...(flip ? ['random flips'] : [])];
  return words.length > 0 ? [words.join(' and ')] : [];
}

function sightWordsOf(recipe: Recipe): string[] {
  const words = sightWords(recipe);
  return words === null ? [] : [`images ${words}`];
}

/** What the details of a recipe say, without its essentials: for a folded part of a form. */
export function detailWords(recipe: Recipe, network: Network): string {
  return [
    optimiserWords(recipe),
    scheduleWords(recipe.schedule),
    ...sightWordsOf(recipe),
    ...augmentationWords(recipe),
    ...networkWords(recipe, network),
  ].join(', ');
}

function startWords({ init }: Recipe, nameOf: (weights: string) => string | null): string[] {
  if (!init) return [];
  const name = nameOf(init.weights) ?? `the weights ${init.weights.slice(0, 12)}…`;
  const head = init.head === 'anew' ? ' with the last layer anew' : '';
  return [`from ${name}${head}`, ...(init.layers === 'last' ? ['the last layer alone'] : [])];
}

/**
 * A recipe in words; what does nothing is left out.
 *
 * @param nameOf the name of a model of weights; null: no such model is here
 */
export function recipeWords(
  recipe: Recipe,
  network: Network,
  nameOf: (weights: string) => string | null = () => null,
): string {
  const { epochs, batchSize, trainLimit, schedule, seed } = recipe;
  return [
    counted(epochs, 'epoch'),
    optimiserWords(recipe),
    ...(schedule.kind === 'constant' ? [] : [scheduleWords(schedule)]),
    `batch ${batchSize}`,
    trainLimit === null ? 'all training images' : `${formatCount(trainLimit)} training images`,
    ...sightWordsOf(recipe),
    ...augmentationWords(recipe),
    ...networkWords(recipe, network),
    ...startWords(recipe, nameOf),
    `seed ${seed}`,
  ].join(', ');
}

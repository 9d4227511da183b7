import { parse, refuse } from '../errors';
import { shapeIfSeen } from '../model-input';
import { inProportion } from './batch-sizes';
import { type DatasetFacts, type Suggestion } from './datasets';
import { inputWords, type NetworkDescription, takes } from './network';
import { type Recipe, type RecipeInput, recipeSchema, recipeSettings } from './training';

/** What settings are made for: a dataset as it is here, and the networks that there are. */
export interface SettingsOf {
  readonly dataset: DatasetFacts;
  readonly networks: readonly NetworkDescription[];
}

/** Steps of an optimiser, fewer than which teach a network nothing, and of a look at it. */
const fewestSteps = { full: 80, quick: 40 };
/** Batches of an epoch, so that a small dataset is seen in more than one. */
const fewestBatches = 5;
const smallestBatch = 8;

/** Epochs with so many steps at least. */
const epochsFor = (steps: number, train: number, batchSize: number): number =>
  Math.min(recipeSettings.epochs.high, Math.ceil(steps / Math.ceil(train / batchSize)));

/** A batch that a small dataset has several of. */
const batchFor = (train: number, usual: number): number =>
  Math.min(usual, Math.max(smallestBatch, Math.floor(train / fewestBatches)));

/**
 * What serves where a dataset suggests nothing: of one of which nothing is known beyond its images, a
 * hundred of them tell methods apart.
 */
export function suggestionOf({
  suggestion,
  train,
}: Pick<DatasetFacts, 'suggestion' | 'train'>): Omit<Suggestion, 'network'> {
  if (suggestion) return suggestion;
  const trainLimit = 4000;
  const seen = Math.min(train, trainLimit);
  const epochs = epochsFor(
    fewestSteps.quick,
    seen,
    batchFor(seen, recipeSettings.batchSize.default),
  );
  const quick = { trainLimit, epochs: Math.max(2, epochs), images: 20 };
  return { recipe: {}, images: 100, quick };
}

/**
 * What a network's recipe comes to on few images: smaller batches, so that there are some; more epochs,
 * so that there are steps enough; and, of SGD, a rate that shrinks as the batch does (Goyal et al. 2017).
 */
function onFewImages(recipe: Recipe, train: number): Partial<Recipe> {
  const batchSize = batchFor(train, recipe.batchSize);
  if (batchSize === recipe.batchSize) return {};
  const epochs = Math.max(recipe.epochs, epochsFor(fewestSteps.full, train, batchSize));
  if (recipe.optimiser !== 'sgd') return { batchSize, epochs };
  const rate = (recipe.learningRate * batchSize) / recipe.batchSize;
  return { batchSize, epochs, learningRate: Number(rate.toPrecision(1)) };
}

/**
 * The network that a dataset suggests; where it suggests none that there is, the first that is made for
 * its images, else that takes them. Throws `invalid-input` at `dataset` where none takes them.
 */
export function suggestedNetwork({ dataset, networks }: SettingsOf): NetworkDescription {
  const { id, shape, classes, suggestion } = dataset;
  const data = { inputShape: shape, classes };
  const found =
    networks.find((network) => network.id === suggestion?.network) ??
    networks.find(({ input, suggestedFor = input }) => takes({ input: suggestedFor }, data)) ??
    networks.find((network) => takes(network, data));
  if (found) return found;
  const accepted = networks.map((network) => `${network.id} takes ${inputWords(network)}`);
  throw refuse('dataset', id, `a dataset for a network: ${accepted.join('; ')}`);
}

/**
 * What a network is trained by on a dataset where nothing else is said, as a fresh copy that may be
 * edited; default: the network that the dataset suggests. Of large images a step takes fewer, and SGD's
 * rate is less in proportion (Goyal et al. 2017).
 */
export function defaultRecipe(
  of: SettingsOf,
  network: Pick<NetworkDescription, 'recipe' | 'options'> = suggestedNetwork(of),
): Recipe {
  const { suggestion, train, shape } = of.dataset;
  const recipe = recipeSchema.parse({ ...network.recipe, ...suggestion?.recipe });
  const { batchSize: usual, learningRate, optimiser, options } = recipe;
  const batchSize = inProportion(usual, network, { inputShape: shape, options });
  const rate = Number(((learningRate * batchSize) / usual).toPrecision(2));
  const scaled = batchSize === usual || optimiser !== 'sgd' ? {} : { learningRate: rate };
  const sized = { ...recipe, batchSize, ...scaled };
  return suggestion ? sized : { ...sized, ...onFewImages(sized, train) };
}

/**
 * A recipe with what it leaves out: the network that the dataset suggests, and of any network that
 * there is what it is trained by on this dataset.
 *
 * @param field where the recipe stands, for refusals
 * @throws StudioError `invalid-input` where the whole is no recipe
 */
export function completeRecipe(
  whole: SettingsOf,
  given: RecipeInput = {},
  field = 'recipe',
): Recipe {
  const shape = shapeIfSeen(whole.dataset.shape, given);
  const of = { ...whole, dataset: { ...whole.dataset, shape } };
  const network =
    given.architecture === undefined
      ? suggestedNetwork(of)
      : of.networks.find(({ id }) => id === given.architecture);
  if (!network) return parse(recipeSchema, given, field);
  const usual = defaultRecipe(of, network);
  const options = { ...usual.options, ...given.options };
  return parse(recipeSchema, { ...usual, ...given, options }, field);
}

import { parse, refuse } from '../errors';
import { inProportion } from './batch-sizes';
import { type DatasetFacts, type Suggestion } from './datasets';
import { inputWords, type NetworkDescription, takes } from './network';
import { type Recipe, type RecipeInput, recipeSchema } from './training';

/** What settings are made for: a dataset as it is here, and the networks that there are. */
export interface SettingsOf {
  readonly dataset: DatasetFacts;
  readonly networks: readonly NetworkDescription[];
}

/** Of a dataset of which nothing is known beyond its images: a hundred of them tell methods apart. */
const plain: Omit<Suggestion, 'network'> = {
  recipe: {},
  images: 100,
  quick: { trainLimit: 4000, epochs: 2, images: 20 },
};

/** What a dataset suggests, or what serves where it suggests nothing. */
export const suggestionOf = ({
  suggestion,
}: Pick<DatasetFacts, 'suggestion'>): Omit<Suggestion, 'network'> => suggestion ?? plain;

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
  const { dataset } = of;
  const recipe = recipeSchema.parse({ ...network.recipe, ...suggestionOf(dataset).recipe });
  const { batchSize: usual, learningRate, optimiser, options } = recipe;
  const batchSize = inProportion(usual, network, { inputShape: dataset.shape, options });
  if (batchSize === usual || optimiser !== 'sgd') return { ...recipe, batchSize };
  const rate = Number(((learningRate * batchSize) / usual).toPrecision(2));
  return { ...recipe, batchSize, learningRate: rate };
}

/**
 * A recipe with what it leaves out: the network that the dataset suggests, and of any network that
 * there is what it is trained by on this dataset.
 *
 * @param field where the recipe stands, for refusals
 * @throws StudioError `invalid-input` where the whole is no recipe
 */
export function completeRecipe(of: SettingsOf, given: RecipeInput = {}, field = 'recipe'): Recipe {
  const network =
    given.architecture === undefined
      ? suggestedNetwork(of)
      : of.networks.find(({ id }) => id === given.architecture);
  if (!network) return parse(recipeSchema, given, field);
  const usual = defaultRecipe(of, network);
  const options = { ...usual.options, ...given.options };
  return parse(recipeSchema, { ...usual, ...given, options }, field);
}

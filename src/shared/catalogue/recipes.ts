import { type DatasetId, datasetIds } from './datasets';
import { type NetworkDescription } from './network';
import { mnistCnn, resnet18 } from './networks';
import { type Recipe, type RecipeInput, recipeSchema } from './training';

/** What a dataset suggests to those who choose nothing. */
interface Suggestion {
  readonly network: NetworkDescription;
  /** What its images ask of a recipe, whatever the network. */
  readonly recipe: Partial<Recipe>;
}

const suggestions: Readonly<Record<DatasetId, Suggestion>> = {
  mnist: { network: mnistCnn, recipe: {} },
  cifar10: { network: resnet18, recipe: { augmentation: { padding: 4, flip: true } } },
  'tiny-imagenet': {
    network: resnet18,
    recipe: { epochs: 20, augmentation: { padding: 8, flip: true } },
  },
};

/** The network that a dataset suggests, by its id: of known ones what the paper takes. */
export function suggestedNetwork(dataset: DatasetId): string {
  return suggestions[dataset].network.id;
}

/**
 * What a network is trained by on a dataset where nothing else is said, as a fresh copy that may be
 * edited; default: the network that the dataset suggests.
 */
export function defaultRecipe(
  dataset: DatasetId,
  network: Pick<NetworkDescription, 'recipe'> = suggestions[dataset].network,
): Recipe {
  return recipeSchema.parse({ ...network.recipe, ...suggestions[dataset].recipe });
}

/**
 * A recipe of before networks could be chosen, as one of today: its network was the dataset's, whose
 * first layer (`stem`) stood beside the rest.
 */
export function withNetwork(
  given: RecipeInput & { readonly stem?: unknown },
  network: string,
): RecipeInput & { architecture: string } {
  const { stem, architecture, ...rest } = given;
  if (architecture !== undefined) return { ...rest, architecture };
  if (network !== resnet18.id) return { ...rest, architecture: network };
  const before = typeof stem === 'string' ? { stem } : resnet18.recipe.options;
  return { ...rest, architecture: network, options: { ...before, ...rest.options } };
}

/**
 * A recipe with what it leaves out: where it names no network or the one that the dataset suggests,
 * the dataset's default; of another network the schema's, for its own are the catalogue's to know.
 * What is no recipe at all is the schema's to refuse.
 */
export function completeRecipe(dataset: DatasetId, given: RecipeInput = {}): RecipeInput {
  if (!isObject(given) || !isObject(given.options ?? {})) return given;
  const named = withNetwork(given, suggestedNetwork(dataset));
  if (named.architecture !== suggestedNetwork(dataset)) return named;
  const usual = defaultRecipe(dataset);
  return { ...usual, ...named, options: { ...usual.options, ...named.options } };
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Input whose recipe leaves out what its dataset's default says. Refusals are the schema's. */
export function withDefaultRecipe<
  T extends { dataset: DatasetId; recipe?: RecipeInput | undefined },
>(input: T): T {
  if (typeof input !== 'object' || input === null || !datasetIds.includes(input.dataset)) {
    return input;
  }
  return { ...input, recipe: completeRecipe(input.dataset, input.recipe) };
}

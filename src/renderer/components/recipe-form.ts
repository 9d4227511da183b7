import { type DatasetId } from '../../shared/catalogue/datasets';
import { type NetworkDescription } from '../../shared/catalogue/network';
import { defaultRecipe, suggestedNetwork } from '../../shared/catalogue/recipes';
import { type SettingValue } from '../../shared/catalogue/setting';
import {
  type OptimiserName,
  type Recipe,
  recipeSchema,
  scheduleSchema,
} from '../../shared/catalogue/training';

const show = (value: unknown): string => {
  if (value === null) return 'all';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value);
};

type Network = Pick<NetworkDescription, 'recipe'>;

/**
 * Where a recipe differs from the default of its dataset and network: the default in words by dotted
 * path ('schedule.kind', 'augmentation.flip').
 *
 * @param network the recipe's; default: the one that the dataset suggests
 */
export function changedFromDefault(
  recipe: Recipe,
  dataset: DatasetId,
  network?: Network,
): Record<string, string> {
  const usual = new Map([
    ...leaves(defaultRecipe(dataset, network)),
    ['architecture', suggestedNetwork(dataset)] as const,
  ]);
  return Object.fromEntries(
    leaves(recipe).flatMap(([path, value]) =>
      usual.has(path) && !Object.is(usual.get(path), value) ? [[path, show(usual.get(path))]] : [],
    ),
  );
}

const essentials = ['architecture', 'epochs', 'trainLimit', 'batchSize', 'learningRate', 'seed'];

/** Whether a dotted path is one of the fields that stand under 'Recipe details'. */
export function isRecipeDetail(path: string): boolean {
  return !essentials.includes(path);
}

function leaves(value: object, prefix = ''): [string, unknown][] {
  return Object.entries(value).flatMap(([key, item]): [string, unknown][] =>
    typeof item === 'object' && item !== null
      ? leaves(item, `${prefix}${key}.`)
      : [[`${prefix}${key}`, item]],
  );
}

/** What of a recipe changes with one of its settings: an optimiser brings what belongs to it. */
export function withSetting(
  recipe: Recipe,
  path: string,
  value: SettingValue,
  dataset: DatasetId,
  network?: Network,
): Partial<Recipe> {
  const chosen = recipeSchema.shape.optimiser.safeParse(value);
  if (path === 'optimiser' && chosen.success) {
    return withOptimiser(recipe, chosen.data, dataset, network);
  }
  if (path === 'schedule.kind') return { schedule: scheduleSchema.parse({ kind: value }) };
  const [first = path, inner] = path.split('.');
  if (inner === undefined) return { [path]: value };
  return { [first]: { ...(Reflect.get(recipe, first) as object), [inner]: value } };
}

/** Another optimiser with what belongs to it: its usual rate, and no setting that it would refuse. */
function withOptimiser(
  recipe: Recipe,
  optimiser: OptimiserName,
  dataset: DatasetId,
  network?: Network,
): Partial<Recipe> {
  if (optimiser === recipe.optimiser) return {};
  const usual = defaultRecipe(dataset, network);
  if (optimiser === usual.optimiser) {
    const { learningRate, momentum, nesterov, weightDecay } = usual;
    return { optimiser, learningRate, momentum, nesterov, weightDecay };
  }
  return optimiser === 'adam'
    ? { optimiser, learningRate: 0.001, nesterov: false, weightDecay: 0 }
    : { optimiser, learningRate: 0.01, momentum: 0.9 };
}

/** The default of another network, with how much is trained on and the seed as they were. */
export function withAnotherNetwork(recipe: Recipe, dataset: DatasetId, network: Network): Recipe {
  const { trainLimit, seed } = recipe;
  return { ...defaultRecipe(dataset, network), trainLimit, seed };
}

import { type NetworkDescription } from '../../shared/catalogue/network';
import { type Setting, type SettingValue, withValue } from '../../shared/catalogue/setting';
import {
  defaultRecipe,
  type SettingsOf,
  suggestedNetwork,
} from '../../shared/catalogue/suggestions';
import {
  type OptimiserName,
  type Recipe,
  recipeSchema,
  recipeSettings,
  scheduleSchema,
} from '../../shared/catalogue/training';

const show = (path: string, value: unknown): string => {
  if (value === null) {
    const setting = Object.entries<Setting>(recipeSettings).find(([own]) => own === path)?.[1];
    return setting?.kind === 'limit' ? (setting.all ?? 'all') : 'all';
  }
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value);
};

/** The default of a recipe's own network. */
const usualOf = (recipe: Recipe, of: SettingsOf): Recipe =>
  defaultRecipe(
    of,
    of.networks.find(({ id }) => id === recipe.architecture),
  );

/**
 * Where a recipe differs from the default of its dataset and network: the default in words by dotted
 * path ('schedule.kind', 'augmentation.flip').
 */
export function changedFromDefault(recipe: Recipe, of: SettingsOf): Record<string, string> {
  const usual = new Map([
    ...leaves(usualOf(recipe, of)),
    ['architecture', suggestedNetwork(of).id] as const,
  ]);
  const { init, ...rest } = recipe;
  const drawn = init ? { 'init.weights': 'drawn weights' } : {};
  const others = Object.fromEntries(
    leaves(rest).flatMap(([path, value]) =>
      usual.has(path) && !Object.is(usual.get(path), value)
        ? [[path, show(path, usual.get(path))]]
        : [],
    ),
  );
  return { ...others, ...drawn };
}

const essentials = [
  ...['architecture', 'init.weights', 'init.head', 'init.layers'],
  ...['epochs', 'trainLimit', 'batchSize', 'learningRate', 'seed'],
];

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

/** The options of a network as settings of its recipe. */
export const optionSettings = (network: NetworkDescription | null): Record<string, Setting> =>
  Object.fromEntries(
    (network?.options ?? []).map(({ id, label, choices, default: usual }) => [
      `options.${id}`,
      { kind: 'choice', label, choices, default: usual },
    ]),
  );

/** What of a recipe changes with one of its settings: an optimiser brings what belongs to it. */
export function withSetting(
  recipe: Recipe,
  path: string,
  value: SettingValue,
  of: SettingsOf,
): Partial<Recipe> {
  const chosen = recipeSchema.shape.optimiser.safeParse(value);
  if (path === 'optimiser' && chosen.success) {
    return withOptimiser(recipe, chosen.data, of);
  }
  if (path === 'schedule.kind') return { schedule: scheduleSchema.parse({ kind: value }) };
  return withValue(recipe, path, value);
}

/** Another optimiser with what belongs to it: its usual rate, and no setting that it would refuse. */
function withOptimiser(recipe: Recipe, optimiser: OptimiserName, of: SettingsOf): Partial<Recipe> {
  if (optimiser === recipe.optimiser) return {};
  const usual = usualOf(recipe, of);
  if (optimiser === usual.optimiser) {
    const { learningRate, momentum, nesterov, weightDecay } = usual;
    return { optimiser, learningRate, momentum, nesterov, weightDecay };
  }
  return optimiser === 'adam'
    ? { optimiser, learningRate: 0.001, nesterov: false, weightDecay: 0 }
    : { optimiser, learningRate: 0.01, momentum: 0.9 };
}

/** The default of another network, with how much is trained on and the seed as they were. */
export function withAnotherNetwork(
  recipe: Recipe,
  of: SettingsOf,
  network: NetworkDescription,
): Recipe {
  const { trainLimit, seed } = recipe;
  return { ...defaultRecipe(of, network), trainLimit, seed };
}

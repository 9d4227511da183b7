import { mnistCnn, resnet18 } from './networks';

/**
 * A recipe of before networks could be chosen, as one of today: it named none, and the first layer of
 * the one that its dataset had (`stem`) stood beside the rest. What is no such recipe stays as it is.
 *
 * @param network its network; default: the one that its dataset had
 */
export function recipeOfToday(recipe: unknown, dataset: unknown, network?: unknown): unknown {
  if (typeof recipe !== 'object' || recipe === null || 'architecture' in recipe) return recipe;
  const { stem, ...rest } = recipe as { stem?: unknown };
  const architecture = network ?? (dataset === 'mnist' ? mnistCnn.id : resnet18.id);
  if (architecture !== resnet18.id) return { ...rest, architecture };
  return {
    ...rest,
    architecture,
    options: { ...resnet18.recipe.options, ...(stem ? { stem } : {}) },
  };
}

import { datasetEntry, type DatasetId, datasetIds } from './datasets';
import { type Recipe, recipeSchema } from './training';

/** What each dataset's models are trained by where nothing else is said. */
const changes: Readonly<Record<DatasetId, Parameters<typeof recipeSchema.parse>[0]>> = {
  mnist: {},
  cifar10: {
    epochs: 10,
    optimiser: 'sgd',
    learningRate: 0.1,
    weightDecay: 5e-4,
    schedule: { kind: 'one-cycle' },
    augmentation: { padding: 4, flip: true },
  },
  'tiny-imagenet': {
    epochs: 20,
    optimiser: 'sgd',
    learningRate: 0.1,
    weightDecay: 5e-4,
    schedule: { kind: 'one-cycle' },
    augmentation: { padding: 8, flip: true },
  },
};

/** The default recipe of a dataset, as a fresh copy that may be edited. */
export function defaultRecipe(dataset: DatasetId): Recipe {
  return recipeSchema.parse(changes[dataset]);
}

/** Input whose recipe leaves out what its dataset's default says. Refusals are the schema's. */
export function withDefaultRecipe<T extends { dataset: DatasetId; recipe?: object | undefined }>(
  input: T,
): T {
  if (typeof input !== 'object' || input === null || !datasetIds.includes(input.dataset)) {
    return input;
  }
  return { ...input, recipe: { ...defaultRecipe(input.dataset), ...input.recipe } };
}

/** Whether the recipe's stem matters: ResNet18 alone has one. */
export function usesStem(dataset: DatasetId): boolean {
  return datasetEntry(dataset).architecture === 'resnet18';
}

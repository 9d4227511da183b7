import { describe, expect, it } from 'vitest';
import { type DatasetFacts } from '../../src/shared/catalogue/datasets';
import { builtInNetworks, mnistCnn, resnet18 } from '../../src/shared/catalogue/networks';
import {
  defaultRecipe,
  suggestedNetwork,
  suggestionOf,
} from '../../src/shared/catalogue/suggestions';

const own = (train: number, shape: DatasetFacts['shape'] = [64, 64, 3]) => ({
  dataset: {
    ...{ id: 'images-1', name: 'Mine', shape, classes: 10, train, validation: 40 },
    suggestion: null,
  },
  networks: builtInNetworks,
});

describe('a dataset of which nothing is known beyond its images', () => {
  it('is for a network that takes them: of colour ResNet18, wherever it stands', () => {
    expect(suggestedNetwork(own(100))).toBe(resnet18);
    expect(suggestedNetwork(own(100, [28, 28, 1]))).toBe(mnistCnn);
  });

  it.each([
    // images, batch, epochs, rate
    [100, 20, 16, 0.02],
    [10, 8, 40, 0.006],
    [600, 120, 16, 0.09],
    [640, 128, 10, 0.1],
    [100_000, 128, 10, 0.1],
  ])('of %i images is learnt in batches of %i', (train, batchSize, epochs, learningRate) => {
    const recipe = defaultRecipe(own(train));
    expect(recipe).toEqual({ ...resnet18.recipe, batchSize, epochs, learningRate });
  });

  it('keeps Adam’s rate whatever the batch, and is looked at in some steps', () => {
    const recipe = defaultRecipe(own(100, [28, 28, 1]));
    expect(recipe).toEqual({ ...mnistCnn.recipe, batchSize: 20, epochs: 16 });
    const quick = (train: number) => suggestionOf(own(train).dataset).quick;
    expect(quick(100)).toEqual({ trainLimit: 4000, epochs: 8, images: 20 });
    expect(quick(50_000)).toEqual({ trainLimit: 4000, epochs: 2, images: 20 });
  });
});

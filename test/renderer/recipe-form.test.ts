import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changedFromDefault,
  withAnotherNetwork,
  withSetting,
} from '../../src/renderer/components/recipe-form';
import { detailWords, recipeWords } from '../../src/renderer/components/recipe-words';
import { mnistCnn, resnet18 } from '../../src/shared/catalogue/networks';
import { recipeSchema, recipeSettings } from '../../src/shared/catalogue/training';
import { datasetIds, defaultRecipe, settingsOf } from '../fixtures/datasets';

const optimisers = recipeSettings.optimiser.choices.map(({ value }) => value);

describe('a recipe beside its default', () => {
  it('names each field that differs with the default in words', () => {
    for (const id of datasetIds)
      expect(changedFromDefault(defaultRecipe(id), settingsOf(id))).toEqual({});
    const recipe = { ...defaultRecipe('cifar10'), epochs: 3, trainLimit: 500, nesterov: true };
    recipe.augmentation = { padding: 4, flip: false };
    recipe.schedule = { kind: 'step', every: 2, factor: 0.5 };
    expect(changedFromDefault(recipe, settingsOf('cifar10'))).toEqual({
      epochs: '10',
      trainLimit: 'all',
      nesterov: 'off',
      'schedule.kind': 'one-cycle',
      'augmentation.flip': 'on',
    });
  });

  it('of another network is that network’s, with how much is trained on and the seed as they were', () => {
    const before = { ...defaultRecipe('mnist'), epochs: 3, trainLimit: 500, seed: 4 };
    const recipe = withAnotherNetwork(before, settingsOf('mnist'), resnet18);
    expect(recipe).toMatchObject({ architecture: 'resnet18', options: { stem: 'imagenet' } });
    expect(recipe).toMatchObject({ optimiser: 'sgd', epochs: 10, trainLimit: 500, seed: 4 });
    expect(changedFromDefault(recipe, settingsOf('mnist'))).toEqual({
      architecture: 'mnist-cnn',
      trainLimit: 'all',
      seed: '0',
    });
    recipe.options = { stem: 'small' };
    expect(changedFromDefault(recipe, settingsOf('mnist'))['options.stem']).toBe('imagenet');
  });

  it('is accepted after any change of the optimiser, there and back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...datasetIds),
        fc.array(fc.constantFrom(...optimisers), { maxLength: 5 }),
        (dataset, changes) => {
          let recipe = { ...defaultRecipe(dataset), nesterov: dataset !== 'mnist' };
          for (const name of changes) {
            recipe = { ...recipe, ...withSetting(recipe, 'optimiser', name, settingsOf(dataset)) };
            expect(recipe.optimiser).toBe(name);
            expect(recipeSchema.safeParse(recipe).success).toBe(true);
          }
        },
      ),
    );
  });
});

describe('a recipe in words', () => {
  it('says what is done and leaves out what does nothing', () => {
    expect(recipeWords(defaultRecipe('mnist'), mnistCnn)).toBe(
      '5 epochs, adam at 0.001, batch 128, all training images, seed 0',
    );
    expect(recipeWords(defaultRecipe('tiny-imagenet'), resnet18)).toBe(
      '20 epochs, sgd at 0.1 (weight decay 0.0005), one-cycle schedule, batch 128, all training images, random crops with padding 8 and random flips, ImageNet stem, seed 0',
    );
    const stepped = recipeSchema.parse({
      ...{ architecture: 'resnet18', options: { stem: 'small' } },
      ...{ epochs: 1, optimiser: 'sgd', learningRate: 0.05, nesterov: true },
      ...{ schedule: { kind: 'step', every: 1, factor: 0.5 }, trainLimit: 1000 },
    });
    expect(detailWords(stepped, resnet18)).toBe(
      'sgd at 0.05 (momentum 0.9, Nesterov), times 0.5 every 1 epoch, small stem',
    );
    expect(recipeWords(stepped, resnet18)).toContain('1 epoch, ');
    expect(recipeWords(stepped, resnet18)).toContain('1,000 training images');
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runStages } from '../../../../../src/main/core/evaluation/roar/plan';
import { repetitionRecipe } from '../../../../../src/main/core/evaluation/roar/retrain';
import { gridModels } from '../../../../../src/main/core/evaluation/roar/retrain-stages';
import { builtInMethods } from '../../../../../src/shared/catalogue/methods';
import { builtInCatalogues } from '../../../../../src/shared/catalogue/catalogues';
import { datasetEntry, roarSettings } from '../../../../fixtures/datasets';

const { operators } = builtInCatalogues;

const counts = datasetEntry('mnist');
const rates = {
  trainImagesPerSecond: 1000,
  gradientsPerSecond: 500,
  forwardImagesPerSecond: 10_000,
};
const methods = builtInMethods.filter(({ id }) => ['vanilla-gradient', 'random'].includes(id));

it('every item has a name of its own, and every model its epochs', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 4 }),
      (some, repetitions, epochs) => {
        const levels = [0, ...some.sort((a, b) => a - b).map((level) => level / 1000)];
        const recipe = { epochs };
        const base = roarSettings({ protocol: 'retrain', images: 300, repetitions, recipe });
        const settings = { ...base, levels };
        const stages = runStages(operators, settings, methods, counts, null);
        for (const { items } of stages) {
          expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
        }
        const models = repetitions - 1 + methods.length * some.length * repetitions;
        expect(gridModels(settings, methods)).toHaveLength(models);
        expect(stages.map(({ id, items }) => [id, items.length])).toEqual([
          ['train', epochs],
          // 235 files of training images and two of validation images for each method.
          ['orders', methods.length * (235 + 2)],
          ['retrain', 1 + models * epochs],
          ['report', 1],
        ]);
      },
    ),
    { numRuns: 20 },
  );
});

it('costs are seconds by measured rates, the fill’s own included', () => {
  const settings = roarSettings({
    ...{ protocol: 'retrain', images: 300, levels: [0, 0.5], repetitions: 1 },
    recipe: { epochs: 1, trainLimit: 500 },
  });
  const [, orders, plain] = runStages(operators, settings, methods, counts, rates);
  expect(orders?.items.map(({ cost }) => cost)).toEqual([
    // The random map costs no gradient.
    ...[256, 244, 256, 44].map((size) => size / 10_000),
    ...[256, 244, 256, 44].map((size) => size / 500 + size / 10_000),
  ]);
  const epoch = 0.5 + 0.03;
  expect(plain?.items.map(({ cost }) => cost)).toEqual([0.03, epoch, epoch]);
  const noisy = { ...settings, fill: 'noisy-linear' as const };
  const filled = runStages(operators, noisy, methods, counts, rates)[2];
  expect(filled?.items[1]?.cost).toBeCloseTo(epoch + (0.5 * 784 * 800) / 1e6, 9);
});

it('repetitions have seeds of their own, the first the recipe’s', () => {
  const { recipe } = roarSettings({ recipe: { seed: 5 } });
  const seeds = Array.from({ length: 20 }, (_, r) => repetitionRecipe(recipe, r).seed);
  expect(seeds[0]).toBe(5);
  expect(new Set(seeds).size).toBe(20);
  expect(repetitionRecipe(recipe, 3)).toEqual({ ...recipe, seed: seeds[3] });
  roarSettings({ recipe: { seed: seeds[19] } });
});

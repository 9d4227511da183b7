import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gridModels, repetitionRecipe } from '../../../../../src/main/core/evaluation/metrics/grid';
import { retrainPlan } from '../../../../../src/main/core/evaluation/metrics/retrain-plan';
import { bytesOf, knownItems } from '../../../../../src/main/core/jobs/plan-forecast';
import { stagesOf } from '../../../../../src/main/core/jobs/run-plan';
import { builtInMethods } from '../../../../../src/shared/catalogue/methods';
import { roarSettings } from '../../../../fixtures/datasets';
import { planInputs, planParts } from './plan-inputs';

const rates = {
  trainImagesPerSecond: 1000,
  gradientsPerSecond: 500,
  forwardImagesPerSecond: 10_000,
};
const methods = builtInMethods.filter(({ id }) => ['vanilla-gradient', 'random'].includes(id));

it('every item has a name of its own, and every model its epochs', async () => {
  const { parts } = planParts();
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 4 }),
      async (some, repetitions, epochs) => {
        const levels = [0, ...some.sort((a, b) => a - b).map((level) => level / 1000)];
        const recipe = { epochs };
        const base = roarSettings({ protocol: 'retrain', images: 300, repetitions, recipe });
        const settings = { ...base, levels };
        const plan = await retrainPlan(false)(parts, planInputs(settings, methods));
        expect(new Set(plan.specs.map(({ id }) => id)).size).toBe(plan.specs.length);
        const stages = stagesOf(plan);
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

it('costs are seconds by measured rates, the fill’s own included', async () => {
  const { parts } = planParts();
  const settings = roarSettings({
    ...{ protocol: 'retrain', images: 300, levels: [0, 0.5], repetitions: 1 },
    recipe: { epochs: 1, trainLimit: 500 },
  });
  const [, orders, plain] = stagesOf(
    await retrainPlan(false)(parts, planInputs(settings, methods, { rates })),
  );
  expect(orders?.items.map(({ cost }) => cost)).toEqual([
    // The random map costs no gradient.
    ...[256, 244, 256, 44].map((size) => size / 10_000),
    ...[256, 244, 256, 44].map((size) => size / 500 + size / 10_000),
  ]);
  const epoch = 0.5 + 0.03;
  expect(plain?.items.map(({ cost }) => cost)).toEqual([0.03, epoch, epoch]);
  const noisy = { ...settings, fill: 'noisy-linear' as const };
  const [, , filled] = stagesOf(
    await retrainPlan(false)(parts, planInputs(noisy, methods, { rates })),
  );
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

it('needs the disk of one model of the grid at a time, and has nothing of it without a run', async () => {
  const settings = roarSettings({
    ...{ protocol: 'retrain', images: 300, levels: [0, 0.5], repetitions: 2 },
    recipe: { epochs: 2, trainLimit: 500 },
  });
  const { core, parts } = planParts();
  const plan = await retrainPlan(false)(parts, planInputs(settings, methods));
  const base = 2 * 100 + 200;
  const orders = methods.length * (500 + 300) * 784 * 2;
  expect(bytesOf(plan, new Set())).toBe(base + orders + 2 * (100 + 200));
  expect(await knownItems(core.artifacts, plan)).toEqual(new Set());
  const grid = plan.specs.find(({ id }) => id === 'retrain random/0.5/1');
  // The base model, and the method's orders of both splits.
  expect(grid?.needs).toEqual([
    'train 0',
    'orders random/train/0',
    'orders random/train/1',
    'orders random/validation/0',
    'orders random/validation/1',
  ]);
});

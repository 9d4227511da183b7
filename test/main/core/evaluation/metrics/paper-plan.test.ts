import fc from 'fast-check';
import { expect, it } from 'vitest';
import { paperPlan } from '../../../../../src/main/core/evaluation/metrics/paper-plan';
import { bytesOf, knownItems } from '../../../../../src/main/core/jobs/plan-forecast';
import { stagesOf } from '../../../../../src/main/core/jobs/run-plan';
import { builtInMethods, paperMethods } from '../../../../../src/shared/catalogue/methods';
import { roarSettings } from '../../../../fixtures/datasets';
import { epochKeys, modelKey } from '../../../../../src/main/core/artifacts/keys';
import { levelSpec } from '../../../../../src/main/core/evaluation/roar/level-training';
import { id, newJob } from '../../storage/helpers';
import { planInputs, planParts } from './plan-inputs';

it('every item of a run has a name of its own, however near its levels are', async () => {
  const { parts } = planParts();
  const level = fc.oneof(
    fc.double({ min: 1e-12, max: 1, noNaN: true }),
    // A hair beside each other.
    fc.integer({ min: 1, max: 9 }).map((n) => 0.5 + n * 1e-6),
  );
  const levels = fc
    .uniqueArray(level, { minLength: 1, maxLength: 20 })
    .map((some) => [0, ...some.sort((a, b) => a - b)]);
  await fc.assert(
    fc.asyncProperty(levels, fc.integer({ min: 1, max: 1000 }), async (chosen, images) => {
      const settings = { ...roarSettings({ images }), levels: chosen };
      const plan = await paperPlan(parts, planInputs(settings, paperMethods));
      expect(new Set(plan.specs.map(({ id }) => id)).size).toBe(plan.specs.length);
      for (const { items } of stagesOf(plan)) {
        expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
      }
    }),
  );
});

it('costs are seconds by measured rates', async () => {
  const rates = {
    trainImagesPerSecond: 1000,
    gradientsPerSecond: 500,
    forwardImagesPerSecond: 10_000,
  };
  const settings = roarSettings({ levels: [0, 0.5], images: 300 });
  const { parts } = planParts();
  const plan = await paperPlan(parts, planInputs(settings, paperMethods, { rates }));
  expect(plan.measured).toBe(true);
  const [train, maps, score] = stagesOf(plan);
  expect(train?.items.map(({ cost }) => cost)).toEqual(new Array(10).fill(60 + 1));
  // From images of 512 pixels that are resized for it, some milliseconds an image more.
  const resized = { ...settings, recipe: { ...settings.recipe, resize: 28 } };
  const large = await paperPlan(
    parts,
    planInputs(resized, paperMethods, { rates, whole: [512, 512, 1] }),
  );
  expect(stagesOf(large)[0]?.items[0]?.cost).toBeCloseTo(61 + (70_000 * 512 * 540) / 2e8, 6);
  // 256 images and 44 of the method with most gradients: 750 each.
  expect(maps?.items.slice(-2).map(({ cost }) => cost)).toEqual([
    (256 * 750) / 500,
    (44 * 750) / 500,
  ]);
  expect(score?.items.map(({ cost }) => cost)).toEqual([0.27, 0.27]);
});

it('adds what it stores to the disk, and the states of one optimiser for a time', async () => {
  const settings = roarSettings({
    levels: [0, 0.5],
    images: 300,
    recipe: { epochs: 3 },
  });
  const { parts } = planParts();
  const plan = await paperPlan(parts, planInputs(settings, paperMethods));
  const methods = paperMethods.length;
  const models = 2 * (3 * 100 + 200);
  const maps = methods * 300 * 784 * 4;
  const scores = 2 * 300 * methods * 8;
  expect(bytesOf(plan, new Set())).toBe(models + maps + scores + 2 * 200);
  // Of a level that is half trained the other epochs are left.
  const known = new Set(['train 0/0', 'train 0/1']);
  expect(bytesOf(plan, known)).toBe(models - 2 * 100 + maps + scores + 2 * 200);
});

it('tells what is known of a run from content alone, as far as its models are trained', async () => {
  const settings = roarSettings({
    levels: [0, 0.5],
    images: 300,
    methods: ['random', 'vanilla-gradient'],
    recipe: { epochs: 1 },
  });
  const methods = builtInMethods.filter(({ id }) => settings.methods.includes(id));
  const { core, parts } = planParts();
  const inputs = planInputs(settings, methods);
  const plan = await paperPlan(parts, inputs);
  const known = async () => [...(await knownItems(core.artifacts, plan))];
  const store = (key: string, kind: 'weights' | 'optimiser' | 'map' | 'score' | 'tied') =>
    core.artifacts.put({ bytes: new Uint8Array([1]), kind, key });
  const complete = async (id: string) => {
    const spec = plan.specs.find((each) => each.id === id);
    if (!spec) throw new Error(`no spec ${id}`);
    return plan.complete(spec);
  };
  expect(await known()).toEqual([]);
  expect(await complete('maps random/0')).toBeNull();

  for (const level of settings.levels) {
    const key = modelKey(levelSpec(settings, level), inputs.dataset, inputs.engine);
    const model = id('model', `l${level * 10}`);
    core.jobs.insert(newJob(`l${level * 10}`));
    const job = id('job', `l${level * 10}`);
    parts.trainings.make(key, levelSpec(settings, level), 'A model', job, model);
    const { weights, optimiser } = epochKeys(key, 0);
    await store(weights, 'weights');
    await store(optimiser, 'optimiser');
    const figures = { loss: 1, trainAccuracy: 0.5, validationAccuracy: 0.5, seconds: 1 };
    core.models.putEpoch(model, { epoch: 0, ...figures }, weights, optimiser);
    core.models.finish(model, weights, 0.5);
  }
  expect(await known()).toEqual(['train 0/0', 'train 0.5/0']);
  const [map] = (await complete('maps random/1')) ?? [];
  await store(map?.orders[0]?.outputs[0]?.key ?? '', 'map');
  expect(await known()).toEqual(['train 0/0', 'train 0.5/0', 'maps random/1']);
  const [score] = (await complete('score 0.5')) ?? [];
  expect(score?.orders).toHaveLength(2);
  const [first, ...others] = (score?.orders ?? []).flatMap(({ outputs }) => outputs);
  for (const { key } of others) await store(key, 'score');
  expect(await known()).toHaveLength(3);
  await store(first?.key ?? '', 'score');
  expect(await known()).toEqual(['train 0/0', 'train 0.5/0', 'maps random/1', 'score 0.5']);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { builtInMethods, type Method, paperMethods } from '../../../src/shared/catalogue/methods';
import { builtInCatalogues } from '../../../src/shared/catalogue/catalogues';
import { builtInMetrics } from '../../../src/shared/catalogue/metrics';
import { reduction } from '../../../src/shared/catalogue/parameters';
import { type RoarSettings } from '../../../src/shared/catalogue/roar';
import { fill } from '../../../src/shared/catalogue/training';
import { repeatCommand } from '../../../src/main/core/evaluation/report/command';
import { stubApp } from '../core/stub-app';
import { job, model, run } from './records';
import { cli } from './world';
import { datasetIds, fullOf, roarSettings } from '../../fixtures/datasets';

const composed: Method = {
  id: 'composed-integrate-smooth-guided',
  name: 'Mine',
  composition: 'integrate(smooth(guided))',
  group: 'composed',
  equations: '',
};
const valuesOf = <V>({ choices }: { choices: readonly { value: V }[] }) =>
  choices.map(({ value }) => value);
const methods = [...builtInMethods, composed];
const { operators } = builtInCatalogues;

const weights = 'ab'.repeat(32);

/** Any value of a choice. */
function anyOf<T extends string>(name: string): fc.Arbitrary<T> {
  const parameter = operators.parameters[name];
  if (parameter?.kind !== 'choice') throw new Error(`${name} is no choice`);
  return fc.constantFrom(...parameter.choices.map(({ value }) => value as T));
}

const settings: fc.Arbitrary<RoarSettings> = fc
  .record({
    dataset: fc.constantFrom(...datasetIds),
    protocol: fc.constantFrom(...builtInMetrics.map(({ id }) => id)),
    repetitions: fc.integer({ min: 1, max: 20 }),
    training: fc.oneof(
      fc.constant({}),
      fc.constant({ optimiser: 'adam' as const, weightDecay: 0 }),
      fc.record({
        optimiser: fc.constant('sgd' as const),
        momentum: fc.constantFrom(0.5, 0.9),
        nesterov: fc.boolean(),
        weightDecay: fc.constantFrom(0, 1e-4),
      }),
    ),
    schedule: fc.constantFrom(
      { kind: 'constant' as const },
      { kind: 'step' as const, every: 3, factor: 0.5 },
      { kind: 'one-cycle' as const },
    ),
    augmentation: fc.record({ padding: fc.constantFrom(0, 4), flip: fc.boolean() }),
    stem: fc.constantFrom('imagenet', 'small'),
    init: fc.option(
      fc.record({
        weights: fc.constant(weights),
        head: fc.constantFrom('keep', 'anew'),
        layers: fc.constantFrom('all', 'last'),
      }),
    ),
    architecture: fc.constantFrom(undefined, 'resnet18'),
    images: fc.integer({ min: 1, max: 10_000 }),
    levels: fc
      .uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 20 })
      .map((some) => [0, ...some.sort((a, b) => a - b).map((level) => level / 100)]),
    methods: fc
      .uniqueArray(fc.constantFrom(...paperMethods.map(({ id }) => id), 'sobel', composed.id))
      .map((some) => [...some, 'random']),
    parameters: fc.record({
      n: fc.integer({ min: 1, max: 200 }),
      sigma: fc.integer({ min: 0, max: 500 }).map((sigma) => sigma / 100),
      sigmaMode: anyOf('sigmaMode'),
      steps: fc.integer({ min: 1, max: 500 }),
      quadrature: anyOf('quadrature'),
      baseline: anyOf('baseline'),
      score: anyOf('score'),
      target: fc.constantFrom('label', 'predicted', 3),
      guidedGate: anyOf('guidedGate'),
      smoothAggregate: anyOf('smoothAggregate'),
    }),
    reduction: fc.constantFrom(...valuesOf(reduction)),
    fill: fc.constantFrom(...valuesOf(fill)),
    trainMask: fc.constantFrom('fixed', 'redrawn'),
    epochs: fc.integer({ min: 1, max: 200 }),
    trainLimit: fc.option(fc.integer({ min: 10, max: 60_000 })),
    resize: fc.constantFrom(null, 32, 64),
    crop: fc.constantFrom(null, 28),
    batchSize: fc.constantFrom(128, 1, 1024),
    learningRate: fc.constantFrom(0.001, 1e-9, 0.3),
    trainSeed: fc.option(fc.integer({ min: 0, max: 2 ** 31 - 1 })),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    resamples: fc.integer({ min: 100, max: 100_000 }),
  })
  .map(({ training, schedule, augmentation, stem, architecture, trainSeed, ...more }) => {
    const { init, ...given } = more;
    const { epochs, trainLimit, batchSize, learningRate, resize, crop, ...rest } = given;
    return roarSettings({
      ...rest,
      recipe: {
        ...{ epochs, trainLimit, batchSize, learningRate, resize, crop, ...training },
        ...(architecture === undefined ? {} : { architecture }),
        ...(init && { init }),
        ...{ schedule, augmentation, seed: trainSeed ?? rest.seed },
        // MNIST's own network has none.
        options: rest.dataset === 'mnist' && !architecture ? {} : { stem },
      },
    });
  });

const full = ({ dataset, protocol }: RoarSettings) => fullOf(dataset, protocol);

/** What a command line asks core to run. */
async function asked(
  argv: readonly string[],
  wanted?: RoarSettings,
): Promise<RoarSettings | undefined> {
  let found: RoarSettings | undefined;
  const app = stubApp({
    'methods.list': () => methods,
    'models.list': () => [{ ...model('ready'), sha256: weights }],
    // What weights are of, they tell.
    'models.startFrom': () => {
      const { architecture = '', options = {} } = wanted?.recipe ?? {};
      // These see another part of images than the recipe says.
      const seen = { resize: 32, crop: 8 };
      const init = { weights, head: 'keep', layers: 'all' } as const;
      return { architecture, options, ...seen, init, otherHead: null };
    },
    'datasets.list': () => [],
    'roar.list': () => [run('cancelled', found)],
    'roar.start': (input) => {
      found = roarSettings(input.settings);
      return { run: run('cancelled', found), job: job('cancelled') };
    },
  });
  expect((await cli(argv, { app })).exit).toBe(130);
  return found;
}

test('the command that a manifest names asks for the very same settings', async () => {
  await fc.assert(
    fc.asyncProperty(settings, async (wanted) => {
      const { args } = repeatCommand(wanted, full(wanted), methods);
      expect(await asked(args, wanted)).toEqual(wanted);
    }),
    { numRuns: 60 },
  );
});

test('the training has a seed of its own where it is given one', async () => {
  const argv = ['roar', '--dataset', 'mnist', '--out', 'x', '--batch-size', '64'];
  expect(await asked([...argv, '--seed', '1', '--train-seed', '2'])).toMatchObject({
    seed: 1,
    recipe: { seed: 2, batchSize: 64 },
  });
});

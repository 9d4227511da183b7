import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { Dropout } from '../../../src/engine/models/layers/dropout';
import type { Pass } from '../../../src/engine/models/layers/layer';
import { mnistCnn } from '../../../src/engine/models/networks/mnist-cnn';
import type { Gate, Model, ScoreKind } from '../../../src/engine/models/model';
import { Network } from '../../../src/engine/models/network';
import { Adam } from '../../../src/engine/models/adam';
import { toTorch } from '../../../src/engine/models/parameter';
import { decodeSafetensors } from '../../../src/engine/models/safetensors';
import { rewritten } from '../../../src/engine/models/rewrites/rewrite';
import type { Runtime } from '../../../src/engine/runtime/load';
import type { Tensor } from '../../../src/engine/runtime/tensorflow';
import { valueAt } from '../../../src/shared/checked-reads';
import { createModel } from '../networks';
import { int1d, relativeError, taken, tensor4d, testRuntime, uniform } from '../support';

const file = new URL('../../fixtures/torch-mnist-cnn.safetensors', import.meta.url);
const fixture = decodeSafetensors(readFileSync(file), 'torch-mnist-cnn.safetensors');
const count = 4;
const targets = [3, 1, 4, 9];

let runtime: Runtime;
beforeAll(async () => {
  runtime = await testRuntime();
});

function reference(name: string): Float32Array {
  const tensor = fixture.tensors.get(name);
  if (!tensor) throw new RangeError(`the fixture has no ${name}`);
  return tensor.data;
}

function images(): Float32Array {
  return reference('images');
}

/** The weights that the Python script gives PyTorch's model. */
function fill(model: Model, zeroBias: boolean): void {
  model.parameters().forEach((parameter, index) => {
    const { fanIn, shape } = parameter.layout;
    const size = shape.reduce((product, side) => product * side, 1);
    const bound = Math.fround(2 / Math.sqrt(fanIn));
    const zero = zeroBias && parameter.name.endsWith('bias');
    const values = uniform(size, index + 1).map((u) => Math.fround(u * 2 - 1) * bound);
    parameter.write(zero ? values.map(() => 0) : values);
  });
}

function withModel(zeroBias: boolean, use: (model: Model) => void): void {
  const model = createModel(runtime.kernels, 'mnist-cnn');
  try {
    fill(model, zeroBias);
    use(model);
  } finally {
    model.dispose();
  }
}

function inputGradient(model: Model, score: ScoreKind, gate: Gate): Float32Array {
  const x = tensor4d(runtime, images(), [count, 28, 28, 1]);
  const y = int1d(runtime, targets);
  const result = model.inputGradient(x, y, { score, gate });
  for (const tensor of [x, y, result.scores, result.logits]) tensor.dispose();
  return taken(result.gradient);
}

describe.each([
  ['biases', false, ''],
  ['zero biases on a zero background', true, 'zero-bias.'],
])('mnist-cnn with %s', (_, zeroBias, prefix) => {
  test('has the logits of PyTorch', () => {
    withModel(zeroBias, (model) => {
      const x = tensor4d(runtime, images(), [count, 28, 28, 1]);
      const logits = taken(model.logits(x));
      x.dispose();
      expect(relativeError(logits, reference(`${prefix}logits`))).toBeLessThan(2e-6);
    });
  });

  test.each(['logit', 'probability', 'log-probability'] as const)(
    'has its input gradient of the %s',
    (score) => {
      withModel(zeroBias, (model) => {
        const gradient = inputGradient(model, score, 'none');
        expect(relativeError(gradient, reference(`${prefix}gradient.${score}`))).toBeLessThan(1e-5);
      });
    },
  );

  test('has the guided gradient of explicit hooks', () => {
    withModel(zeroBias, (model) => {
      const gradient = inputGradient(model, 'logit', 'all-activations');
      expect(relativeError(gradient, reference(`${prefix}guided`))).toBeLessThan(1e-5);
      const plain = reference(`${prefix}gradient.logit`);
      expect(relativeError(gradient, plain)).toBeGreaterThan(0.1);
    });
  });

  test('guides nothing at ReLUs alone, for it has none', () => {
    withModel(zeroBias, (model) => {
      const gradient = inputGradient(model, 'logit', 'relu-only');
      expect(gradient).toEqual(inputGradient(model, 'logit', 'none'));
    });
  });
});

/** Dropout with the fixture's mask. */
class GivenDropout extends Dropout {
  override mask(shape: readonly number[]): Tensor {
    const values = uniform(count * 128, 200).map((u) => (u >= 0.5 ? 2 : 0));
    return runtime.tf.tensor(values, [...shape], 'float32');
  }
}

test('trains as PyTorch does: gradients, losses and parameters after three steps of Adam', async () => {
  const { tf, kernels } = runtime;
  const form = { inputShape: [28, 28, 1], classes: 10, options: {} } as const;
  const layers = mnistCnn
    .layers(kernels, form)
    .map((layer) => (layer instanceof Dropout ? new GivenDropout(kernels, 'dropout', 0.5) : layer));
  const fast = rewritten(kernels, layers, mnistCnn.rewrites ?? []);
  const model = new Network(
    kernels,
    { architecture: 'mnist-cnn', inputShape: [28, 28, 1], classes: 10, layers, fast },
    { mean: [0], std: [1] },
  );
  fill(model, false);
  const x = tensor4d(runtime, images(), [count, 28, 28, 1]);
  const y = int1d(runtime, targets);
  const every97 = (values: Float32Array) => values.filter((_, index) => index % 97 === 0);

  const seen = new Map<string, Float32Array>();
  const recorder: { apply(gradients: Pass['gradients']): void } = {
    apply(gradients) {
      for (const [parameter, gradient] of gradients) {
        const values = gradient.dataSync() as Float32Array;
        seen.set(parameter.name, every97(toTorch(parameter.layout, values)));
      }
    },
  };
  tf.dispose(Object.values(model.trainStep(x, y, { optimiser: recorder, seed: 0, step: 0 })));
  for (const { name } of model.parameters()) {
    const expected = reference(`train.gradient.${name}`);
    expect(relativeError(seen.get(name) ?? [], expected), name).toBeLessThan(1e-5);
  }

  const optimiser = new Adam(kernels, model.parameters(), { learningRate: 1e-3 });
  const losses: number[] = [];
  for (let step = 0; step < 3; step += 1) {
    const { loss, correct } = model.trainStep(x, y, { optimiser, seed: 0, step });
    losses.push(valueAt(taken(loss), 0));
    correct.dispose();
  }
  expect(relativeError(losses, reference('train.losses'))).toBeLessThan(1e-5);
  for (const parameter of model.parameters()) {
    const values = every97(await parameter.read());
    const error = relativeError(values, reference(`train.after.${parameter.name}`));
    expect(error, parameter.name).toBeLessThan(1e-5);
  }
  optimiser.dispose();
  model.dispose();
  tf.dispose([x, y]);
});

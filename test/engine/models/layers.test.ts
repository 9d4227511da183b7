import { beforeAll, describe, expect, test } from 'vitest';
import { Activation } from '../../../src/engine/models/layers/activation';
import { Conv2d } from '../../../src/engine/models/layers/conv2d';
import { Dropout } from '../../../src/engine/models/layers/dropout';
import { Flatten } from '../../../src/engine/models/layers/flatten';
import type { Layer } from '../../../src/engine/models/layers/layer';
import { Linear } from '../../../src/engine/models/layers/linear';
import { MaxPool } from '../../../src/engine/models/layers/max-pool';
import type { Gate, ScoreKind } from '../../../src/engine/models/model';
import { Network } from '../../../src/engine/models/network';
import type { Parameter } from '../../../src/engine/models/parameter';
import type { Runtime } from '../../../src/engine/runtime/load';
import type { Tensor } from '../../../src/engine/runtime/tensorflow';
import { valueAt } from '../../../src/shared/checked-reads';
import { int1d, relativeError, signed, taken, tensor4d, testRuntime } from '../support';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await testRuntime();
});

type Shape = [number, number, number];

function network(inputShape: Shape, classes: number, layers: Layer[]): Network {
  return new Network(
    runtime.kernels,
    { architecture: 'mnist-cnn', inputShape, classes, layers },
    { mean: [0], std: [1] },
  );
}

function gradient(
  net: Network,
  pixels: Float32Array,
  options: { score?: ScoreKind; gate?: Gate; target?: number } = {},
): { gradient: Float32Array; score: number } {
  const { score = 'logit', gate = 'none', target = 0 } = options;
  const x = tensor4d(runtime, pixels, [1, ...net.inputShape]);
  const y = int1d(runtime, [target]);
  const result = net.inputGradient(x, y, { score, gate });
  runtime.tf.dispose([x, y, result.logits]);
  return { gradient: taken(result.gradient), score: taken(result.scores)[0] ?? 0 };
}

describe('guided gates, worked by hand', () => {
  /**
   * x = (1, 2) -> h = W x with W = [[1, -1], [2, 1], [-1, 1]] = (-1, 4, 1), activation, then the first
   * class h0 - h1 + 3 h2. Signals at the activation: (1, -1, 3).
   */
  const build = (kind: 'relu' | 'selu') => {
    const { kernels } = runtime;
    const hidden = new Linear(kernels, 'hidden', { inputs: [2], outputs: 3 });
    const out = new Linear(kernels, 'out', { inputs: [3], outputs: 2 });
    hidden.parameters[0]?.write(Float32Array.of(1, -1, 2, 1, -1, 1));
    out.parameters[0]?.write(Float32Array.of(1, -1, 3, 7, 7, 7));
    return network([1, 2, 1], 2, [
      new Flatten('flatten'),
      hidden,
      new Activation(kernels, 'activation', kind),
      out,
    ]);
  };
  const x = Float32Array.of(1, 2);
  const scale = 1.0507009873554805;
  const negative = scale * 1.6732632423543772 * Math.exp(-1);

  test.each<['relu' | 'selu', Gate, number[]]>([
    // Plain ReLU passes h1 and h2: -1 (2, 1) + 3 (-1, 1).
    ['relu', 'none', [-5, 2]],
    // Guided ReLU passes only h2, whose signal is positive too: 3 (-1, 1).
    ['relu', 'relu-only', [-3, 3]],
    ['relu', 'all-activations', [-3, 3]],
    // Plain SELU passes h0 too, by its slope at -1.
    ['selu', 'none', [negative - 5 * scale, -negative + 2 * scale]],
    ['selu', 'relu-only', [negative - 5 * scale, -negative + 2 * scale]],
    // Guided SELU: h2 alone, by the slope 1.0507.
    ['selu', 'all-activations', [-3 * scale, 3 * scale]],
  ])('%s, gate %s', (kind, gate, expected) => {
    const net = build(kind);
    const result = gradient(net, x, { gate });
    result.gradient.forEach((value, i) => expect(value).toBeCloseTo(valueAt(expected, i), 5));
    net.dispose();
  });
});

/** A small network of every layer, in PyTorch's order of activation and pooling. */
function small(): Network {
  const { kernels } = runtime;
  const net = network([6, 6, 2], 3, [
    new Conv2d(kernels, 'conv', { inputs: 2, outputs: 4, kernel: 3, stride: 1, padding: 1 }),
    new Activation(kernels, 'selu', 'selu'),
    new MaxPool(kernels, 'pool'),
    new Conv2d(kernels, 'next', { inputs: 4, outputs: 4, kernel: 3, stride: 1, padding: 1 }),
    new Activation(kernels, 'relu', 'relu'),
    new Flatten('flatten'),
    new Linear(kernels, 'out', { inputs: [3, 3, 4], outputs: 3 }),
  ]);
  net.parameters().forEach((parameter, index) => {
    const size = parameter.layout.shape.reduce((product, side) => product * side, 1);
    parameter.write(signed(size, index + 20));
  });
  return net;
}

test.each(['logit', 'probability', 'log-probability'] as const)(
  'the input gradient of the %s is that of central differences',
  (score) => {
    const net = small();
    const pixels = signed(72, 1);
    const options = { score, target: 1 };
    const exact = gradient(net, pixels, options).gradient;
    const step = 2e-3;
    const numeric = pixels.map((_, i) => {
      const at = (shift: number) =>
        gradient(
          net,
          pixels.map((value, j) => (i === j ? value + shift : value)),
          options,
        ).score;
      return (at(step) - at(-step)) / (2 * step);
    });
    expect(relativeError(exact, numeric)).toBeLessThan(2e-3);
    net.dispose();
  },
);

test('parameter gradients are those of tfjs’s own tape', () => {
  const { tf } = runtime;
  const net = small();
  const x = tensor4d(runtime, signed(144, 1), [2, 6, 6, 2]);
  const labels = int1d(runtime, [2, 0]);
  const seen = new Map<Parameter, Float32Array>();
  const optimiser = {
    apply(gradients: ReadonlyMap<Parameter, Tensor>) {
      for (const [parameter, value] of gradients) {
        seen.set(parameter, value.dataSync() as Float32Array);
      }
    },
  };
  const step = net.trainStep(x, labels, { optimiser, seed: 0, step: 0 });
  const loss = taken(step.loss)[0] ?? 0;
  step.correct.dispose();
  const parameters = net.parameters();
  const tape = tf.tidy(() => {
    const values = parameters.map((parameter) => parameter.value.clone());
    const f = (...w: Tensor[]) => {
      const [conv, convBias, next, nextBias, out, outBias] = w as [
        typeof x,
        Tensor,
        typeof x,
        Tensor,
        ReturnType<typeof tf.tensor2d>,
        Tensor,
      ];
      const first = tf.selu(tf.add(tf.conv2d(x, conv, 1, 'same'), convBias));
      const pooled = tf.maxPool(first as typeof x, 2, 2, 'valid');
      const second = tf.relu(tf.add(tf.conv2d(pooled, next, 1, 'same'), nextBias));
      const logits = tf.add(tf.matMul(tf.reshape(second, [2, 36]), out), outBias);
      return tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 3), logits).asScalar();
    };
    expect(f(...values).dataSync()[0]).toBeCloseTo(loss, 5);
    return tf.grads(f)(values);
  });
  parameters.forEach((parameter, i) => {
    const expected = tape[i]?.dataSync() ?? [];
    expect(relativeError(seen.get(parameter) ?? [], expected), parameter.name).toBeLessThan(1e-5);
  });
  tf.dispose([x, labels, ...tape]);
  net.dispose();
});

describe('dropout', () => {
  test('keeps half of the values, doubled, by seed, layer and step', () => {
    const dropout = new Dropout(runtime.kernels, 'dropout', 0.5);
    const draw = (seed: number, step: number) => taken(dropout.mask([100, 100], { seed, step }));
    const mask = draw(1, 0);
    expect(new Set(mask)).toEqual(new Set([0, 2]));
    const kept = mask.reduce((sum, value) => sum + value / 2, 0) / mask.length;
    expect(Math.abs(kept - 0.5)).toBeLessThan(0.02);
    expect(draw(1, 0)).toEqual(mask);
    expect(draw(1, 1)).not.toEqual(mask);
    expect(draw(2, 0)).not.toEqual(mask);
    const other = new Dropout(runtime.kernels, 'other', 0.5);
    expect(taken(other.mask([100, 100], { seed: 1, step: 0 }))).not.toEqual(mask);
  });

  test('scales by 1 / (1 - rate)', () => {
    const dropout = new Dropout(runtime.kernels, 'dropout', 0.2);
    const mask = taken(dropout.mask([10_000], { seed: 1, step: 0 }));
    expect(new Set(mask)).toEqual(new Set([0, 1.25]));
    const mean = mask.reduce((sum, value) => sum + value, 0) / mask.length;
    expect(Math.abs(mean - 1)).toBeLessThan(0.03);
  });
});

test('every public call of a model leaves the tensors that it returns and no other', () => {
  const { tf } = runtime;
  const net = small();
  const x = tensor4d(runtime, signed(72, 1), [1, 6, 6, 2]);
  const y = int1d(runtime, [1]);
  const before = tf.memory().numTensors;
  const logits = net.logits(x);
  expect(tf.memory().numTensors).toBe(before + 1);
  const result = net.inputGradient(x, y, { score: 'probability', gate: 'all-activations' });
  expect(tf.memory().numTensors).toBe(before + 4);
  const optimiser = { apply: () => undefined };
  const step = net.trainStep(x, y, { optimiser, seed: 1, step: 1 });
  expect(tf.memory().numTensors).toBe(before + 6);
  tf.dispose([logits, ...Object.values(result), ...Object.values(step)]);
  const wrong = tensor4d(runtime, signed(50, 1), [1, 5, 5, 2]);
  expect(() => net.inputGradient(wrong, y, { score: 'logit', gate: 'none' })).toThrow();
  wrong.dispose();
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([x, y]);
  net.dispose();
});

import { beforeAll, describe, expect, test } from 'vitest';
import {
  fusedKernels,
  type FusedKernels,
  type SignalRule,
} from '../../../src/engine/runtime/fused';
import { poolingKernels } from '../../../src/engine/runtime/pooling';
import { type Runtime } from '../../../src/engine/runtime/load';
import { type Tensor, type Tensor4D } from '../../../src/engine/runtime/tensorflow';
import { relativeError, signed, taken, tensor4d, testRuntime } from '../support';

let runtime: Runtime;
let fused: FusedKernels;
beforeAll(async () => {
  runtime = await testRuntime();
  fused = fusedKernels(runtime.kernels.operations);
});

/** Values between -1 and 1, rounded to quarters so that ties and exact zeros occur. */
const quarters = (count: number, seed: number) =>
  signed(count, seed).map((value) => Math.round(value * 4) / 4);

/** The plain way: an activation's gradient, then max pooling's. */
function plain(rule: SignalRule, x: Tensor4D, signal: Tensor4D): { output: Tensor; dx: Tensor } {
  const { tf, kernels } = runtime;
  return tf.tidy(() => {
    const pooling = poolingKernels(kernels.operations, false);
    const { output: maximum, saved } = pooling.maxPool(x, true);
    const selu = rule.endsWith('selu');
    const output = selu ? kernels.selu(maximum) : kernels.relu(maximum);
    let sloped: Tensor;
    if (rule.startsWith('guided')) {
      sloped = kernels.reluGradient(kernels.relu(signal), output);
      if (selu) sloped = kernels.scale(sloped, 1.0507009873554805);
    } else {
      sloped = selu ? kernels.seluGradient(signal, output) : kernels.reluGradient(signal, output);
    }
    return { output, dx: pooling.maxPoolGradient(saved, sloped as Tensor4D) };
  });
}

/** 1 where an index points, else 0 (bytes cannot be read from here). */
function marked(index: Tensor, shape: readonly [number, number, number, number]): Float32Array {
  return taken(
    runtime.tf.tidy(() => {
      const ones = runtime.tf.ones([...shape]) as Tensor4D;
      return fused.unpool('relu', ones, ones, index);
    }),
  );
}

const rules: SignalRule[] = ['selu', 'relu', 'guided-selu', 'guided-relu'];
/** Channels in whole vectors, with a rest, and fewer than one. */
const shapes = [
  [2, 4, 6, 16],
  [3, 6, 4, 13],
  [1, 2, 2, 3],
] as const;

describe.each(shapes)('x [%i, %i, %i, %i]', (b, h, w, c) => {
  const x = () => tensor4d(runtime, quarters(b * h * w * c, 1), [b, h, w, c]);
  const small = [b, h / 2, w / 2, c] as const;
  const signals = () => tensor4d(runtime, quarters((b * h * w * c) / 4, 2), [...small]);

  test('maxima are those of max pooling, and the index is the first of them', () => {
    const input = x();
    const { maximum, index } = fused.maxPool(input);
    const values = taken(input);
    const maxima = taken(maximum);
    const places = marked(index, small);
    maxima.forEach((value, i) => {
      const [channel, column] = [i % c, Math.floor(i / c) % (w / 2)];
      const row = Math.floor(i / c / (w / 2)) % (h / 2);
      const image = Math.floor(i / c / (w / 2) / (h / 2));
      const window = [0, 1, 2, 3].map((place) => {
        const y = 2 * row + Math.floor(place / 2);
        return ((image * h + y) * w + 2 * column + (place % 2)) * c + channel;
      });
      const inWindow = window.map((at) => values[at] ?? NaN);
      expect(value + 0).toBe(Math.max(...inWindow) + 0);
      const first = inWindow.indexOf(value);
      expect(window.map((at) => places[at])).toEqual([0, 1, 2, 3].map((k) => +(k === first)));
    });
  });

  test.each(rules)('%s: unpool is the activation’s gradient, then max pooling’s', (rule) => {
    const [input, signal] = [x(), signals()];
    const { output, dx } = plain(rule, input, signal);
    const { maximum, index } = fused.maxPool(input);
    const result = fused.unpool(rule, signal, output as Tensor4D, index);
    expect(relativeError(taken(result), taken(dx))).toBeLessThan(1e-6);
    runtime.tf.dispose([input, signal, output, maximum, index]);
  });

  test.each(rules)('%s: firstGradient goes on through the convolution', (rule) => {
    const { tf, kernels } = runtime;
    const [input, signal] = [x(), signals()];
    const filter = tensor4d(runtime, signed(9 * c, 3), [3, 3, 1, c]);
    const { output, dx } = plain(rule, input, signal);
    const same = { stride: 1, padding: 1 };
    const expected = kernels.conv2dInputGradient([b, h, w, 1], filter, dx as Tensor4D, same);
    const { maximum, index } = fused.maxPool(input);
    const result = fused.firstGradient(rule, signal, output as Tensor4D, index, filter);
    expect(result.shape).toEqual([b, h, w, 1]);
    expect(relativeError(taken(result), taken(expected))).toBeLessThan(1e-6);
    tf.dispose([input, signal, filter, output, dx, maximum, index]);
  });
});

test('an image’s values do not depend on its batch', () => {
  const { tf } = runtime;
  const [h, w, c] = [4, 4, 32];
  const size = h * w * c;
  const filter = tensor4d(runtime, signed(9 * c, 3), [3, 3, 1, c]);
  const run = (from: number, count: number) =>
    tf.tidy(() => {
      const part = (values: Float32Array, each: number) =>
        values.slice(from * each, (from + count) * each);
      const input = tensor4d(runtime, part(signed(5 * size, 1), size), [count, h, w, c]);
      const { maximum, index } = fused.maxPool(input);
      const signal = tensor4d(runtime, part(signed((5 * size) / 4, 2), size / 4), [
        count,
        h / 2,
        w / 2,
        c,
      ]);
      return fused.firstGradient('selu', signal, maximum, index, filter);
    });
  const all = taken(run(0, 5));
  const alone = taken(run(3, 1));
  expect([...alone]).toEqual([...all.slice(3 * h * w, 4 * h * w)]);
  filter.dispose();
});

test('NaN counts as the maximum, as in PyTorch', () => {
  const input = tensor4d(runtime, Float32Array.of(1, NaN, 3, 2), [1, 2, 2, 1]);
  const { maximum, index } = fused.maxPool(input);
  expect([...marked(index, [1, 1, 1, 1])]).toEqual([0, 1, 0, 0]);
  expect([...taken(maximum)]).toEqual([NaN]);
  runtime.tf.dispose([input, index]);
});

test('shapes that do not fit are refused, and nothing is left behind', () => {
  const { tf } = runtime;
  const odd = tensor4d(runtime, signed(9, 1), [1, 3, 3, 1]);
  const before = tf.memory().numTensors;
  expect(() => fused.maxPool(odd)).toThrow(/even H and W/);
  expect(() => fused.unpool('selu', odd, odd, odd)).toThrow();
  expect(tf.memory().numTensors).toBe(before);
  odd.dispose();
});

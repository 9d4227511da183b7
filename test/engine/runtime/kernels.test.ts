import { beforeAll, describe, expect, test } from 'vitest';
import { createOperations } from '../../../src/engine/runtime/operations';
import { convolutionKernels } from '../../../src/engine/runtime/convolution';
import { seluAlpha, seluScale } from '../../../src/engine/runtime/kernels';
import { loadRuntime, type Runtime } from '../../../src/engine/runtime/load';
import { permutation } from '../../../src/engine/runtime/permutation';
import { poolingKernels } from '../../../src/engine/runtime/pooling';
import type { Tensor, Tensor4D } from '../../../src/engine/runtime/tensorflow';
import { batchPurposes } from '../../../src/shared/catalogue/network';
import { valueAt } from '../../../src/shared/checked-reads';
import { networks } from '../networks';
import { deriveSeed } from '../../../src/shared/seeds';
import { relativeError, signed, taken, tensor4d, testRuntime } from '../support';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await testRuntime();
});

function values(...list: number[]): Tensor {
  return runtime.tf.tensor1d(list, 'float32');
}

/** d/dx of sum(f(x) * signal) by tfjs's own tape. */
function tapeGradient(f: (x: Tensor4D) => Tensor, x: Tensor4D, signal: Tensor): Float32Array {
  const { tf } = runtime;
  return taken(tf.tidy(() => tf.grad((y: Tensor) => tf.sum(tf.mul(f(y as Tensor4D), signal)))(x)));
}

describe('loadRuntime', () => {
  test('says what runs', () => {
    expect(runtime.versions.tensorflow).toMatch(/^2\.\d+\.\d+/);
    expect(runtime.deviceName).not.toBe('');
    expect(runtime.threads).toBe(2);
  });

  test('loads once, and refuses another number of threads', async () => {
    expect(await loadRuntime({ threads: 2 })).toBe(runtime);
    expect(() => loadRuntime({ threads: 1 })).toThrow(/runs with 2 threads/);
  });
});

describe('activations', () => {
  test("selu's slope at 0 is PyTorch's, the exponential branch's", () => {
    const x = values(-2, -0.5, 0, 0.5, 2);
    const output = runtime.kernels.selu(x);
    const signal = values(1, 1, 1, 1, 1);
    const slopes = taken(runtime.kernels.seluGradient(signal, output));
    const exact = [-2, -0.5, 0].map((v) => seluScale * seluAlpha * Math.exp(v));
    expect(relativeError(slopes, [...exact, seluScale, seluScale])).toBeLessThan(1e-6);
    runtime.tf.dispose([x, output, signal]);
  });

  test('selu and its gradient agree with central differences', () => {
    const points = [-3, -1, -0.1, 0.1, 1, 3];
    const at = (shift: number) => {
      const x = values(...points.map((v) => v + shift));
      const output = runtime.kernels.selu(x);
      x.dispose();
      return taken(output);
    };
    const step = 1e-2;
    const below = at(-step);
    const numeric = at(step).map((v, i) => (v - valueAt(below, i)) / (2 * step));
    const x = values(...points);
    const output = runtime.kernels.selu(x);
    const signal = values(...points.map(() => 1));
    const slopes = taken(runtime.kernels.seluGradient(signal, output));
    expect(relativeError(slopes, numeric)).toBeLessThan(1e-4);
    runtime.tf.dispose([x, output, signal]);
  });

  test('relu passes nothing at 0', () => {
    const output = values(0, 1, 0);
    const signal = values(5, 6, -7);
    const passed = [...taken(runtime.kernels.reluGradient(signal, output))];
    expect(passed.map(Math.abs)).toEqual([0, 6, 0]);
    runtime.tf.dispose([output, signal]);
  });
});

describe.each([
  ['as this machine runs them', () => runtime.kernels.oneDnn],
  ['without oneDNN', () => false],
])('convolution and pooling %s', (_, oneDnn) => {
  const convolution = () => convolutionKernels(createOperations(runtime.tf), oneDnn());
  const pooling = () => poolingKernels(createOperations(runtime.tf), oneDnn());

  test.each([
    { inputs: 1, outputs: 4, kernel: 3, stride: 1, padding: 1 },
    { inputs: 3, outputs: 4, kernel: 3, stride: 1, padding: 1 },
    { inputs: 3, outputs: 5, kernel: 1, stride: 2, padding: 0 },
    { inputs: 3, outputs: 4, kernel: 3, stride: 2, padding: 1 },
    { inputs: 3, outputs: 4, kernel: 7, stride: 2, padding: 3 },
    { inputs: 3, outputs: 4, kernel: 7, stride: 2, padding: 3, side: 9 },
    { inputs: 128, outputs: 256, kernel: 3, stride: 2, padding: 1, side: 6 },
    { inputs: 128, outputs: 256, kernel: 3, stride: 2, padding: 1, side: 7 },
    { inputs: 128, outputs: 256, kernel: 1, stride: 2, padding: 0, side: 4 },
    { inputs: 128, outputs: 256, kernel: 1, stride: 2, padding: 0, side: 1 },
    { inputs: 512, outputs: 512, kernel: 3, stride: 1, padding: 1, side: 2 },
  ])('conv2d agrees with tfjs: %o', ({ inputs, outputs, kernel, stride, padding, side = 8 }) => {
    const { tf } = runtime;
    const x = tensor4d(runtime, signed(2 * side * side * inputs, 1), [2, side, side, inputs]);
    const size = kernel * kernel * inputs * outputs;
    const filter = tensor4d(runtime, signed(size, 2), [kernel, kernel, inputs, outputs]);
    const options = { stride, padding };
    const explicit = [
      [0, 0],
      [padding, padding],
      [padding, padding],
      [0, 0],
    ] as [[number, number], [number, number], [number, number], [number, number]];
    const pure = (y: Tensor, f: Tensor) =>
      tf.conv2d(y as Tensor4D, f as Tensor4D, stride, explicit);
    const expected = tf.tidy(() => pure(x, filter));
    const output = convolution().conv2d(x, filter, options);
    const signal = tensor4d(runtime, signed(output.size, 3), output.shape);
    expect(output.shape).toEqual(expected.shape);
    expect(relativeError(taken(output), taken(expected))).toBeLessThan(1e-6);

    const bias = runtime.tf.tensor1d(signed(outputs, 8));
    const biased = taken(convolution().conv2d(x, filter, options, bias));
    const sum = tf.tidy(() => tf.add(pure(x, filter), bias));
    expect(relativeError(biased, taken(sum))).toBeLessThan(1e-6);
    bias.dispose();

    const byInput = convolution().conv2dInputGradient(x.shape, filter, signal, options);
    const byFilter = convolution().conv2dFilterGradient(x, filter.shape, signal, options);
    // tfjs has no gradient with explicit padding: pad first.
    const padded = (y: Tensor, f: Tensor) =>
      tf.conv2d(tf.pad(y as Tensor4D, explicit), f as Tensor4D, stride, 'valid');
    const tape = tapeGradient((y) => padded(y, filter), x, signal);
    expect(relativeError(taken(byInput), tape)).toBeLessThan(1e-6);
    const filterTape = tapeGradient((f) => padded(x, f), filter, signal);
    expect(relativeError(taken(byFilter), filterTape)).toBeLessThan(1e-6);
    tf.dispose([x, filter, signal]);
  });

  test('max pooling and its gradient agree with tfjs where nothing ties', () => {
    const { tf } = runtime;
    const x = tensor4d(runtime, signed(2 * 8 * 6 * 5, 4), [2, 8, 6, 5]);
    const { output, saved } = pooling().maxPool(x, true);
    const signal = tensor4d(runtime, signed(output.size, 5), output.shape);
    const gradient = taken(pooling().maxPoolGradient(saved, signal));
    expect(gradient).toEqual(tapeGradient((y) => tf.maxPool(y, 2, 2, 'valid'), x, signal));
    tf.dispose([x, output, signal, ...saved]);
  });

  test.each([
    [8, 8],
    [7, 9],
    [1, 2],
  ])(
    'overlapping, padded windows of %i x %i take the first maximum and add their signals',
    (h, w) => {
      const window = { size: 3, stride: 2, padding: 1 };
      const channels = 3;
      // Few values, so that most windows tie, and whole signals, so that sums are exact.
      const pixels = signed(2 * h * w * channels, 9).map((value) => Math.round(value * 2));
      const x = tensor4d(runtime, pixels, [2, h, w, channels]);
      const { output, saved } = pooling().maxPool(x, true, window);
      expect(output.shape).toEqual([2, Math.ceil(h / 2), Math.ceil(w / 2), channels]);
      const signals = signed(output.size, 5).map((value) => Math.round(value * 9));
      const signal = tensor4d(runtime, signals, output.shape);
      const expected = { output: signals.map(() => -Infinity), gradient: pixels.map(() => 0) };
      signals.forEach((value, place) => {
        const [, rows, columns] = output.shape;
        const c = place % channels;
        const column = Math.floor(place / channels) % columns;
        const row = Math.floor(place / channels / columns) % rows;
        const image = Math.floor(place / channels / columns / rows);
        let first = -1;
        for (let tap = 0; tap < 9; tap += 1) {
          const py = 2 * row + Math.floor(tap / 3) - 1;
          const px = 2 * column + (tap % 3) - 1;
          if (py < 0 || px < 0 || py >= h || px >= w) continue;
          const at = ((image * h + py) * w + px) * channels + c;
          if (valueAt(pixels, at) > valueAt(expected.output, place)) {
            expected.output[place] = valueAt(pixels, at);
            first = at;
          }
        }
        expected.gradient[first] = valueAt(expected.gradient, first) + value;
      });
      const plus = (values: Float32Array) => values.map((value) => value + 0);
      expect(plus(output.dataSync() as Float32Array)).toEqual(plus(expected.output));
      const gradient = taken(pooling().maxPoolGradient(saved, signal, window));
      expect(plus(gradient)).toEqual(plus(expected.gradient));
      const plain = pooling().maxPool(x, false, window);
      expect(plain.saved).toEqual([]);
      expect(taken(plain.output)).toEqual(output.dataSync());
      runtime.tf.dispose([x, output, signal, ...saved]);
    },
  );

  test('the first of tied maxima takes the signal, reading rows first', () => {
    const { tf } = runtime;
    // Windows of two tied: all four; the last three; (0,1) and (1,0); the lower two.
    const windows = [
      [0, 0, 0, 0],
      [-1, 2, 2, 2],
      [1, 3, 3, 1],
      [0, 0, 4, 4],
    ];
    const pixels = new Float32Array(16);
    windows.forEach(([a = 0, b = 0, c = 0, d = 0], i) => {
      const row = (i >> 1) * 8;
      const column = (i & 1) * 2;
      pixels.set([a, b], row + column);
      pixels.set([c, d], row + 4 + column);
    });
    const x = tensor4d(runtime, pixels, [1, 4, 4, 1]);
    const { output, saved } = pooling().maxPool(x, true);
    const signal = tensor4d(runtime, Float32Array.of(10, 20, 30, 40), [1, 2, 2, 1]);
    const gradient = taken(pooling().maxPoolGradient(saved, signal));
    expect([...gradient]).toEqual([10, 0, 0, 20, 0, 0, 0, 0, 0, 30, 0, 0, 0, 0, 40, 0]);
    tf.dispose([x, output, signal, ...saved]);
  });

  test('leave no tensor behind', () => {
    const { tf } = runtime;
    const before = tf.memory().numTensors;
    const x = tensor4d(runtime, signed(64, 6), [1, 8, 8, 1]);
    const filter = tensor4d(runtime, signed(18, 7), [3, 3, 1, 2]);
    const options = { stride: 1, padding: 1 };
    const y = convolution().conv2d(x, filter, options);
    const { output, saved } = pooling().maxPool(y, true);
    const back = pooling().maxPoolGradient(saved, output);
    const gradients = [
      convolution().conv2dInputGradient(x.shape, filter, back, options),
      convolution().conv2dFilterGradient(x, filter.shape, back, options),
    ];
    tf.dispose([x, filter, y, output, ...saved, back, ...gradients]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('batch normalisation and its gradients agree with the formula on tfjs’s tape', () => {
  const { tf, kernels } = runtime;
  const before = tf.memory().numTensors;
  const x = tensor4d(runtime, signed(3 * 4 * 4 * 5, 1), [3, 4, 4, 5]);
  const scale = tf.tensor1d(signed(5, 2));
  const offset = tf.tensor1d(signed(5, 3));
  const signal = tensor4d(runtime, signed(x.size, 4), x.shape);
  const formula = (y: Tensor, s: Tensor, o: Tensor) => {
    const { mean, variance } = tf.moments(y, [0, 1, 2]);
    return tf.add(tf.mul(tf.div(tf.sub(y, mean), tf.sqrt(tf.add(variance, 1e-5))), s), o);
  };
  const { output, mean, variance, saved } = kernels.batchNorm(x, { scale, offset });
  const expected = tf.tidy(() => {
    const moments = tf.moments(x, [0, 1, 2]);
    // 48 values per channel, Bessel's correction.
    return [formula(x, scale, offset), moments.mean, tf.mul(moments.variance, 48 / 47)];
  });
  [output, mean, variance].forEach((value, i) => {
    expect(relativeError(value.dataSync(), expected[i]?.dataSync() ?? [])).toBeLessThan(1e-5);
  });
  const gradients = kernels.batchNormGradient(saved, signal);
  const tape = tf.tidy(() =>
    tf.grads((...[y, s, o]: Tensor[]) =>
      tf.sum(tf.mul(formula(y as Tensor, s as Tensor, o as Tensor), signal)),
    )([x, scale, offset]),
  );
  [gradients.input, gradients.scale, gradients.offset].forEach((value, i) => {
    expect(relativeError(value.dataSync(), tape[i]?.dataSync() ?? [])).toBeLessThan(1e-5);
  });
  tf.dispose([x, scale, offset, signal, output, mean, variance, ...saved, ...expected, ...tape]);
  tf.dispose(Object.values(gradients));
  expect(tf.memory().numTensors).toBe(before);
});

test('batch normalisation moves running averages by their momentum', () => {
  const { tf, kernels } = runtime;
  const x = tensor4d(runtime, signed(32, 1), [2, 2, 2, 4]);
  const [scale, offset, mean, variance] = [1, 2, 3, 4].map((salt) => tf.tensor1d(signed(4, salt)));
  if (!scale || !offset || !mean || !variance) throw new RangeError('four tensors');
  const plain = kernels.batchNorm(x, { scale, offset });
  const running = { mean, variance, momentum: 0.1 };
  const moved = kernels.batchNorm(x, { scale, offset, running });
  expect(moved.output.dataSync()).toEqual(plain.output.dataSync());
  for (const [old, own, next] of [
    [mean, plain.mean, moved.mean],
    [variance, plain.variance, moved.variance],
  ] as const) {
    const batch = own.dataSync();
    const expected = old.dataSync().map((value, i) => 0.9 * value + 0.1 * valueAt(batch, i));
    expect(relativeError(next.dataSync(), expected)).toBeLessThan(1e-6);
  }
  for (const { output, mean: m, variance: v, saved } of [plain, moved]) {
    tf.dispose([output, m, v, ...saved]);
  }
  tf.dispose([x, scale, offset, mean, variance]);
});

describe('noise', () => {
  test('is the same for the same seed, and standard normal', () => {
    const seed = deriveSeed(1, 'noise', 5);
    const first = taken(runtime.kernels.normal([20_000], seed));
    const again = taken(runtime.kernels.normal([100, 200], seed));
    expect(again).toEqual(first);
    const mean = first.reduce((sum, v) => sum + v, 0) / first.length;
    const square = first.reduce((sum, v) => sum + v * v, 0) / first.length;
    expect(Math.abs(mean)).toBeLessThan(0.035);
    expect(Math.abs(square - 1)).toBeLessThan(0.05);
    const other = taken(runtime.kernels.normal([20_000], deriveSeed(1, 'noise', 6)));
    expect(other).not.toEqual(first);
  });

  test('uniform values lie in [0, 1)', () => {
    const draws = taken(runtime.kernels.uniform([10_000], deriveSeed(1, 'dropout')));
    expect(draws.every((v) => v >= 0 && v < 1)).toBe(true);
    expect(Math.abs(draws.reduce((sum, v) => sum + v, 0) / draws.length - 0.5)).toBeLessThan(0.02);
  });
});

test('a permutation holds every index once and depends on its seed', () => {
  const order = permutation(1000, [1, 2]);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect(permutation(1000, [1, 2])).toEqual(order);
  expect(permutation(1000, [1, 3])).not.toEqual(order);
});

test('the evaluator’s 15 samples, 50 steps and their 750 pairs fill the batch plan’s batches', () => {
  for (const id of networks.ids) {
    const batch = networks.batches(id).gradient;
    for (const points of [15, 50, 750]) {
      const places = Math.max(1, Math.floor(batch / points));
      const computed = Math.ceil(points / batch) * batch;
      expect((places * points) / computed, `${id} ${points}`).toBeGreaterThanOrEqual(0.9);
    }
  }
  const entries = networks.ids.length * batchPurposes.length;
  expect(Object.keys(networks.wholePlan())).toHaveLength(entries);
});

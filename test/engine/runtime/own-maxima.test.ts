import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { DirectKernels } from '../../../src/engine/runtime/direct';
import type { Runtime } from '../../../src/engine/runtime/load';
import type { TrainingKernels } from '../../../src/engine/runtime/training';
import { valueAt } from '../../../src/shared/checked-reads';
import { signed, taken, tensor4d, testRuntime } from '../support';

let runtime: Runtime;
let direct: DirectKernels;
let training: TrainingKernels;
beforeAll(async () => {
  runtime = await testRuntime();
  direct = runtime.kernels.direct as DirectKernels;
  training = runtime.kernels.training as TrainingKernels;
});

const side = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 16);
const shapes = fc.tuple(fc.integer({ min: 1, max: 9 }), side, side, fc.constantFrom(16, 48));
/** No -0, which equals 0 and prints otherwise. */
const plus = (values: Float32Array) => values.map((value) => value + 0);

/** Maxima of 3x3 windows, stride 2, padding 1, and where each lies: the first on ties. */
function maxima(
  x: Float32Array,
  [batch, h, w, channels]: readonly [number, number, number, number],
) {
  const [rows, columns] = [Math.ceil(h / 2), Math.ceil(w / 2)];
  const size = batch * rows * columns * channels;
  const values = new Float32Array(size).fill(-Infinity);
  const places = new Int32Array(size);
  values.forEach((_, i) => {
    const c = i % channels;
    const column = Math.floor(i / channels) % columns;
    const row = Math.floor(i / channels / columns) % rows;
    const image = Math.floor(i / channels / columns / rows);
    for (let tap = 0; tap < 9; tap += 1) {
      const y = 2 * row + Math.floor(tap / 3) - 1;
      const z = 2 * column + (tap % 3) - 1;
      if (y < 0 || z < 0 || y >= h || z >= w) continue;
      const at = ((image * h + y) * w + z) * channels + c;
      if (valueAt(x, at) > valueAt(values, i)) {
        values[i] = valueAt(x, at);
        places[i] = at;
      }
    }
  });
  return {
    values,
    places,
    shape: [batch, rows, columns, channels] as [number, number, number, number],
  };
}

test('the stem’s maxima are at least 0, and backward goes to the first of each window', () => {
  const { tf } = runtime;
  const before = tf.memory().numTensors;
  fc.assert(
    // Few levels: most windows tie; on one level all do, at the border too.
    fc.property(shapes, fc.constantFrom(0, 1, 2, 100), (shape, levels) => {
      const [batch, height, width, channels] = shape;
      const size = batch * height * width * channels;
      const x = signed(size, 1).map((value) => Math.round(value * levels));
      const expected = maxima(x, shape);
      const image = tensor4d(runtime, x, shape);
      const { maximum, index } = direct.poolRelu(image);
      expect(maximum.shape).toEqual(expected.shape);
      expect(plus(taken(maximum))).toEqual(expected.values.map((value) => Math.max(0, value)));

      // Whole signals: sums are exact.
      const signals = signed(expected.values.length, 2).map((value) => Math.round(value * 9));
      const signal = tensor4d(runtime, signals, expected.shape);
      const gradient = new Float32Array(size);
      signals.forEach((value, i) => {
        const at = valueAt(expected.places, i);
        gradient[at] = valueAt(gradient, at) + value;
      });
      const result = training.unpool(signal, index, height, width);
      expect(result.shape).toEqual(shape);
      expect(plus(taken(result))).toEqual(plus(gradient));
      tf.dispose([image, index, signal]);
    }),
    { numRuns: 40, seed: 6 },
  );
  expect(tf.memory().numTensors).toBe(before);
});

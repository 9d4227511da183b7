import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Runtime } from '../../../src/engine/runtime/load';
import type { ProductKernels } from '../../../src/engine/runtime/product';
import { relativeError, signed, taken, testRuntime } from '../support';

let runtime: Runtime;
let products: ProductKernels;
beforeAll(async () => {
  runtime = await testRuntime();
  products = runtime.kernels.products as ProductKernels;
});

test('a product in panels is the sum in double precision, with the matrix and with it turned', () => {
  const { tf } = runtime;
  const before = tf.memory().numTensors;
  const sizes = fc.record({
    rows: fc.integer({ min: 0, max: 40 }),
    inputs: fc.constantFrom(16, 128, 144, 3136),
    outputs: fc.constantFrom(16, 48, 128),
    turned: fc.boolean(),
  });
  fc.assert(
    fc.property(sizes, ({ rows, inputs, outputs, turned }) => {
      const weights = signed(inputs * outputs, 1);
      const [depth, width] = turned ? [outputs, inputs] : [inputs, outputs];
      const values = signed(rows * depth, 2);
      const expected = Float64Array.from({ length: rows * width }, (_, i) => {
        const [row, column] = [Math.floor(i / width), i % width];
        let sum = 0;
        for (let k = 0; k < depth; k += 1) {
          const weight = weights[turned ? column * outputs + k : k * outputs + column] ?? NaN;
          sum += (values[row * depth + k] ?? NaN) * weight;
        }
        return sum;
      });
      const matrix = tf.tensor2d(weights, [inputs, outputs], 'float32');
      const x = tf.tensor2d(values, [rows, depth], 'float32');
      expect(products.fits(matrix.shape)).toBe(true);
      const panels = products.panels(matrix, turned);
      const result = products.multiply(x, panels);
      expect(result.shape).toEqual([rows, width]);
      expect(relativeError(taken(result), expected)).toBeLessThan(1e-6);
      tf.dispose([matrix, x, panels]);
    }),
    { numRuns: 40, seed: 8 },
  );
  expect(tf.memory().numTensors).toBe(before);
});

test('a row’s result is the same whatever stands beside it', () => {
  const { tf } = runtime;
  const matrix = tf.tensor2d(signed(3136 * 128, 1), [3136, 128], 'float32');
  const panels = products.panels(matrix, false);
  const values = signed(37 * 3136, 2);
  const run = (from: number, count: number) => {
    const x = tf.tensor2d(
      values.slice(from * 3136, (from + count) * 3136),
      [count, 3136],
      'float32',
    );
    const result = taken(products.multiply(x, panels));
    x.dispose();
    return result;
  };
  const all = run(0, 37);
  for (const row of [0, 15, 16, 36]) {
    expect(run(row, 1)).toEqual(all.subarray(row * 128, (row + 1) * 128));
  }
  tf.dispose([matrix, panels]);
});

test('there is none with other columns and rows', () => {
  expect(
    [
      [128, 10],
      [100, 16],
      [16, 0],
      [3136, 128],
    ].map((shape) => products.fits(shape)),
  ).toEqual([...[false, false, false, true]]);
});

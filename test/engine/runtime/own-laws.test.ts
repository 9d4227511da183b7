import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { TrainingConvolution } from '../../../src/engine/models/layers/training-convolution';
import type { Runtime } from '../../../src/engine/runtime/load';
import type { Tensor4D } from '../../../src/engine/runtime/tensorflow';
import { valueAt } from '../../../src/shared/checked-reads';
import { relativeError, signed, taken, tensor4d, testRuntime } from '../support';
import { digest } from './own-digest';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await testRuntime();
});

test('our own operations give the same bytes again, and with any number of threads', async () => {
  const script = fileURLToPath(new URL('own-digest.ts', import.meta.url));
  const withThreads = async (threads: number) => {
    const code = `
      const { runnerImport } = await import('vite');
      const { module } = await runnerImport(${JSON.stringify(script)});
      process.stdout.write(await module.digest(${threads}));
    `;
    const options = { cwd: process.cwd() };
    const run = promisify(execFile);
    return (await run(process.execPath, ['--input-type=module', '-e', code], options)).stdout;
  };
  const here = await digest(2);
  expect(await digest(2)).toBe(here);
  expect(await Promise.all([1, 3].map(withThreads))).toEqual([here, here]);
});

const layers = fc.record({
  batch: fc.integer({ min: 2, max: 9 }),
  side: fc.constantFrom(1, 2, 4, 5, 8),
  stride: fc.constantFrom(1, 2),
});

test('images that change places in a batch take their results and gradients with them', () => {
  const { tf, kernels } = runtime;
  const channels = 32;
  fc.assert(
    fc.property(layers, fc.infiniteStream(fc.nat()), ({ batch, side, stride }, draws) => {
      const order = Array.from({ length: batch }, (_, i) => i);
      order.forEach((_, i) => {
        const j = i + ((draws.next().value as number) % (batch - i));
        [order[i], order[j]] = [valueAt(order, j), valueAt(order, i)];
      });
      const convolution = new TrainingConvolution(kernels, { stride, padding: 1 });
      const filterSize = 9 * channels * channels;
      const filter = tensor4d(runtime, signed(filterSize, 2), [3, 3, channels, channels]);
      const tensors = (size: number, salt: number, reordered: boolean): Tensor4D => {
        const each = size * size * channels;
        const values = signed(batch * each, salt);
        const moved = new Float32Array(values.length);
        order.forEach((from, to) => {
          moved.set(values.subarray(from * each, (from + 1) * each), to * each);
        });
        return tensor4d(runtime, reordered ? moved : values, [batch, size, size, channels]);
      };
      const run = (reordered: boolean) => {
        const x = tensors(side, 1, reordered);
        const signal = tensors(Math.ceil(side / stride), 3, reordered);
        const results = [
          convolution.convolve(x, filter),
          // Backward of an odd side is TensorFlow's kernel, whose blocks may span images.
          ...(stride === 1 || side % 2 === 0
            ? [convolution.inputGradient(x.shape, filter, signal, null)]
            : []),
        ].map(taken);
        const byFilter = taken(convolution.filterGradient(x, filter, signal));
        tf.dispose([x, signal]);
        return { results, byFilter };
      };
      const [plain, moved] = [run(false), run(true)];
      plain.results.forEach((values, i) => {
        const each = values.length / batch;
        const there = moved.results[i] ?? new Float32Array();
        order.forEach((from, to) => {
          const own = there.subarray(to * each, (to + 1) * each);
          expect(own).toEqual(values.subarray(from * each, (from + 1) * each));
        });
      });
      // A sum over the batch, in another order.
      expect(relativeError(moved.byFilter, plain.byFilter)).toBeLessThan(2e-6);
      filter.dispose();
    }),
    { numRuns: 30, seed: 7 },
  );
});

test('an empty batch gives empty results, and no gradient by the filter', () => {
  const { tf, kernels } = runtime;
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const filter = tensor4d(runtime, signed(9 * 16 * 16, 1), [3, 3, 16, 16]);
    for (const [stride, side] of [
      [1, 4],
      [1, 2],
      [1, 1],
      [2, 4],
    ] as const) {
      const convolution = new TrainingConvolution(kernels, { stride, padding: 1 });
      const x = tensor4d(runtime, new Float32Array(), [0, side, side, 16]);
      const result = convolution.convolve(x, filter);
      expect(result.shape).toEqual([0, side / stride, side / stride, 16]);
      const byInput = convolution.inputGradient(x.shape, filter, result, null);
      expect(byInput.shape).toEqual(x.shape);
      const byFilter = taken(convolution.filterGradient(x, filter, result));
      expect(byFilter.every((value) => value === 0)).toBe(true);
    }
  });
  expect(tf.memory().numTensors).toBe(before);
});

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { initialise } from '../../../src/engine/models/initialise';
import type { Gate, Model } from '../../../src/engine/models/model';
import type { Runtime } from '../../../src/engine/runtime/load';
import { permutation } from '../../../src/engine/runtime/permutation';
import { valueAt } from '../../../src/shared/checked-reads';
import { batchPlan, createModel } from '../networks';
import { int1d, relativeError, taken, tensor4d, testRuntime, uniform } from '../support';
import { digest } from './digest';

const size = 784;
let runtime: Runtime;
let model: Model;
beforeAll(async () => {
  runtime = await testRuntime();
  model = createModel(runtime.kernels, 'mnist-cnn');
  initialise(runtime.kernels, model, 3);
});
afterAll(() => model.dispose());

/** Half noise, half strokes on zeros. */
function images(count: number): Float32Array {
  const pixels = uniform(count * size, 9);
  return pixels.map((value, i) => (Math.floor(i / size) % 2 && i % 5 ? 0 : value));
}

function gradients(pixels: Float32Array, targets: Int32Array, gate: Gate): Float32Array {
  const x = tensor4d(runtime, pixels, [targets.length, 28, 28, 1]);
  const y = int1d(runtime, [...targets]);
  const result = model.inputGradient(x, y, { score: 'logit', gate });
  for (const tensor of [x, y, result.scores, result.logits]) tensor.dispose();
  return taken(result.gradient);
}

function logits(pixels: Float32Array): Float32Array {
  const x = tensor4d(runtime, pixels, [pixels.length / size, 28, 28, 1]);
  const result = taken(model.logits(x));
  x.dispose();
  return result;
}

test.each(['none', 'all-activations'] as const)(
  'an input gradient (gate: %s) is bit-equal wherever its image stands in the batch',
  (gate) => {
    const { batch } = batchPlan('mnist-cnn', 'gradient');
    const pixels = images(batch);
    const targets = Int32Array.from({ length: batch }, (_, index) => index % 10);
    const plain = gradients(pixels, targets, gate);
    for (const seed of [1, 2, 3]) {
      const order = permutation(batch, [seed, 0]);
      const moved = new Float32Array(pixels.length);
      order.forEach((from, to) =>
        moved.set(pixels.subarray(from * size, (from + 1) * size), to * size),
      );
      const result = gradients(
        moved,
        targets.map((_, to) => valueAt(targets, valueAt(order, to))),
        gate,
      );
      order.forEach((from, to) => {
        const here = result.subarray(to * size, (to + 1) * size);
        const there = plain.subarray(from * size, (from + 1) * size);
        expect(
          Buffer.compare(
            Buffer.from(new Uint8Array(here.slice().buffer)),
            Buffer.from(new Uint8Array(there.slice().buffer)),
          ),
          `image ${from} at ${to}`,
        ).toBe(0);
      });
    }
  },
);

test('scores are bit-equal wherever the image stands', () => {
  const { batch } = batchPlan('mnist-cnn', 'forward');
  const pixels = images(batch);
  const plain = logits(pixels);
  const rotated = new Float32Array(pixels.length);
  rotated.set(pixels.subarray(37 * size));
  rotated.set(pixels.subarray(0, 37 * size), pixels.length - 37 * size);
  const result = logits(rotated);
  const expected = new Float32Array(plain.length);
  expected.set(plain.subarray(37 * 10));
  expected.set(plain.subarray(0, 37 * 10), plain.length - 37 * 10);
  expect(result).toEqual(expected);
});

test('other batch sizes agree to rounding', () => {
  const pixels = images(150);
  const targets = Int32Array.from({ length: 150 }, (_, index) => index % 10);
  const whole = gradients(pixels, targets, 'none');
  const errors: number[] = [];
  for (let image = 0; image < 150; image += 1) {
    const range = [image * size, (image + 1) * size] as const;
    const alone = gradients(pixels.slice(...range), targets.slice(image, image + 1), 'none');
    errors.push(relativeError(alone, whole.subarray(...range)));
  }
  errors.sort((a, b) => a - b);
  expect(errors[75]).toBeLessThan(1e-6);
});

test('the same training gives the same bytes in another process', async () => {
  const here = await digest();
  const script = fileURLToPath(new URL('digest.ts', import.meta.url));
  const code = `
    const { runnerImport } = await import('vite');
    const { module } = await runnerImport(${JSON.stringify(script)});
    process.stdout.write(await module.digest());
  `;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], {
    cwd: process.cwd(),
  });
  expect(stdout).toBe(here);
  expect(await digest()).toBe(here);
});

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { TrainingConvolution } from '../../../src/engine/models/layers/training-convolution';
import type { Runtime } from '../../../src/engine/runtime/load';
import type { TrainingKernels } from '../../../src/engine/runtime/training';
import { valueAt } from '../../../src/shared/checked-reads';
import { relativeError, signed, taken, tensor4d, testRuntime } from '../support';
import { type ConvolutionCase, directSum, productsOf, resultShape } from './direct-sum';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await testRuntime();
});

/** Sums in single precision round by about 3e-7 of their size. */
const plainly = 1e-6;
/** Winograd's F(4x4, 3x3) adds and subtracts before it multiplies: about 2e-6 (see winograd.ts). */
const byWinograd = 8e-6;

/** Whole panels, which our own kernels take, as often as other numbers, which they leave. */
const channels = fc.oneof(fc.constantFrom(16, 32, 48, 64), fc.integer({ min: 3, max: 70 }));
const side = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 16);
const convolutions: fc.Arbitrary<ConvolutionCase> = fc
  .record({
    batch: fc.integer({ min: 1, max: 9 }),
    height: side,
    width: side,
    inputs: channels,
    outputs: channels,
    kernel: fc.constantFrom(1, 3, 3, 7),
    stride: fc.constantFrom(1, 2),
  })
  .map((sizes) => ({ ...sizes, padding: (sizes.kernel - 1) / 2 }))
  .filter((sizes) => productsOf(sizes) < 3e6);

function drawn(sizes: ConvolutionCase) {
  const { batch, height, width, inputs, outputs, kernel } = sizes;
  const result = resultShape(sizes);
  const size = result.reduce((product, length) => product * length, 1);
  const x = signed(batch * height * width * inputs, 1);
  const filter = signed(kernel * kernel * inputs * outputs, 2);
  const signal = signed(size, 3);
  return {
    x: tensor4d(runtime, x, [batch, height, width, inputs]),
    filter: tensor4d(runtime, filter, [kernel, kernel, inputs, outputs]),
    signal: tensor4d(runtime, signal, result),
    expected: directSum(sizes, x, filter, signal),
  };
}

function toleranceOf({ kernel, stride }: ConvolutionCase): number {
  return kernel === 3 && stride === 1 ? byWinograd : plainly;
}

test('a training convolution and its two gradients are the direct sums', () => {
  const { tf } = runtime;
  const before = tf.memory().numTensors;
  fc.assert(
    fc.property(convolutions, (sizes) => {
      const { x, filter, signal, expected } = drawn(sizes);
      const convolution = new TrainingConvolution(runtime.kernels, sizes);
      const tolerance = toleranceOf(sizes);
      const result = convolution.convolve(x, filter);
      expect(result.shape).toEqual(signal.shape);
      expect(relativeError(taken(result), expected.result)).toBeLessThan(tolerance);
      const byInput = taken(convolution.inputGradient(x.shape, filter, signal, null));
      expect(relativeError(byInput, expected.byInput)).toBeLessThan(tolerance);
      const added = taken(convolution.inputGradient(x.shape, filter, signal, x));
      const sum = x.dataSync().map((value, i) => value + valueAt(expected.byInput, i));
      expect(relativeError(added, sum)).toBeLessThan(tolerance);
      const byFilter = taken(convolution.filterGradient(x, filter, signal));
      expect(relativeError(byFilter, expected.byFilter)).toBeLessThan(tolerance);
      tf.dispose([x, filter, signal]);
    }),
    { numRuns: 40, seed: 1 },
  );
  expect(tf.memory().numTensors).toBe(before);
});

test.each([
  // Tiles that threads take in parts, and so few that they share the filter.
  { batch: 2, height: 50, width: 47, inputs: 16, outputs: 48 },
  { batch: 1, height: 9, width: 6, inputs: 32, outputs: 144 },
  { batch: 3, height: 10, width: 12, inputs: 256, outputs: 32 },
])('one of $height x $width, $inputs to $outputs, too', (shape) => {
  const sizes = { ...shape, kernel: 3, stride: 1, padding: 1 };
  const { x, filter, signal, expected } = drawn(sizes);
  const convolution = new TrainingConvolution(runtime.kernels, sizes);
  const byInput = convolution.inputGradient(x.shape, filter, signal, null);
  for (const [ours, theirs] of [
    [convolution.convolve(x, filter), expected.result],
    [byInput, expected.byInput],
    [convolution.filterGradient(x, filter, signal), expected.byFilter],
  ] as const) {
    expect(relativeError(taken(ours), theirs)).toBeLessThan(byWinograd);
  }
  runtime.tf.dispose([x, filter, signal]);
});

describe('a sum in short chains', () => {
  const wide = { height: 8, width: 8, outputs: 16, kernel: 3, padding: 1 };

  test.each([
    ['Winograd’s', { ...wide, batch: 2, inputs: 256, stride: 1 }],
    ['a window’s', { ...wide, batch: 4, inputs: 256, stride: 2 }],
    ['the stem’s', { ...wide, batch: 2, inputs: 3, kernel: 7, stride: 2, padding: 3 }],
  ])('rounds less than in one: %s', (_name, sizes) => {
    const { x, filter, signal, expected } = drawn(sizes);
    const { winograd, direct } = runtime.kernels;
    if (!winograd || !direct) throw new RangeError('no operations of our own');
    const errors = runtime.tf.tidy(() =>
      [true, false].map((shortSums) => {
        const result =
          sizes.kernel === 3 && sizes.stride === 1
            ? winograd.convolve(x, winograd.filter(filter, x.shape, false), { shortSums })
            : direct.convolve(x, direct.layOut('forward', filter), sizes, { shortSums });
        return relativeError(taken(result), expected.result);
      }),
    );
    const [short = 1, one = 0] = errors;
    expect(short).toBeLessThan(0.75 * one);
    runtime.tf.dispose([x, filter, signal]);
  });

  test('of a gradient rounds less, too', () => {
    const sizes = { ...wide, batch: 2, inputs: 16, outputs: 256, stride: 2 };
    const { x, filter, signal, expected } = drawn(sizes);
    const { direct } = runtime.kernels;
    if (!direct) throw new RangeError('no operations of our own');
    const panels = direct.layOut('strided-gradient', filter);
    const [short = 1, one = 0] = [true, false].map((shortSums) =>
      relativeError(
        taken(direct.stridedGradient(signal, panels, 16, { shortSums })),
        expected.byInput,
      ),
    );
    expect(short).toBeLessThan(0.75 * one);
    runtime.tf.dispose([x, filter, signal, panels]);
  });
});

// A network never asks for these: its stem's gradient by the filter is TensorFlow's, and so a
// comparison of our convolutions with TensorFlow's compares it with itself there.
describe('our own filter gradient', () => {
  test('is the direct sum for any number of input channels', () => {
    const { tf } = runtime;
    const training = runtime.kernels.training as TrainingKernels;
    const sized = convolutions.map((sizes) => ({
      ...sizes,
      outputs: Math.ceil(sizes.outputs / 16) * 16,
    }));
    fc.assert(
      fc.property(sized, fc.constantFrom(1, 3, 5), (sizes, inputs) => {
        const few = { ...sizes, inputs };
        const { x, filter, signal, expected } = drawn(few);
        const byFilter = taken(training.filterGradient(x, signal, few));
        expect(relativeError(byFilter, expected.byFilter)).toBeLessThan(plainly);
        tf.dispose([x, filter, signal]);
      }),
      { numRuns: 15, seed: 2 },
    );
  });

  test('takes a batch that it lays out in parts', () => {
    // 9 images of 16x16 and 7x7x16 values each are more than what is laid out at a time.
    const sizes: ConvolutionCase = {
      ...{ batch: 9, height: 16, width: 16, inputs: 16, outputs: 16 },
      ...{ kernel: 7, stride: 1, padding: 3 },
    };
    const { x, filter, signal, expected } = drawn(sizes);
    const training = runtime.kernels.training as TrainingKernels;
    const byFilter = taken(training.filterGradient(x, signal, sizes));
    expect(relativeError(byFilter, expected.byFilter)).toBeLessThan(plainly);
    runtime.tf.dispose([x, filter, signal]);
  });
});

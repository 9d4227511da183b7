import { beforeAll, describe, expect, test } from 'vitest';
import type { ReluGate } from '../../../src/engine/runtime/convolution-ending';
import type { DirectKernels } from '../../../src/engine/runtime/direct';
import type { Kernels } from '../../../src/engine/runtime/kernels';
import type { Runtime } from '../../../src/engine/runtime/load';
import type { Tensor, Tensor1D, Tensor4D } from '../../../src/engine/runtime/tensorflow';
import type { WinogradKernels } from '../../../src/engine/runtime/winograd';
import { relativeError, signed, taken, tensor4d, testRuntime } from '../support';

let runtime: Runtime;
let kernels: Kernels;
let direct: DirectKernels;
let winograd: WinogradKernels;

beforeAll(async () => {
  runtime = await testRuntime();
  kernels = runtime.kernels;
  if (!kernels.direct || !kernels.winograd) throw new Error('no operations of our own');
  ({ direct, winograd } = { direct: kernels.direct, winograd: kernels.winograd });
});

type Shape = [number, number, number, number];
const values = (shape: Shape, salt: number): Tensor4D =>
  tensor4d(runtime, signed(shape[0] * shape[1] * shape[2] * shape[3], salt), shape);

/** Both are disposed. */
function expectAlike(ours: Tensor, theirs: Tensor): void {
  expect(ours.shape).toEqual(theirs.shape);
  expect(relativeError(taken(ours), taken(theirs))).toBeLessThan(5e-6);
}

/** ReLU backward, by TensorFlow's kernels. */
function gated(signal: Tensor4D, { output, guided }: ReluGate): Tensor4D {
  return kernels.reluGradient(guided ? kernels.relu(signal) : signal, output);
}

function leavingNoTensors(work: () => void): void {
  const before = runtime.tf.memory().numTensors;
  runtime.tf.tidy(work);
  expect(runtime.tf.memory().numTensors).toBe(before);
}

describe('a convolution by windows', () => {
  test.each([
    { side: [16, 16], inputs: 3, outputs: 64, kernel: 7, stride: 2, padding: 3 },
    { side: [9, 14], inputs: 3, outputs: 16, kernel: 7, stride: 2, padding: 3 },
    { side: [7, 5], inputs: 3, outputs: 64, kernel: 3, stride: 1, padding: 1 },
    { side: [8, 6], inputs: 32, outputs: 48, kernel: 3, stride: 2, padding: 1 },
    { side: [5, 7], inputs: 16, outputs: 32, kernel: 3, stride: 2, padding: 1 },
    { side: [8, 8], inputs: 16, outputs: 32, kernel: 1, stride: 2, padding: 0 },
    { side: [3, 3], inputs: 24, outputs: 16, kernel: 1, stride: 1, padding: 0 },
    { side: [2, 2], inputs: 256, outputs: 512, kernel: 3, stride: 2, padding: 1 },
    // Channels that threads share, and windows longer than what is summed at a time.
    { side: [3, 3], inputs: 600, outputs: 176, kernel: 1, stride: 1, padding: 0 },
    { side: [5, 6], inputs: 120, outputs: 144, kernel: 3, stride: 2, padding: 1 },
    // Images that threads take in bands.
    { side: [51, 44], inputs: 3, outputs: 48, kernel: 7, stride: 2, padding: 3 },
    { side: [30, 29], inputs: 16, outputs: 32, kernel: 1, stride: 1, padding: 0 },
  ])('is TensorFlow’s: $side, $kernel x $kernel, $inputs to $outputs', (sizes) => {
    const { side, inputs, outputs, kernel, stride, padding } = sizes;
    const options = { stride, padding };
    for (const batch of [1, 5]) {
      leavingNoTensors(() => {
        const x = values([batch, side[0] ?? 1, side[1] ?? 1, inputs], 1);
        const filter = values([kernel, kernel, inputs, outputs], 2);
        const bias = runtime.tf.tensor1d(signed(outputs, 3)) as Tensor1D;
        expect(direct.hasForm('forward', filter.shape, options)).toBe(true);
        const panels = direct.layOut('forward', filter);
        const plain = kernels.conv2d(x, filter, options, bias);
        const whole = { ...options, kernel, outputs };
        expectAlike(direct.convolve(x, panels, whole, { bias }), plain.clone());
        expectAlike(direct.convolve(x, panels, whole, { bias, relu: true }), kernels.relu(plain));
      });
    }
  });

  test.each([
    [1, 1, 48],
    [5, 8, 48],
    [30, 31, 48],
    [5, 5, 160],
  ])(
    'of 1x1 takes addends, whole or of a strided shortcut, and gates: %i x %i',
    (height, width, d) => {
      leavingNoTensors(() => {
        const [batch, c] = [3, 32];
        const [x, filter] = [values([batch, height, width, c], 1), values([1, 1, c, d], 2)];
        const options = { stride: 1, padding: 0 };
        const plain = kernels.conv2d(x, filter, options);
        const whole = values([batch, height, width, d], 3);
        const half: Shape = [batch, Math.ceil(height / 2), Math.ceil(width / 2), d];
        const shortcut = values(half, 4);
        const identity = runtime.tf.eye(d).reshape([1, 1, d, d]) as Tensor4D;
        const spread = kernels.conv2dInputGradient(whole.shape, identity, shortcut, {
          stride: 2,
          padding: 0,
        });
        const panels = direct.layOut('forward', filter);
        const sizes = { ...options, kernel: 1, outputs: d };
        for (const [addend, added] of [
          [whole, whole],
          [shortcut, spread],
        ] as const) {
          const sum = kernels.add(plain, added);
          const ending = { addend, shortSums: true };
          expectAlike(direct.convolve(x, panels, sizes, ending), sum.clone());
          expectAlike(
            direct.convolve(x, panels, sizes, { ...ending, relu: true }),
            kernels.relu(sum),
          );
          for (const guided of [false, true]) {
            const gate = { output: values([batch, height, width, d], 5), guided };
            expectAlike(direct.convolve(x, panels, sizes, { ...ending, gate }), gated(sum, gate));
          }
        }
      });
    },
  );

  test.each([
    [8, 6, 32, 48],
    [2, 2, 16, 64],
    [30, 42, 16, 32],
    [16, 16, 64, 128],
    [6, 4, 176, 128],
  ])('of stride 2 has its input gradient, shortcut and gate: %i x %i', (height, width, c, d) => {
    leavingNoTensors(() => {
      const [batch, options] = [3, { stride: 2, padding: 1 }];
      const shape: Shape = [batch, height, width, c];
      const [filter, narrow] = [values([3, 3, c, d], 1), values([1, 1, c, d], 2)];
      const signal = values([batch, height / 2, width / 2, d], 3);
      const panels = direct.layOut('strided-gradient', filter);
      const turned = direct.layOut('turned', narrow);
      const main = kernels.conv2dInputGradient(shape, filter, signal, options);
      expectAlike(direct.stridedGradient(signal, panels, c), main.clone());
      const through = { stride: 2, padding: 0 };
      const both = kernels.add(main, kernels.conv2dInputGradient(shape, narrow, signal, through));
      const sizes = { stride: 1, padding: 0, kernel: 1, outputs: c };
      const addend = direct.convolve(signal, turned, sizes);
      for (const guided of [false, true]) {
        const gate = { output: values(shape, 4), guided };
        const ours = direct.stridedGradient(signal, panels, c, { addend, gate });
        expectAlike(ours, gated(both, gate));
      }
    });
  });

  test('is refused where shapes do not fit', () => {
    runtime.tf.tidy(() => {
      const panels = direct.layOut('forward', values([3, 3, 16, 16], 1));
      const sizes = { stride: 1, padding: 1, kernel: 3, outputs: 32 };
      expect(() => direct.convolve(values([1, 4, 4, 16], 2), panels, sizes)).toThrow(/do not fit/);
      expect(() => direct.layOut('forward', values([3, 3, 16, 10], 1))).toThrow(/no such form/);
      const [x, one] = [
        values([1, 4, 4, 16], 2),
        direct.layOut('forward', values([1, 1, 16, 16], 1)),
      ];
      const square = { stride: 1, padding: 0, kernel: 1, outputs: 16 };
      const addend = values([1, 3, 4, 16], 3);
      expect(() => direct.convolve(x, one, square, { addend })).toThrow(/do not fit/);
      const gate = { output: values([1, 2, 2, 16], 3), guided: false };
      expect(() => direct.convolve(x, one, square, { gate })).toThrow(/do not fit/);
    });
  });
});

describe('the stem', () => {
  const window = { size: 3, stride: 2, padding: 1 };

  test.each([
    { side: [16, 16], kernel: 7, stride: 2, pooled: true },
    { side: [13, 10], kernel: 7, stride: 2, pooled: true },
    { side: [9, 12], kernel: 7, stride: 2, pooled: false },
    { side: [8, 5], kernel: 3, stride: 1, pooled: false },
    { side: [6, 7], kernel: 3, stride: 1, pooled: true },
  ])('goes backward as step by step: $side, $kernel x $kernel, maxima $pooled', (sizes) => {
    const { side, kernel, stride, pooled } = sizes;
    const [height = 1, width = 1] = side;
    leavingNoTensors(() => {
      const imageShape: Shape = [3, height, width, 3];
      const options = { stride, padding: (kernel - 1) / 2 };
      const filter = values([kernel, kernel, 3, 32], 1);
      const convolved = kernels.conv2d(values(imageShape, 2), filter, options);
      const open = kernels.relu(convolved);
      const taps = direct.layOut('stem', filter);
      const theirs = kernels.maxPool(open, true, window);
      const ours = direct.poolRelu(convolved);
      expect(taken(ours.maximum.clone())).toEqual(taken(theirs.output.clone()));
      const output = pooled ? ours.maximum : open;
      const signal = values(output.shape, 3);
      for (const guided of [false, true]) {
        const back = pooled ? kernels.maxPoolGradient(theirs.saved, signal, window) : signal;
        const whole = gated(back, { output: open, guided });
        const index = pooled ? ours.index : null;
        const ending = { ...options, kernel, imageShape, guided };
        expectAlike(
          direct.stemGradient(signal, output, index, taps, ending),
          kernels.conv2dInputGradient(imageShape, filter, whole, options),
        );
      }
    });
  });

  test('takes the first of equal maxima, and a NaN as the maximum', () => {
    runtime.tf.tidy(() => {
      /** The maxima of a 3x3 image's four windows, and the place that each one's signal goes to. */
      const one = (list: readonly number[]) => {
        const x = new Float32Array(9 * 16);
        list.forEach((value, place) => x.fill(value, place * 16, place * 16 + 16));
        const { maximum, index } = direct.poolRelu(tensor4d(runtime, x, [1, 3, 3, 16]));
        const taps = direct.layOut(
          'stem',
          tensor4d(runtime, new Float32Array(16).fill(1), [1, 1, 1, 16]),
        );
        const sizes = { kernel: 1, stride: 1, padding: 0, imageShape: [1, 3, 3, 1], guided: false };
        const places = [0, 1, 2, 3].map((window) => {
          const signal = new Float32Array(4 * 16).fill(1, window * 16, window * 16 + 16);
          const sent = tensor4d(runtime, signal, [1, 2, 2, 16]);
          return taken(direct.stemGradient(sent, maximum, index, taps, sizes)).indexOf(16);
        });
        return { maximum: taken(maximum), places };
      };
      const ties = one([2, 2, 0, 2, 2, 0, 0, 0, 7]);
      expect(ties.maximum.filter((_, i) => i % 16 === 0)).toEqual(Float32Array.of(2, 2, 2, 7));
      expect(ties.places).toEqual([0, 1, 3, 8]);
      const poisoned = one([2, NaN, 0, 2, 9, 0, 0, 0, 0]);
      expect([poisoned.maximum[0], poisoned.maximum[16]]).toEqual([NaN, NaN]);
      expect(poisoned.maximum[32]).toBe(9);
      expect(one([-1, -2, -3, -4, -5, -6, -7, -8, -9]).maximum[0]).toBe(0);
    });
  });
});

describe('Winograd’s convolution', () => {
  test.each([
    [4, 4],
    [5, 7],
    [2, 2],
    [1, 1],
  ])('ends in a gate: %i x %i', (height, width) => {
    leavingNoTensors(() => {
      const shape: Shape = [3, height, width, 32];
      const filter = values([3, 3, 32, 32], 1);
      const signal = values(shape, 2);
      const addend = values(shape, 3);
      const turned = winograd.filter(filter, shape, true);
      const options = { stride: 1, padding: 1 };
      const sum = kernels.add(kernels.conv2dInputGradient(shape, filter, signal, options), addend);
      for (const guided of [false, true]) {
        const gate = { output: values(shape, 4), guided };
        expectAlike(winograd.convolve(signal, turned, { addend, gate }), gated(sum, gate));
      }
    });
  });
});

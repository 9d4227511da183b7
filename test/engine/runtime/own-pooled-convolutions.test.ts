import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FusedKernels, SignalRule } from '../../../src/engine/runtime/fused';
import type { Runtime } from '../../../src/engine/runtime/load';
import type { PooledOutput } from '../../../src/engine/runtime/pooled-output';
import type { Tensor1D, Tensor4D } from '../../../src/engine/runtime/tensorflow';
import type { WinogradKernels } from '../../../src/engine/runtime/winograd';
import { valueAt } from '../../../src/shared/checked-reads';
import { relativeError, signed, taken, tensor4d, testRuntime } from '../support';
import { type ConvolutionCase, directSum, resultShape } from './direct-sum';

let runtime: Runtime;
let fused: FusedKernels;
let winograd: WinogradKernels;
beforeAll(async () => {
  runtime = await testRuntime();
  ({ fused, winograd } = runtime.kernels as {
    fused: FusedKernels;
    winograd: WinogradKernels;
  } & typeof runtime.kernels);
});

const batch = fc.integer({ min: 1, max: 5 });
const of = (...sides: number[]) => fc.constantFrom(...sides);
const unit = { kernel: 3, stride: 1, padding: 1 } as const;
/** Of one channel, as a first layer has it, and of panels of sixteen. */
const first = fc.record({
  ...{ batch, height: of(2, 4, 6, 28), width: of(2, 4, 10), inputs: fc.constant(1) },
  outputs: of(16, 32, 48),
});
const wider = fc.record({
  ...{ batch, height: of(4, 6, 8, 14), width: of(4, 6, 14), inputs: of(16, 32, 64) },
  outputs: of(16, 48),
});

/** In double precision. */
const selu = (x: number) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x));

type Sizes = Pick<ConvolutionCase, 'batch' | 'height' | 'width' | 'inputs' | 'outputs'>;

function convolve(x: Tensor4D, filter: Tensor4D, bias: Tensor1D): PooledOutput {
  if (fused.pools(x.shape, filter.shape, unit)) return fused.convolvePooled(x, filter, bias);
  expect(winograd.fits(x.shape, filter.shape) && winograd.pools(x.shape)).toBe(true);
  const transformed = winograd.filter(filter, x.shape, false);
  const pooled = winograd.convolvePooled(x, transformed, bias);
  transformed.dispose();
  return pooled;
}

/** The values in double precision of each window, in the order of the result. */
function windowsOf(sizes: Sizes, x: Float32Array, filter: Float32Array, bias: Float32Array) {
  const { width, outputs } = sizes;
  const shape = resultShape({ ...sizes, ...unit });
  const nothing = new Float32Array(shape.reduce((product, length) => product * length, 1));
  const { result } = directSum({ ...sizes, ...unit }, x, filter, nothing);
  return Array.from({ length: nothing.length / 4 }, (_, i) => {
    const c = i % outputs;
    const column = Math.floor(i / outputs) % (width / 2);
    const row = Math.floor(i / outputs / (width / 2)); // of all images
    return [0, 1, 2, 3].map((place) => {
      const at = (2 * row + Math.floor(place / 2)) * width + 2 * column + (place % 2);
      return (result[at * outputs + c] ?? NaN) + valueAt(bias, c);
    });
  });
}

/** 1 where an index points, else 0, in the order of the windows: bytes cannot be read from here. */
function placesOf({ output, index }: PooledOutput): number[] {
  const [, rows, columns, channels] = output.shape;
  const marks = taken(
    runtime.tf.tidy(() => {
      const ones = runtime.tf.onesLike(output);
      return fused.unpool('relu', ones, ones, index);
    }),
  );
  return Array.from({ length: output.size }, (_, i) => {
    const c = i % channels;
    const column = Math.floor(i / channels) % columns;
    const row = Math.floor(i / channels / columns);
    expect(row).toBeLessThan(rows * (output.shape[0] || 1));
    return [0, 1, 2, 3].findIndex((place) => {
      const y = 2 * row + Math.floor(place / 2);
      return marks[(y * 2 * columns + 2 * column + (place % 2)) * channels + c] === 1;
    });
  });
}

function drawn(sizes: Sizes, round: (value: number) => number) {
  const { batch: images, height, width, inputs, outputs } = sizes;
  const x = signed(images * height * width * inputs, 1).map(round);
  const filter = signed(9 * inputs * outputs, 2).map(round);
  const bias = signed(outputs, 3).map(round);
  return {
    ...{ x, filter, bias },
    tensors: [
      tensor4d(runtime, x, [images, height, width, inputs]),
      tensor4d(runtime, filter, [3, 3, inputs, outputs]),
      runtime.tf.tensor1d(bias, 'float32'),
    ] as const,
  };
}

describe('a convolution that goes to its maxima at once', () => {
  test('has the maxima of the direct sums, where they are', () => {
    const { tf } = runtime;
    const before = tf.memory().numTensors;
    fc.assert(
      fc.property(fc.oneof(first, wider), (sizes) => {
        const { x, filter, bias, tensors } = drawn(sizes, (value) => value);
        const pooled = convolve(...tensors);
        const windows = windowsOf(sizes, x, filter, bias);
        expect(pooled.output.shape).toEqual([
          ...[sizes.batch, sizes.height / 2, sizes.width / 2, sizes.outputs],
        ]);
        const places = placesOf(pooled);
        const values = taken(pooled.output);
        const expected = Float64Array.from(windows, (window) => selu(Math.max(...window)));
        expect(relativeError(values, expected)).toBeLessThan(8e-6);
        const there = Float64Array.from(windows, (window, i) =>
          selu(window[valueAt(places, i)] ?? NaN),
        );
        expect(relativeError(there, expected)).toBeLessThan(8e-6);
        tf.dispose([...tensors, pooled.index]);
      }),
      { numRuns: 40, seed: 3 },
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  test('takes the first on ties, exactly, of a single channel', () => {
    fc.assert(
      fc.property(first, (sizes) => {
        // Whole numbers: sums are exact, and many windows tie.
        const { x, filter, bias, tensors } = drawn(sizes, (value) => Math.round(2 * value));
        const pooled = convolve(...tensors);
        const windows = windowsOf(sizes, x, filter, bias);
        expect(placesOf(pooled)).toEqual(
          windows.map((window) => window.indexOf(Math.max(...window))),
        );
        const expected = Float64Array.from(windows, (window) => selu(Math.max(...window)));
        expect(relativeError(taken(pooled.output), expected)).toBeLessThan(2e-7);
        runtime.tf.dispose([...tensors, pooled.index]);
      }),
      { numRuns: 30, seed: 4 },
    );
  });

  test.each([
    [1, 16],
    [16, 16],
  ])(
    'takes the first of equal values of %i channels: of a blank image its bias',
    (inputs, outputs) => {
      const { tf } = runtime;
      const x = tensor4d(runtime, new Float32Array(16 * inputs), [1, 4, 4, inputs]);
      const filter = tensor4d(runtime, signed(9 * inputs * outputs, 2), [3, 3, inputs, outputs]);
      const bias = tf.tensor1d(signed(outputs, 3), 'float32');
      const pooled = convolve(x, filter, bias);
      expect(placesOf(pooled).every((place) => place === 0)).toBe(true);
      const expected = Float64Array.from(signed(outputs, 3), selu);
      expect(relativeError(taken(pooled.output).subarray(0, outputs), expected)).toBeLessThan(1e-7);
      tf.dispose([x, filter, bias, pooled.index]);
    },
  );

  // Of equal pixels the transforms' sums round apart: which places of a window meet the same ones must
  // be known without them.
  describe('of images that repeat themselves', () => {
    const shades: Record<string, (row: number, column: number) => number> = {
      'the same in each row': (row) => row,
      'the same in each column': (_, column) => column,
      'the same along one diagonal': (row, column) => row - column + 20,
      'the same along the other': (row, column) => row + column,
      'of one shade': () => 1,
      'empty on one side': (row, column) => (column < 5 ? 0 : row + 1),
      'with a dot': (row, column) => (row === 2 && column === 3 ? 9 : 1),
      'with a dot on nothing': (row, column) => (row === 4 && column === 1 ? 9 : 0),
    };
    const shapes = [
      [16, 6, 6],
      [32, 8, 14],
      [48, 14, 4],
    ] as const;

    test.each(
      Object.keys(shades).flatMap((name) => shapes.map((shape) => [name, ...shape] as const)),
    )('%s: %i channels, %i x %i', (name, inputs, height, width) => {
      const outputs = 32;
      const shade = (row: number, column: number) => shades[name]?.(row, column) ?? 0;
      // A shade is one value in each channel, shade 0 is 0.
      const x = Float32Array.from({ length: height * width * inputs }, (_, i) => {
        const [c, place] = [i % inputs, Math.floor(i / inputs)];
        const of = shade(Math.floor(place / width), place % width);
        return of === 0 ? 0 : Math.sin(1 + of * 12.9898 + c * 78.233);
      });
      const filter = signed(9 * inputs * outputs, 2);
      const bias = signed(outputs, 3);
      const sizes = { batch: 1, height, width, inputs, outputs };
      const tensors = [
        tensor4d(runtime, x, [1, height, width, inputs]),
        tensor4d(runtime, filter, [3, 3, inputs, outputs]),
        runtime.tf.tensor1d(bias, 'float32'),
      ] as const;
      const pooled = convolve(...tensors);
      const places = placesOf(pooled);
      const values = taken(pooled.output);
      const inside = (row: number, column: number) =>
        row >= 0 && column >= 0 && row < height && column < width ? shade(row, column) : 0;
      const patchOf = (row: number, column: number) =>
        [-1, 0, 1].flatMap((i) => [-1, 0, 1].map((j) => inside(row + i, column + j))).join();
      let tied = 0;
      windowsOf(sizes, x, filter, bias).forEach((window, i) => {
        const place = Math.floor(i / outputs);
        const [row, column] = [2 * Math.floor(place / (width / 2)), 2 * (place % (width / 2))];
        const patches = [0, 1, 2, 3].map((k) => patchOf(row + Math.floor(k / 2), column + (k % 2)));
        const chosen = patches[valueAt(places, i)] ?? '';
        expect(patches.indexOf(chosen), `window ${row}, ${column}`).toBe(places[i]);
        if (patches.indexOf(chosen) !== patches.lastIndexOf(chosen)) tied += 1;
        // Of nothing but zeros the sum is 0, and not what rounding leaves.
        if (/^[0,]+$/.test(chosen))
          expect(values[i]).toBeCloseTo(selu(bias[i % outputs] ?? NaN), 6);
        expect(values[i]).toBeCloseTo(selu(Math.max(...window)), 3);
      });
      // A narrow image is nothing but border.
      if (width > 4) expect(tied).toBeGreaterThan(0);
      runtime.tf.dispose([...tensors, pooled.index]);
    });
  });

  test.each([1, 16])('gives NaN where one of its values is, of %i channels', (inputs) => {
    const { tf } = runtime;
    const pixels = signed(8 * 8 * inputs, 1);
    pixels[0] = NaN;
    const x = tensor4d(runtime, pixels, [1, 8, 8, inputs]);
    const filter = tensor4d(runtime, signed(9 * inputs * 16, 2), [3, 3, inputs, 16]);
    const bias = tf.tensor1d(signed(16, 3), 'float32');
    const { output, index } = convolve(x, filter, bias);
    const values = taken(output);
    expect(values.subarray(0, 16).every((value) => Number.isNaN(value))).toBe(true);
    // Behind what the pixel reaches, tiles of Winograd's transforms included.
    expect(values.subarray(-16).some((value) => Number.isNaN(value))).toBe(false);
    tf.dispose([x, filter, bias, index]);
  });

  test.each([
    [1, 28, 32],
    [32, 14, 64],
  ])('gives an image the same whatever stands beside it: %i channels', (inputs, side, outputs) => {
    const { tf } = runtime;
    const images = 37;
    const size = side * side * inputs;
    const pixels = signed(images * size, 1);
    const filter = tensor4d(runtime, signed(9 * inputs * outputs, 2), [3, 3, inputs, outputs]);
    const bias = tf.tensor1d(signed(outputs, 3), 'float32');
    const run = (from: number, count: number) => {
      const part = pixels.slice(from * size, (from + count) * size);
      const x = tensor4d(runtime, part, [count, side, side, inputs]);
      const { output, index } = convolve(x, filter, bias);
      tf.dispose([x, index]);
      return taken(output);
    };
    const all = run(0, images);
    const each = all.length / images;
    for (const image of [0, 17, 36]) {
      expect(run(image, 1)).toEqual(all.subarray(image * each, (image + 1) * each));
    }
    expect(run(0, 0)).toHaveLength(0);
    tf.dispose([filter, bias]);
  });
});

const rules: SignalRule[] = ['selu', 'relu', 'guided-selu', 'guided-relu'];

describe.each(rules)('%s: backward from maxima through a convolution of many channels', (rule) => {
  const sizes = fc.record({
    ...{ batch, height: of(1, 2, 7), width: of(1, 3, 7) },
    ...{ inputs: of(16, 32), outputs: of(16, 48, 64) },
  });

  test('is unpooling, then the convolution’s own', () => {
    const { tf, kernels } = runtime;
    const before = tf.memory().numTensors;
    fc.assert(
      fc.property(sizes, (drawnSizes) => {
        const { batch: images, height, width, inputs, outputs } = drawnSizes;
        const shape: [number, number, number, number] = [images, 2 * height, 2 * width, outputs];
        const pooled: [number, number, number, number] = [images, height, width, outputs];
        const count = images * height * width * outputs;
        // Quarters: ties and zeros occur.
        const quarters = (size: number, salt: number) =>
          signed(size, salt).map((value) => Math.round(4 * value) / 4);
        const x = tensor4d(runtime, quarters(4 * count, 1), shape);
        const signal = tensor4d(runtime, quarters(count, 2), pooled);
        const filter = tensor4d(runtime, signed(9 * inputs * outputs, 3), [3, 3, inputs, outputs]);
        const { maximum, index } = fused.maxPool(x);
        const [expected, result] = tf.tidy(() => {
          const unpooled = fused.unpool(rule, signal, maximum, index);
          const image = [images, 2 * height, 2 * width, inputs];
          return [
            kernels.conv2dInputGradient(image, filter, unpooled, unit),
            fused.pooledGradient(rule, signal, maximum, index, fused.panels(filter)),
          ] as [Tensor4D, Tensor4D];
        });
        expect(fused.unpools(filter.shape, unit)).toBe(true);
        expect(result.shape).toEqual([images, 2 * height, 2 * width, inputs]);
        expect(relativeError(taken(result), taken(expected))).toBeLessThan(1e-6);

        const whole: Tensor4D['shape'] = [images, 2 * height, 2 * width, inputs];
        const image = tensor4d(runtime, signed(4 * images * height * width * inputs, 4), whole);
        const unpooled = fused.unpool(rule, signal, maximum, index);
        const byFilter = kernels.conv2dFilterGradient(image, filter.shape, unpooled, unit);
        const byBias = kernels.biasAddGradient(unpooled);
        const learnt = fused.pooledFilterGradient(rule, signal, maximum, index, image);
        expect(learnt.filter.shape).toEqual(filter.shape);
        expect(relativeError(taken(learnt.filter), taken(byFilter))).toBeLessThan(1e-6);
        expect(relativeError(taken(learnt.bias), taken(byBias))).toBeLessThan(1e-6);
        tf.dispose([image, unpooled]);
        tf.dispose([x, signal, filter, maximum, index]);
      }),
      { numRuns: 25, seed: 5 },
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('a signal that is not a number stays none backward', () => {
  const { tf } = runtime;
  const x = tensor4d(runtime, signed(4 * 16, 1), [1, 2, 2, 16]);
  const filter = tensor4d(runtime, signed(9 * 16 * 16, 2), [3, 3, 16, 16]);
  const signal = tensor4d(runtime, new Float32Array(16).fill(NaN), [1, 1, 1, 16]);
  const { maximum, index } = fused.maxPool(x);
  const panels = fused.panels(filter);
  const result = taken(fused.pooledGradient('selu', signal, maximum, index, panels));
  expect(result.some((value) => Number.isNaN(value))).toBe(true);
  tf.dispose([x, filter, signal, maximum, index, panels]);
});

test('SELU is that of double precision, from the smallest numbers to the largest, and of NaN NaN', () => {
  const { tf } = runtime;
  const values = [
    ...[-1e30, -200, -87.5, -87, -20, -3, -1, -0.4, -0.3466, -0.3465, -1e-3, -1e-7, -1e-20, -1e-38],
    ...[0, 1e-38, 1e-20, 1e-7, 0.5, 1, 30, 1e30, NaN],
    ...Array.from({ length: 500 }, (_, i) => -i / 29),
  ].map(Math.fround);
  // An image of zeros, so that each channel's result is SELU of its bias.
  const outputs = Math.ceil(values.length / 16) * 16;
  const biases = Float32Array.from({ length: outputs }, (_, i) => values[i] ?? 0);
  for (const inputs of [1, 16]) {
    const x = tf.zeros([1, 4, 4, inputs]) as Tensor4D;
    const filter = tf.zeros([3, 3, inputs, outputs]) as Tensor4D;
    const bias = tf.tensor1d(biases, 'float32');
    const { output, index } = convolve(x, filter, bias);
    const found = taken(output).subarray(0, values.length);
    values.forEach((value, i) => {
      const [is, expected] = [valueAt(found, i), selu(value)];
      if (Number.isNaN(value)) return expect(is).toBeNaN();
      // Below 1e-37 TensorFlow lets the processor take numbers for 0.
      expect(Math.abs(is - expected), String(value)).toBeLessThanOrEqual(
        3e-7 * Math.abs(expected) + 1e-37,
      );
    });
    tf.dispose([x, filter, bias, index]);
  }
});

test('there is no such kernel for odd sides, other windows and other channels', () => {
  const fits = (image: number[], filter: number[], options = { stride: 1, padding: 1 }) =>
    fused.pools(image, filter, options);
  expect(fits([1, 28, 28, 1], [3, 3, 1, 32])).toBe(true);
  expect(fits([1, 27, 28, 1], [3, 3, 1, 32])).toBe(false);
  expect(fits([1, 28, 28, 1], [3, 3, 1, 12])).toBe(false);
  expect(fits([1, 28, 28, 3], [3, 3, 3, 32])).toBe(false);
  expect(fits([1, 28, 28, 1], [5, 5, 1, 32])).toBe(false);
  expect(fits([1, 28, 28, 1], [3, 3, 1, 32], { stride: 2, padding: 1 })).toBe(false);
  expect(fits([1, 28, 28, 1], [3, 3, 1, 32], { stride: 1, padding: 0 })).toBe(false);
  expect([14, 4, 13, 2].map((side) => winograd.pools([1, side, side, 32]))).toEqual([
    ...[true, true, false, false],
  ]);
});

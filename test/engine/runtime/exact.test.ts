import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExactKernels, Normalisation } from '../../../src/engine/runtime/exact';
import type { Runtime } from '../../../src/engine/runtime/load';
import type { Tensor4D } from '../../../src/engine/runtime/tensorflow';
import { relativeError, signed, taken, tensor4d, testRuntime, uniform } from '../support';
import { type ConvolutionCase, directSum, productsOf, resultShape } from './direct-sum';

let runtime: Runtime;
let exact: ExactKernels;
beforeAll(async () => {
  runtime = await testRuntime();
  if (!runtime.kernels.exact) throw new Error('no operations of our own');
  ({ exact } = runtime.kernels);
});

/** Read Doubles and dispose of them. */
function doubles(tensor: Tensor4D): Float64Array {
  return new Float64Array(taken(tensor).slice().buffer);
}

/** As doubles hold them: through a convolution that changes nothing. */
function asDoubles(values: Float32Array, shape: [number, number, number, number]): Tensor4D {
  const [, , , channels] = shape;
  const unit = Float32Array.from({ length: channels ** 2 }, (_, i) =>
    i % (channels + 1) === 0 ? 1 : 0,
  );
  const x = tensor4d(runtime, values, shape);
  const filter = tensor4d(runtime, unit, [1, 1, channels, channels]);
  const parameters = normalisation(channels, false);
  const options = { stride: 1, padding: 0, relu: false };
  const result = exact.convolve(x, filter, parameters, options);
  runtime.tf.dispose([x, filter, ...tensorsOf(parameters)]);
  return result;
}

function normalisation(channels: number, drawn: boolean): Normalisation {
  const { tf } = runtime;
  const values = (salt: number, plain: number) =>
    tf.tensor1d(drawn ? uniform(channels, salt) : new Float32Array(channels).fill(plain));
  return {
    scale: values(1, 1),
    offset: values(2, 0),
    mean: values(3, 0),
    variance: values(4, 1),
    epsilon: drawn ? 2 ** -10 : 0,
  };
}

function tensorsOf({ scale, offset, mean, variance }: Normalisation) {
  return [scale, offset, mean, variance];
}

const cases: fc.Arbitrary<ConvolutionCase> = fc
  .record({
    batch: fc.integer({ min: 1, max: 7 }),
    height: fc.constantFrom(1, 2, 3, 5, 8, 9),
    width: fc.constantFrom(1, 2, 4, 7, 8, 11),
    inputs: fc.constantFrom(1, 3, 16, 32),
    outputs: fc.constantFrom(16, 48),
    kernel: fc.constantFrom(1, 3, 7),
    stride: fc.constantFrom(1, 2),
  })
  .map((sizes) => ({ ...sizes, padding: (sizes.kernel - 1) / 2 }))
  .filter((sizes) => productsOf(sizes) < 1e6);

test('a convolution in double precision is the direct sum, normalised, added to and cut at 0', () => {
  const { tf } = runtime;
  const before = tf.memory().numTensors;
  fc.assert(
    fc.property(cases, fc.boolean(), fc.boolean(), (sizes, relu, added) => {
      const { batch, height, width, inputs, outputs, kernel } = sizes;
      const result = resultShape(sizes);
      const size = result.reduce((product, length) => product * length, 1);
      const image = signed(batch * height * width * inputs, 1);
      const weights = signed(kernel * kernel * inputs * outputs, 2);
      const addition = signed(size, 3);
      const sum = directSum(sizes, image, weights, new Float32Array(size)).result;
      const parameters = normalisation(outputs, true);
      const [scale, offset, mean, variance] = tensorsOf(parameters).map((each) => each.dataSync());
      const expected = sum.map((value, i) => {
        const c = i % outputs;
        const deviation = Math.sqrt((variance?.[c] ?? 0) + parameters.epsilon);
        const normal = ((value - (mean?.[c] ?? 0)) / deviation) * (scale?.[c] ?? 0);
        const whole = normal + (offset?.[c] ?? 0) + (added ? (addition[i] ?? 0) : 0);
        return relu ? Math.max(0, whole) : whole;
      });
      const x = tensor4d(runtime, image, [batch, height, width, inputs]);
      const filter = tensor4d(runtime, weights, [kernel, kernel, inputs, outputs]);
      const addend = added ? asDoubles(addition, result) : undefined;
      const options = { ...sizes, relu, addend };
      const ours = exact.convolve(x, filter, parameters, options);
      expect(ours.shape).toEqual([...result.slice(0, 3), 2 * outputs]);
      expect(relativeError(doubles(ours), expected)).toBeLessThan(1e-13);
      tf.dispose([x, filter, ...tensorsOf(parameters), ...(addend ? [addend] : [])]);
    }),
    { numRuns: 40, seed: 1 },
  );
  expect(tf.memory().numTensors).toBe(before);
});

describe('doubles', () => {
  test('go from one convolution to the next', () => {
    // What single precision would lose: 2^24 + 1 is none of its numbers.
    const values = Float32Array.from({ length: 16 }, (_, c) => [2 ** 24, 1, -(2 ** 24)][c] ?? 0);
    const all = Float32Array.from({ length: 256 }, () => 1);
    const { tf } = runtime;
    const x = asDoubles(values, [1, 1, 1, 16]);
    const filter = tensor4d(runtime, all, [1, 1, 16, 16]);
    const parameters = normalisation(16, false);
    const options = { stride: 1, padding: 0, relu: true };
    const sum = exact.convolve(x, filter, parameters, options);
    expect([...doubles(sum)]).toEqual(new Array(16).fill(1));
    tf.dispose([x, filter, ...tensorsOf(parameters)]);
  });

  test('are rounded, with zeros for the images that are not there', () => {
    const values = signed(2 * 3 * 16, 1);
    const x = asDoubles(values, [2, 1, 3, 16]);
    const rounded = exact.rounded(x, 4);
    expect(rounded.shape).toEqual([4, 1, 3, 16]);
    expect([...taken(rounded)]).toEqual([...values, ...new Array<number>(2 * 3 * 16).fill(0)]);
    x.dispose();
  });

  test('above 0 stay there, however small', () => {
    const tiny = 2 ** -120;
    const filter = tensor4d(runtime, new Float32Array(256).fill(tiny), [1, 1, 16, 16]);
    const x = tensor4d(runtime, new Float32Array(16).fill(tiny), [1, 1, 1, 16]);
    const parameters = normalisation(16, false);
    const options = { stride: 1, padding: 0, relu: true };
    const product = exact.convolve(x, filter, parameters, options);
    const rounded = taken(exact.rounded(product, 1));
    // The smallest number that no processor takes for 0.
    expect(rounded.every((value) => value === 2 ** -126)).toBe(true);
    runtime.tf.dispose([x, filter, product, ...tensorsOf(parameters)]);
  });

  test('have maxima where single precision has them', () => {
    const { tf, kernels } = runtime;
    for (const [height, width] of [
      [8, 8],
      [5, 7],
      [1, 2],
    ] as const) {
      // Ties, and windows below 0, but no 0 below 0.
      const drawn = signed(2 * height * width * 16, 1);
      const values = drawn.map((value) => Math.round(value * 3) / 3 + 0);
      const shape: [number, number, number, number] = [2, height, width, 16];
      const x = asDoubles(values, shape);
      const plain = tensor4d(runtime, values, shape);
      const theirs = kernels.direct?.poolRelu(plain);
      const ours = exact.poolRelu(x, 3);
      const rounded = exact.rounded(ours.maximum, 2);
      expect([...taken(rounded)]).toEqual([...(theirs ? taken(theirs.maximum) : [])]);
      expect(ours.index.shape[0]).toBe(3);
      // The index shows in where a signal goes back to.
      const signal = tf.onesLike(ours.maximum).slice([0, 0, 0, 0], [-1, -1, -1, 16]) as Tensor4D;
      const back = (index: typeof ours.index) => {
        const spread = tf
          .concat([signal, tf.zerosLike(signal)], 0)
          .slice([0], [index.shape[0] ?? 0]);
        const result = kernels.training?.unpool(spread as Tensor4D, index, height, width);
        return [...(result ? taken(result) : [])].slice(0, values.length);
      };
      if (theirs) expect(back(ours.index)).toEqual(back(theirs.index));
      tf.dispose([x, plain, ours.maximum, ours.index, ...(theirs ? [theirs.index] : [])]);
    }
  });
});

test('what does not fit is refused', () => {
  runtime.tf.tidy(() => {
    const parameters = normalisation(16, false);
    const options = { stride: 1, padding: 1, relu: true };
    const filter = tensor4d(runtime, signed(9 * 256, 1), [3, 3, 16, 16]);
    const x = tensor4d(runtime, signed(8, 2), [1, 1, 1, 8]);
    expect(() => exact.convolve(x, filter, parameters, options)).toThrow(/do not fit/);
    const narrow = tensor4d(runtime, signed(9 * 8 * 10, 1), [3, 3, 8, 10]);
    const few = normalisation(10, false);
    expect(() => exact.convolve(x, narrow, few, options)).toThrow(/do not fit/);
    expect(() => exact.rounded(x, 0)).toThrow(/at most/);
  });
});

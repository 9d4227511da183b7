import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Runtime } from '../../../src/engine/runtime/load';
import type { TrainingKernels } from '../../../src/engine/runtime/training';
import type { Tensor, Tensor1D } from '../../../src/engine/runtime/tensorflow';
import { valueAt } from '../../../src/shared/checked-reads';
import { relativeError, signed, taken, tensor4d, testRuntime, uniform } from '../support';

let runtime: Runtime;
let training: TrainingKernels;
beforeAll(async () => {
  runtime = await testRuntime();
  training = runtime.kernels.training as TrainingKernels;
});

/** Sums are taken in single precision over stretches and in double over those. */
const tolerance = 1e-6;

const shapes = fc
  .record({
    batch: fc.integer({ min: 1, max: 9 }),
    height: fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 16),
    width: fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 16),
    channels: fc.constantFrom(16, 32, 48, 80),
  })
  // More values than about three a channel: with two, x - mean is the same twice, and the gradient
  // by x a difference of equals.
  .filter(({ batch, height, width }) => batch * height * width > 3);

/** The textbook's formulas in double precision. */
function normalised(
  x: Float32Array,
  channels: number,
  scale: Float32Array,
  offset: Float32Array,
  addend: Float32Array | null,
  relu: boolean,
  epsilon: number,
) {
  const count = x.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  x.forEach((value, i) => (mean[i % channels] = valueAt(mean, i % channels) + value / count));
  x.forEach((value, i) => {
    const c = i % channels;
    variance[c] = valueAt(variance, c) + (value - valueAt(mean, c)) ** 2 / count;
  });
  const inverse = variance.map((value) => 1 / Math.sqrt(value + epsilon));
  const output = Float64Array.from(x, (value, i) => {
    const c = i % channels;
    const unit = (value - valueAt(mean, c)) * valueAt(inverse, c);
    const sum = unit * valueAt(scale, c) + valueAt(offset, c) + (addend?.[i] ?? 0);
    return relu ? Math.max(0, sum) : sum;
  });
  return { mean, variance, inverse, output, count };
}

function gradients(
  x: Float32Array,
  channels: number,
  scale: Float32Array,
  through: Float64Array,
  { mean, inverse, count }: ReturnType<typeof normalised>,
) {
  const byScale = new Float64Array(channels);
  const byOffset = new Float64Array(channels);
  const unit = (i: number) =>
    (valueAt(x, i) - valueAt(mean, i % channels)) * valueAt(inverse, i % channels);
  through.forEach((value, i) => {
    const c = i % channels;
    byScale[c] = valueAt(byScale, c) + value * unit(i);
    byOffset[c] = valueAt(byOffset, c) + value;
  });
  const input = through.map((value, i) => {
    const c = i % channels;
    const factor = valueAt(scale, c) * valueAt(inverse, c);
    return factor * (value - (valueAt(byOffset, c) + unit(i) * valueAt(byScale, c)) / count);
  });
  return { input, byScale, byOffset };
}

test('batch normalisation, shortcut and ReLU forward and back are the formulas', () => {
  const { tf } = runtime;
  const before = tf.memory().numTensors;
  fc.assert(
    fc.property(shapes, fc.boolean(), fc.boolean(), fc.boolean(), (sizes, relu, added, split) => {
      const { batch, height, width, channels } = sizes;
      const shape: [number, number, number, number] = [batch, height, width, channels];
      const size = batch * height * width * channels;
      // A mean far from 0 beside the deviation, as behind a ReLU.
      const x = signed(size, 1).map((value) => value + 2);
      const addend = added ? signed(size, 2) : null;
      const [scale, offset] = [uniform(channels, 3), signed(channels, 4)];
      const [oldMean, oldVariance] = [signed(channels, 5), uniform(channels, 6)];
      const tensors: Tensor[] = [];
      const kept = <T extends Tensor>(tensor: T): T => {
        tensors.push(tensor);
        return tensor;
      };
      const own = (values: Float32Array): Tensor1D => kept(tf.tensor1d(values, 'float32'));
      const input = kept(tensor4d(runtime, x, shape));
      const parameters = {
        scale: own(scale),
        offset: own(offset),
        running: { mean: own(oldMean), variance: own(oldVariance) },
      };
      const shortcut = addend ? kept(tensor4d(runtime, addend, shape)) : null;
      const settings = { epsilon: 1e-5, momentum: 0.1, relu, addend: shortcut };
      const result = training.batchNorm(input, parameters, settings);
      const { output, mean, inverse, running } = result;
      for (const tensor of [output, mean, inverse, running.mean, running.variance]) kept(tensor);
      const expected = normalised(x, channels, scale, offset, addend, relu, 1e-5);
      expect(relativeError(output.dataSync(), expected.output)).toBeLessThan(tolerance);
      expect(relativeError(mean.dataSync(), expected.mean)).toBeLessThan(tolerance);
      expect(relativeError(inverse.dataSync(), expected.inverse)).toBeLessThan(tolerance);
      const bessel = expected.count / (expected.count - 1);
      const moved = (old: Float32Array, now: Float64Array, factor: number) =>
        now.map((value, c) => 0.9 * valueAt(old, c) + 0.1 * factor * value);
      const nextMean = moved(oldMean, expected.mean, 1);
      const nextVariance = moved(oldVariance, expected.variance, bessel);
      expect(relativeError(running.mean.dataSync(), nextMean)).toBeLessThan(tolerance);
      expect(relativeError(running.variance.dataSync(), nextVariance)).toBeLessThan(tolerance);

      const signal = signed(size, 7);
      const open = output.dataSync();
      const through = Float64Array.from(signal, (value, i) =>
        !relu || valueAt(open, i) > 0 ? value : 0,
      );
      const saved = { output: relu ? output : null, scale: parameters.scale, mean, inverse };
      const back = kept(tensor4d(runtime, signal, shape));
      const gradient = training.batchNormGradient(input, back, saved, split);
      const wanted = gradients(x, channels, scale, through, expected);
      // Of three terms that nearly cancel where a channel has few values.
      expect(relativeError(taken(gradient.input), wanted.input)).toBeLessThan(1e-5);
      expect(relativeError(taken(gradient.scale), wanted.byScale)).toBeLessThan(1e-5);
      expect(relativeError(taken(gradient.offset), wanted.byOffset)).toBeLessThan(tolerance);
      expect(gradient.through === null).toBe(!split);
      if (gradient.through) expect(taken(gradient.through)).toEqual(Float32Array.from(through));
      tf.dispose(tensors);
    }),
    { numRuns: 60, seed: 4 },
  );
  expect(tf.memory().numTensors).toBe(before);
});

const shapesOfParameters: fc.Arbitrary<number[]> = fc.oneof(
  fc.constantFrom<number[][]>([], [1], [7], [8], [17], [8193]),
  fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 4 }),
);

test('a step with momentum, decay and Nesterov’s rule is PyTorch’s', () => {
  const { tf } = runtime;
  const before = tf.memory().numTensors;
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      shapesOfParameters,
      fc.tuple(part, part, part),
      fc.boolean(),
      (shape, settings, nesterov) => {
        const [rate, momentum, decay] = settings.map(Math.fround) as [number, number, number];
        const size = shape.reduce((product, length) => product * length, 1);
        const [p, v, g] = [1, 2, 3].map((salt) => signed(size, salt)) as [
          Float32Array,
          Float32Array,
          Float32Array,
        ];
        // Copies: what the step moves must not be the arrays' memory.
        const inputs = [p, v, g].map((values) => tf.tensor(values.slice(), shape, 'float32'));
        const [parameter, average, gradient] = inputs as [Tensor, Tensor, Tensor];
        const given = tf.tensor1d([rate, momentum, decay], 'float32');
        training.momentum(parameter, average, gradient, given, nesterov);
        const decayed = Float64Array.from(g, (value, i) => value + decay * valueAt(p, i));
        const moved = decayed.map((value, i) => momentum * valueAt(v, i) + value);
        const after = moved.map((value, i) => {
          const step = nesterov ? valueAt(decayed, i) + momentum * value : value;
          return valueAt(p, i) - rate * step;
        });
        // Four roundings each, of values of at most 4.
        const close = (ours: Float32Array, theirs: Float64Array) => {
          const worst = ours.reduce(
            (most, o, i) => Math.max(most, Math.abs(o - valueAt(theirs, i))),
            0,
          );
          expect(worst).toBeLessThan(1e-6);
        };
        close(taken(average), moved);
        close(taken(parameter), after);
        tf.dispose([gradient, given]);
      },
    ),
    { numRuns: 60, seed: 5 },
  );
  expect(tf.memory().numTensors).toBe(before);
});

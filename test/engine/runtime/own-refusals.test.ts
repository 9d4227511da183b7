import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Runtime } from '../../../src/engine/runtime/load';
import type { AttributeValues } from '../../../src/engine/runtime/operations';
import type { Tensor } from '../../../src/engine/runtime/tensorflow';
import { valueAt } from '../../../src/shared/checked-reads';
import { signed, testRuntime } from '../support';

// What no network asks of our own operations: an error is what they owe, and never the end of the
// process, which is what dividing by no locations or reading behind an image would be.

let runtime: Runtime;
beforeAll(async () => {
  runtime = await testRuntime();
});

/** Each operation's inputs (a byte tensor as `index`), attributes and outputs. */
const operations = {
  StudioWinogradFilter: { inputs: 1, flags: ['turned'], whole: ['points'], outputs: 1 },
  StudioWinograd: { inputs: 5, flags: ['short_sums'], whole: ['ending'], outputs: 1 },
  StudioWinogradPooled: { inputs: 3, flags: [], whole: [], outputs: 2 },
  StudioPooledGradient: { inputs: 4, index: 2, flags: [], whole: ['rule'], outputs: 1 },
  StudioPooledFilterGradient: { inputs: 4, index: 2, flags: [], whole: ['rule'], outputs: 2 },
  StudioProduct: { inputs: 2, flags: [], whole: [], outputs: 1 },
  StudioFirstPooled: { inputs: 3, flags: [], whole: [], outputs: 2 },
  StudioWinogradFilterGradient: { inputs: 2, flags: [], whole: [], outputs: 1 },
  StudioFilterGradient: {
    inputs: 2,
    flags: [],
    whole: ['kernel', 'stride', 'padding'],
    outputs: 1,
  },
  StudioFilterPanels: { inputs: 1, flags: [], whole: ['form'], outputs: 1 },
  StudioConvolution: {
    inputs: 3,
    flags: ['short_sums'],
    whole: ['kernel', 'stride', 'padding', 'outputs', 'rule'],
    outputs: 1,
  },
  StudioStridedGradient: {
    inputs: 4,
    flags: ['short_sums'],
    whole: ['outputs', 'rule'],
    outputs: 1,
  },
  StudioPoolRelu: { inputs: 1, flags: [], whole: [], outputs: 2 },
  StudioStemGradient: {
    inputs: 4,
    index: 2,
    flags: [],
    whole: ['kernel', 'stride', 'padding', 'height', 'width', 'colours', 'rule'],
    outputs: 1,
  },
  StudioBatchNormGradient: { inputs: 6, flags: ['split'], whole: [], outputs: 4 },
  StudioMomentum: { inputs: 4, flags: ['nesterov'], whole: [], outputs: 2 },
  StudioUnpoolWindows: { inputs: 2, index: 1, flags: [], whole: ['height', 'width'], outputs: 1 },
} as const satisfies Record<
  string,
  { inputs: number; index?: number; flags: string[]; whole: string[]; outputs: number }
>;
type Name = keyof typeof operations;
const names = Object.keys(operations) as Name[];

const size = fc.constantFrom<number[]>(0, 1, 2, 3, 4, 16, 32);
const shape: fc.Arbitrary<number[]> = fc.oneof(
  fc.array(size, { maxLength: 5 }),
  fc
    .tuple(fc.constantFrom(0, 1, 2), size, size, fc.constantFrom(0, 3, 16, 32))
    .map((sides): number[] => [...sides]),
  fc.constant<number[]>([0]),
);
const whole = fc.oneof(
  fc.integer({ min: -3, max: 40 }),
  fc.constantFrom(-16, 0, 1, 2, 3, 7, 9, 16, 36, -(2 ** 31), 2 ** 31, 2 ** 53, -(2 ** 53)),
);

/** A tensor of bytes, which tfjs cannot make: the index of maxima of an image of about that shape. */
function indexOf([batch = 1, height = 1, width = 1, channels = 16]: readonly number[]): Tensor {
  const { tf, kernels } = runtime;
  const image = tf.zeros([batch, Math.max(1, 2 * height), Math.max(1, 2 * width), channels]);
  const [maximum, index] = kernels.operations.runMany('StudioPoolRelu', [], [image], 2);
  if (!maximum || !index) throw new RangeError('max pooling gave no result');
  return index;
}

/** Whether it ran. */
function attempt(name: Name, inputs: Tensor[], values: AttributeValues): boolean {
  const { tf, kernels } = runtime;
  const { outputs } = operations[name];
  const { operations: native } = kernels;
  try {
    tf.tidy(() => {
      for (const tensor of native.runMany(name, native.attributes(values), inputs, outputs)) {
        if (tensor.dtype === 'float32') tensor.dataSync();
      }
    });
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return false;
  }
}

test.each(names)('%s refuses what it cannot do', (name) => {
  const { tf } = runtime;
  const operation: {
    inputs: number;
    index?: number;
    flags: readonly string[];
    whole: readonly string[];
  } = operations[name];
  const before = tf.memory().numTensors;
  fc.assert(
    fc.property(
      fc.array(shape, { minLength: operation.inputs, maxLength: operation.inputs }),
      fc.boolean(),
      fc.array(whole, { minLength: operation.whole.length, maxLength: operation.whole.length }),
      // Often alike, or most would be refused for that alone.
      fc.boolean(),
      (shapes, flag, numbers, alike) => {
        const values: AttributeValues = {};
        for (const key of operation.flags) values[key] = { bool: flag };
        operation.whole.forEach((key, i) => (values[key] = { int: valueAt(numbers, i) }));
        tf.tidy(() => {
          const inputs = shapes.map((own, i) => {
            const sides = alike ? (shapes[0] ?? own) : own;
            if (i === operation.index) {
              return indexOf(sides.length === 4 && sides[3] === 16 ? sides : [0, 1, 1, 16]);
            }
            return tf.tensor(
              signed(
                sides.reduce((a, b) => a * b, 1),
                i,
              ),
              sides,
              'float32',
            );
          });
          attempt(name, inputs, values);
        });
      },
    ),
    { numRuns: 150, seed: 3 },
  );
  expect(tf.memory().numTensors).toBe(before);
});

type Shapes = readonly (readonly number[])[];
const none = [0];
/** Each would end the process, or read or write where nothing is, if it were tried. */
const cases: [why: string, name: Name, shapes: Shapes, numbers: Record<string, number>][] = [
  [
    'an image without locations',
    'StudioStridedGradient',
    [[1, 0, 4, 16], [9 * 256], none, none],
    { outputs: 16, rule: 0 },
  ],
  [
    'no channels',
    'StudioWinogradFilterGradient',
    [
      [1, 4, 4, 0],
      [1, 4, 4, 0],
    ],
    {},
  ],
  [
    'no channels',
    'StudioFilterGradient',
    [
      [1, 4, 4, 0],
      [1, 4, 4, 0],
    ],
    { kernel: 1, stride: 1, padding: 0 },
  ],
  [
    'a window larger than the image',
    'StudioConvolution',
    [[1, 1, 1, 16], [4 * 256], none],
    { kernel: 2, stride: 2, padding: 0, outputs: 16, rule: 0 },
  ],
  [
    'a window larger than the image',
    'StudioFilterGradient',
    [
      [1, 1, 1, 16],
      [1, 1, 1, 16],
    ],
    { kernel: 2, stride: 2, padding: 0 },
  ],
  [
    'a window in the padding alone',
    'StudioConvolution',
    [[1, 1, 1, 16], [256], none],
    { kernel: 1, stride: 7, padding: 3, outputs: 16, rule: 0 },
  ],
  [
    'a negative number of outputs',
    'StudioConvolution',
    [[1, 1, 1, 0], none, none],
    { kernel: 1, stride: 1, padding: 0, outputs: -16, rule: 0 },
  ],
  [
    'numbers that overflow',
    'StudioStridedGradient',
    [[1, 1, 1, 16], none, none, none],
    { outputs: 2 ** 60, rule: 0 },
  ],
  [
    'a rule below 0',
    'StudioStridedGradient',
    [[1, 1, 1, 16], [9 * 256], none, none],
    { outputs: 16, rule: -1 },
  ],
];

test.each(cases)('%s is refused by %s', (_, name, shapes, numbers) => {
  const { tf } = runtime;
  const values: AttributeValues = {};
  for (const key of operations[name].flags) values[key] = { bool: false };
  for (const [key, int] of Object.entries(numbers)) values[key] = { int };
  tf.tidy(() => {
    const inputs = shapes.map((sides) => tf.zeros([...sides]));
    expect(attempt(name, inputs, values)).toBe(false);
  });
});

test('batch normalisation refuses a batch without values, and parameters that do not fit', () => {
  const { tf, kernels } = runtime;
  const before = tf.memory().numTensors;
  const settings = { epsilon: 1e-5, momentum: 0.1, relu: true, addend: null };
  const run = (sides: [number, number, number, number], channels: number) => {
    tf.tidy(() => {
      const [scale, offset, mean, variance] = [1, 2, 3, 4].map((salt) =>
        tf.tensor1d(signed(channels, salt)),
      );
      if (!scale || !offset || !mean || !variance) throw new RangeError('four tensors');
      const running = { mean, variance };
      kernels.training?.batchNorm(tf.zeros(sides), { scale, offset, running }, settings);
    });
  };
  run([1, 1, 2, 16], 16);
  for (const sides of [
    [0, 4, 4, 16],
    [2, 0, 4, 16],
    [2, 4, 4, 8],
    [2, 4, 4, 0],
  ] as const) {
    expect(() => run([...sides], sides[3])).toThrow(/StudioBatchNorm/);
  }
  expect(() => run([2, 4, 4, 16], 32)).toThrow(/StudioBatchNorm/);
  expect(tf.memory().numTensors).toBe(before);
});

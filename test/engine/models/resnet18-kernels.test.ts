import { beforeAll, describe, expect, test } from 'vitest';
import { createModel } from '../../../src/engine/models/architectures';
import { initialise } from '../../../src/engine/models/initialise';
import type { Model } from '../../../src/engine/models/model';
import type { Kernels } from '../../../src/engine/runtime/kernels';
import type { Runtime } from '../../../src/engine/runtime/load';
import { int1d, relativeError, signed, taken, tensor4d, testRuntime } from '../support';

let runtime: Runtime;
let theirs: Kernels;
beforeAll(async () => {
  runtime = await testRuntime();
  // As on a GPU, where TensorFlow's kernels do all of it.
  const none = { fused: null, winograd: null, direct: null, training: null, exact: null };
  theirs = { ...runtime.kernels, ...none };
});

const count = 3;

function modelOf(
  kernels: Kernels,
  height: number,
  width: number,
  stem: 'imagenet' | 'small',
): Model {
  const form = { inputShape: [height, width, 3], classes: 5, stem } as const;
  const model = createModel(kernels, 'resnet18', undefined, form);
  initialise(kernels, model, 3);
  // Statistics of no trained network, but none that folding could skip.
  for (const buffer of model.buffers().filter(({ shape }) => shape.length > 0)) {
    const spread = signed(buffer.shape[0] ?? 1, 7).map((value) => value / 4);
    buffer.write(buffer.least === 0 ? spread.map((value) => 1 + value) : spread);
  }
  return model;
}

/** Logits, gradients and guided gradients of the same weights and images. */
function numbers(kernels: Kernels, height: number, width: number, stem: 'imagenet' | 'small') {
  const model = modelOf(kernels, height, width, stem);
  const { tf } = runtime;
  try {
    const x = tensor4d(runtime, signed(count * height * width * 3, 5), [count, height, width, 3]);
    const y = int1d(runtime, [0, 1, 2]);
    const before = tf.memory().numTensors;
    const logits = taken(model.logits(x));
    const [plain, guided] = (['none', 'relu-only'] as const).map((gate) => {
      const result = model.inputGradient(x, y, { score: 'logit', gate });
      tf.dispose([result.logits, result.scores]);
      return taken(result.gradient);
    });
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, y]);
    return { logits, plain: plain ?? new Float32Array(), guided: guided ?? new Float32Array() };
  } finally {
    model.dispose();
  }
}

describe('resnet18 outside training', () => {
  test.each([
    [32, 32, 'imagenet'],
    [64, 64, 'imagenet'],
    // Odd sides on the way, which no operation of ours takes back through its stride.
    [40, 56, 'imagenet'],
    [33, 18, 'imagenet'],
    [16, 16, 'small'],
    [9, 14, 'small'],
  ] as const)(
    'is the same by our kernels and by TensorFlow’s: %i x %i, %s',
    (height, width, stem) => {
      const ours = numbers(runtime.kernels, height, width, stem);
      const reference = numbers(theirs, height, width, stem);
      expect(relativeError(ours.logits, reference.logits)).toBeLessThan(2e-5);
      // A ReLU whose argument is 0 but for rounding may open in one and not in the other.
      expect(relativeError(ours.plain, reference.plain)).toBeLessThan(2e-2);
      expect(relativeError(ours.guided, reference.guided)).toBeLessThan(2e-2);
    },
  );
});

describe('resnet18 with its way forward in double precision', () => {
  /** Gradients of the first images of a batch, exact for so many rows. */
  function gradients(model: Model, images: number, exactRows: number) {
    const { tf } = runtime;
    const [height, width] = model.inputShape;
    const each = height * width * 3;
    const x = tensor4d(runtime, signed(images * each, 5), [images, height, width, 3]);
    const y = int1d(
      runtime,
      Array.from({ length: images }, (_, i) => i % 5),
    );
    const before = tf.memory().numTensors;
    const options = { score: 'logit', exactRows } as const;
    const [plain, guided] = (['none', 'relu-only'] as const).map((gate) => {
      const result = model.inputGradient(x, y, { ...options, gate });
      tf.dispose([result.logits, result.scores]);
      return taken(result.gradient);
    });
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, y]);
    return { plain: plain ?? new Float32Array(), guided: guided ?? new Float32Array(), each };
  }

  test.each([
    [32, 32, 'imagenet'],
    [40, 56, 'imagenet'],
    [16, 16, 'small'],
  ] as const)('has the gradients of single precision: %i x %i, %s', (height, width, stem) => {
    const model = modelOf(runtime.kernels, height, width, stem);
    const [exact, single] = [gradients(model, 3, 3), gradients(model, 3, 0)];
    expect(relativeError(exact.plain, single.plain)).toBeLessThan(2e-2);
    expect(relativeError(exact.guided, single.guided)).toBeLessThan(2e-2);
    model.dispose();
  });

  test('gives an image the same bytes in any batch, and nothing to the rows behind', () => {
    const model = modelOf(runtime.kernels, 16, 16, 'imagenet');
    const whole = gradients(model, 4, 4);
    for (const [images, rows] of [
      [4, 2],
      [2, 1],
    ] as const) {
      const { plain, guided, each } = gradients(model, images, rows);
      for (const [part, all] of [
        [plain, whole.plain],
        [guided, whole.guided],
      ] as const) {
        expect(part.subarray(0, rows * each)).toEqual(all.subarray(0, rows * each));
        expect(part.subarray(rows * each).every((value) => value === 0)).toBe(true);
      }
    }
    model.dispose();
  });

  test('is there for images of one and of three channels', () => {
    for (const [channels, stem, there] of [
      [1, 'imagenet', true],
      [3, 'small', true],
      // Seven taps of four channels are more than the first layer's way back takes.
      [4, 'imagenet', false],
      [4, 'small', true],
    ] as const) {
      const form = { inputShape: [16, 16, channels], classes: 2, stem } as const;
      const model = createModel(runtime.kernels, 'resnet18', undefined, form);
      initialise(runtime.kernels, model, 1);
      expect(model.exact).toBe(there);
      const values = signed(2 * 16 * 16 * channels, 5);
      const x = tensor4d(runtime, values, [2, 16, 16, channels]);
      const y = int1d(runtime, [0, 1]);
      const { tf } = runtime;
      const [exact, single] = [2, 0].map((exactRows) => {
        const result = model.inputGradient(x, y, { score: 'logit', gate: 'none', exactRows });
        tf.dispose([result.logits, result.scores]);
        return taken(result.gradient);
      });
      const difference = relativeError(exact ?? [], single ?? []);
      expect(difference).toBeLessThan(there ? 2e-2 : 1e-30);
      tf.dispose([x, y]);
      model.dispose();
    }
  });

  test('opens a ReLU that single precision closes', () => {
    // A network of zeros but for a first filter whose sum is 2^26 + 1 - 2^26: lost in single
    // precision, which sums in the order of the channels.
    const model = createModel(runtime.kernels, 'resnet18', undefined, {
      inputShape: [8, 8, 3],
      classes: 2,
      stem: 'small',
    });
    for (const parameter of model.parameters()) {
      const { size } = parameter.value;
      if (parameter.name === 'conv1.weight') {
        const taps = new Float32Array(size);
        // OIHW: the middle taps of channels 0, 1 and 2 into the first output.
        [2 ** 26, 1, -(2 ** 26)].forEach((tap, c) => (taps[c * 9 + 4] = tap));
        parameter.write(taps);
      } else if (/bn\d\.weight|downsample|fc\.weight/.test(parameter.name)) {
        const value = parameter.name.endsWith('bias') ? 0 : 1;
        parameter.write(new Float32Array(size).fill(value));
      }
    }
    for (const buffer of model.buffers().filter(({ shape }) => shape.length > 0)) {
      buffer.write(new Float32Array(buffer.shape[0] ?? 1).fill(buffer.least === 0 ? 1 : 0));
    }
    const { tf } = runtime;
    const x = tensor4d(runtime, new Float32Array(8 * 8 * 3).fill(1), [1, 8, 8, 3]);
    const y = int1d(runtime, [0]);
    const [exact, single] = [1, 0].map((exactRows) => {
      const options = { score: 'logit', gate: 'none', exactRows } as const;
      const result = model.inputGradient(x, y, options);
      tf.dispose([result.logits, result.scores]);
      return taken(result.gradient).some((value) => value !== 0);
    });
    expect([exact, single]).toEqual([true, false]);
    tf.dispose([x, y]);
    model.dispose();
  });
});

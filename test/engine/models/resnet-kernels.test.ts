import { beforeAll, describe, expect, test } from 'vitest';
import { initialise } from '../../../src/engine/models/initialise';
import type { Model } from '../../../src/engine/models/model';
import type { Kernels } from '../../../src/engine/runtime/kernels';
import type { Runtime } from '../../../src/engine/runtime/load';
import { networks } from '../networks';
import { int1d, relativeError, signed, taken, tensor4d, testRuntime } from '../support';

let runtime: Runtime;
let theirs: Kernels;
beforeAll(async () => {
  runtime = await testRuntime();
  // As on a GPU, where TensorFlow's kernels do all of it.
  theirs = { ...runtime.kernels, fused: null, winograd: null, direct: null, training: null };
});

const count = 3;

/** Logits, gradients and guided gradients of the same weights and images. */
function numbers(
  kernels: Kernels,
  height: number,
  width: number,
  [id, options]: [string, Record<string, string>],
) {
  const form = { inputShape: [height, width, 3], classes: 5, options } as const;
  const model: Model = networks.create(kernels, id, form);
  const { tf } = runtime;
  try {
    initialise(kernels, model, 3);
    // Statistics of no trained network, but none that folding could skip.
    for (const buffer of model.buffers().filter(({ shape }) => shape.length > 0)) {
      const spread = signed(buffer.shape[0] ?? 1, 7).map((value) => value / 4);
      buffer.write(buffer.least === 0 ? spread.map((value) => 1 + value) : spread);
    }
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
    // Odd sides within, which no operation of ours takes backward through its stride.
    [40, 56, 'imagenet'],
    [33, 18, 'imagenet'],
    [16, 16, 'small'],
    [9, 14, 'small'],
  ] as const)(
    'is the same by our kernels and by TensorFlow’s: %i x %i, %s',
    (height, width, stem) => {
      const ours = numbers(runtime.kernels, height, width, ['resnet18', { stem }]);
      const reference = numbers(theirs, height, width, ['resnet18', { stem }]);
      expect(relativeError(ours.logits, reference.logits)).toBeLessThan(2e-5);
      // A ReLU whose argument is 0 but for rounding may open in one and not in the other.
      expect(relativeError(ours.plain, reference.plain)).toBeLessThan(2e-2);
      expect(relativeError(ours.guided, reference.guided)).toBeLessThan(2e-2);
    },
  );
});

// Of odd sides PyTorch's values are in torch-networks.test.ts.
test('resnet50 outside training is the same by our kernels and by TensorFlow’s', () => {
  const ours = numbers(runtime.kernels, 64, 32, ['resnet50', {}]);
  const reference = numbers(theirs, 64, 32, ['resnet50', {}]);
  expect(relativeError(ours.logits, reference.logits)).toBeLessThan(2e-5);
  expect(relativeError(ours.plain, reference.plain)).toBeLessThan(2e-2);
  expect(relativeError(ours.guided, reference.guided)).toBeLessThan(2e-2);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gate, Model, Optimiser } from '../../../src/engine/models/model';
import { Sgd } from '../../../src/engine/models/sgd';
import { toTorch } from '../../../src/engine/models/parameter';
import type { Runtime } from '../../../src/engine/runtime/load';
import type { Tensor } from '../../../src/engine/runtime/tensorflow';
import { int1d, relativeError, taken, tensor4d, testRuntime } from '../support';
import {
  count,
  reference,
  sample,
  scriptedImages,
  scriptedModel,
  sides,
  type Stem,
  targets,
} from './resnet18-fixture';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await testRuntime();
});

describe.each<Stem>(['imagenet', 'small'])('resnet18 with the stem %s', (stem) => {
  let model: Model;
  let images: Tensor;
  let labels: Tensor;
  beforeAll(() => {
    model = scriptedModel(runtime, stem);
    images = tensor4d(runtime, scriptedImages(stem), [count, sides[stem], sides[stem], 3]);
    labels = int1d(runtime, targets);
  });
  afterAll(() => {
    model.dispose();
    runtime.tf.dispose([images, labels]);
  });
  const x = () => images as ReturnType<typeof tensor4d>;
  const y = () => labels as ReturnType<typeof int1d>;

  function gradient(gate: Gate): Float32Array {
    const result = model.inputGradient(x(), y(), { score: 'logit', gate });
    runtime.tf.dispose([result.scores, result.logits]);
    return taken(result.gradient);
  }

  test('has torchvision’s logits', () => {
    const logits = taken(model.logits(x()));
    expect(relativeError(logits, reference(`${stem}.logits`))).toBeLessThan(1e-5);
  });

  test('has its input gradients', () => {
    const plain = sample(gradient('none'), 5000);
    expect(relativeError(plain, reference(`${stem}.plain`))).toBeLessThan(1e-5);
  });

  test('guides at every ReLU, whatever the gate is called', () => {
    const guided = gradient('all-activations');
    const expected = reference(`${stem}.guided`);
    expect(relativeError(sample(guided, 5000), expected)).toBeLessThan(1e-5);
    expect(gradient('relu-only')).toEqual(guided);
    expect(relativeError(guided, gradient('none'))).toBeGreaterThan(0.1);
  });

  // Last, for it changes the model.
  test('trains as PyTorch does: gradients, losses, parameters and running statistics', async () => {
    const { tf, kernels } = runtime;
    const before = tf.memory().numTensors;
    const settings = { learningRate: 0.02, momentum: 0.9, weightDecay: 5e-4 };
    const optimiser = new Sgd(kernels, model.parameters(), settings);
    const first = new Map<string, Float32Array>();
    const recorder: Optimiser = {
      apply(gradients) {
        for (const [{ name, layout }, value] of first.size === 0 ? gradients : []) {
          first.set(name, sample(toTorch(layout, value.dataSync() as Float32Array)));
        }
        optimiser.apply(gradients);
      },
    };
    const train = () => {
      const step = model.trainStep(x(), y(), { optimiser: recorder, seed: 0, step: 0 });
      step.correct.dispose();
      return taken(step.loss)[0] ?? 0;
    };
    const state = () => [...model.parameters(), ...model.buffers()];

    const losses = [train()];
    for (const [name, values] of first) {
      const expected = reference(`${stem}.train.gradient.${name}`);
      expect(relativeError(values, expected), name).toBeLessThan(1e-4);
    }
    for (const entry of state()) {
      const expected = reference(`${stem}.train.after-1.${entry.name}`);
      expect(relativeError(sample(await entry.read()), expected), entry.name).toBeLessThan(1e-5);
    }

    losses.push(train(), train());
    expect(relativeError(losses, reference(`${stem}.train.losses`))).toBeLessThan(1e-4);
    // Taken together, and not to 1e-4: in the second step one of the 753,664 values before ReLUs (the
    // stem imagenet, the last ReLU) is 1.1e-5 from 0 and falls on its other side, by the rounding of
    // Winograd's transforms. PyTorch in double precision, with that one value's sign turned, differs
    // from itself after the third step by 1.7e-5 in the parameters and 2.2e-4 in the statistics, as
    // much as ours do (1.7e-5 and 1.9e-4). TensorFlow's kernels tip none here and stay within 4e-7;
    // with the stem small they tip two, ours three, and both stay within 1e-5.
    for (const kind of [model.parameters(), model.buffers()]) {
      const ours: number[] = [];
      const theirs: number[] = [];
      for (const entry of kind) {
        ours.push(...sample(await entry.read()));
        theirs.push(...reference(`${stem}.train.after-3.${entry.name}`));
      }
      expect(relativeError(ours, theirs)).toBeLessThan(5e-4);
    }
    optimiser.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

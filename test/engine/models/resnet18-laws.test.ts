import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { initialise } from '../../../src/engine/models/initialise';
import { BatchNorm } from '../../../src/engine/models/layers/batch-norm';
import { Conv2d } from '../../../src/engine/models/layers/conv2d';
import { type Layer, Pass } from '../../../src/engine/models/layers/layer';
import { NormalisedConvolution } from '../../../src/engine/models/layers/normalised-convolution';
import type { Gate, Model } from '../../../src/engine/models/model';
import { Sgd } from '../../../src/engine/models/sgd';
import { decodeSafetensors, encodeSafetensors } from '../../../src/engine/models/safetensors';
import { encodeModel } from '../../../src/engine/models/weights';
import type { Runtime } from '../../../src/engine/runtime/load';
import { permutation } from '../../../src/engine/runtime/permutation';
import type { Tensor, Tensor4D } from '../../../src/engine/runtime/tensorflow';
import { valueAt } from '../../../src/shared/checked-reads';
import { batchPlan, createModel, decodeModel } from '../networks';
import { int1d, relativeError, signed, taken, tensor4d, testRuntime } from '../support';

const side = 32;
const form = { inputShape: [side, side, 3], classes: 5 } as const;
let runtime: Runtime;
let model: Model;
beforeAll(async () => {
  runtime = await testRuntime();
  model = fresh(3);
  train(model, 1);
});
afterAll(() => model.dispose());

function fresh(seed: number): Model {
  const made = createModel(runtime.kernels, 'resnet18', undefined, form);
  initialise(runtime.kernels, made, seed);
  return made;
}

const count = 6;
function inputs(images = count): { x: Tensor4D; y: ReturnType<typeof int1d> } {
  const x = tensor4d(runtime, signed(images * side * side * 3, 5), [images, side, side, 3]);
  const y = int1d(
    runtime,
    Array.from({ length: images }, (_, index) => index % form.classes),
  );
  return { x, y };
}

function train(trained: Model, steps: number): void {
  const { x, y } = inputs();
  const settings = { learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4 };
  const optimiser = new Sgd(runtime.kernels, trained.parameters(), settings);
  for (let step = 0; step < steps; step += 1) {
    runtime.tf.dispose(Object.values(trained.trainStep(x, y, { optimiser, seed: 0, step })));
  }
  optimiser.dispose();
  runtime.tf.dispose([x, y]);
}

function gradients(pixels: Float32Array, targets: Int32Array, gate: Gate): Float32Array {
  const x = tensor4d(runtime, pixels, [targets.length, side, side, 3]);
  const y = int1d(runtime, [...targets]);
  const result = model.inputGradient(x, y, { score: 'logit', gate });
  runtime.tf.dispose([x, y, result.scores, result.logits]);
  return taken(result.gradient);
}

const bits = (values: Float32Array) => Buffer.from(new Uint8Array(values.slice().buffer));

test.each(['none', 'all-activations'] as const)(
  'an input gradient (gate: %s) is bit-equal wherever its image stands in the planned batch',
  (gate) => {
    const { batch } = batchPlan('resnet18', 'gradient');
    const size = side * side * 3;
    const pixels = signed(batch * size, 9);
    const targets = Int32Array.from({ length: batch }, (_, index) => index % form.classes);
    const order = permutation(batch, [7, 0]);
    const moved = new Float32Array(pixels.length);
    order.forEach((from, to) =>
      moved.set(pixels.subarray(from * size, (from + 1) * size), to * size),
    );
    const plain = gradients(pixels, targets, gate);
    const result = gradients(
      moved,
      targets.map((_, to) => valueAt(targets, valueAt(order, to))),
      gate,
    );
    order.forEach((from, to) => {
      const here = bits(result.subarray(to * size, (to + 1) * size));
      const there = bits(plain.subarray(from * size, (from + 1) * size));
      expect(Buffer.compare(here, there), `image ${from} at ${to}`).toBe(0);
    });
  },
);

test('other batch sizes agree to rounding', () => {
  const size = side * side * 3;
  const pixels = signed(50 * size, 9);
  const targets = Int32Array.from({ length: 50 }, (_, index) => index % form.classes);
  const whole = gradients(pixels, targets, 'none');
  const errors = [0, 7, 20, 33, 49].map((image) => {
    const range = [image * size, (image + 1) * size] as const;
    const alone = gradients(pixels.slice(...range), targets.slice(image, image + 1), 'none');
    return relativeError(alone, whole.subarray(...range));
  });
  errors.sort((a, b) => a - b);
  expect(errors[2]).toBeLessThan(2e-6);
});

test('the same seed and steps give the same bytes, and a file gives them back', async () => {
  const { tf, kernels } = runtime;
  const bytes = await encodeModel(model);
  const before = tf.memory().numTensors;
  const again = fresh(3);
  train(again, 1);
  expect(Buffer.compare(await encodeModel(again), bytes)).toBe(0);
  again.dispose();
  const read = decodeModel(kernels, bytes, { file: 'model' });
  expect(read.inputShape).toEqual(form.inputShape);
  expect(read.classes).toBe(form.classes);
  expect(Buffer.compare(await encodeModel(read), bytes)).toBe(0);
  const { x, y } = inputs();
  expect(taken(read.logits(x))).toEqual(taken(model.logits(x)));
  read.dispose();
  tf.dispose([x, y]);
  expect(tf.memory().numTensors).toBe(before);
});

describe('a file', () => {
  test('has torchvision’s names and shapes', async () => {
    const { tensors, metadata } = decodeSafetensors(await encodeModel(model), 'model');
    expect(tensors.size).toBe(122);
    const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
    expect(shapes).toMatchObject({
      'conv1.weight': [64, 3, 7, 7],
      'bn1.weight': [64],
      'bn1.bias': [64],
      'bn1.running_mean': [64],
      'bn1.running_var': [64],
      'bn1.num_batches_tracked': [],
      'layer1.1.conv2.weight': [64, 64, 3, 3],
      'layer2.0.downsample.0.weight': [128, 64, 1, 1],
      'layer2.0.downsample.1.running_var': [128],
      'layer4.0.conv1.weight': [512, 256, 3, 3],
      'layer4.1.bn2.bias': [512],
      'fc.weight': [5, 512],
      'fc.bias': [5],
    });
    const batches = tensors.get('bn1.num_batches_tracked');
    expect([batches?.type, ...(batches?.data ?? [])]).toEqual(['I64', 1]);
    expect(metadata).toEqual({
      architecture: 'resnet18',
      input: '{"mean":[0,0,0],"std":[1,1,1]}',
      size: '[32,32]',
    });
  });

  test('saved in PyTorch needs the images’ size; the rest is in its weights', async () => {
    const { kernels } = runtime;
    const { tensors } = decodeSafetensors(await encodeModel(model), 'model');
    const plain = encodeSafetensors({ tensors, metadata: { format: 'pt' } });
    const options = { file: 'net', architecture: 'resnet18' } as const;
    expect(() => decodeModel(kernels, plain, options)).toThrow('how large its images are');
    const read = decodeModel(kernels, plain, { ...options, size: [64, 48] });
    expect(read.inputShape).toEqual([64, 48, 3]);
    expect(read.classes).toBe(5);
    expect(read.input).toEqual({ mean: [0, 0, 0], std: [1, 1, 1] });
    read.dispose();
  });

  test('with a negative variance is refused', async () => {
    const file = decodeSafetensors(await encodeModel(model), 'model');
    const tensors = new Map(file.tensors);
    tensors.set('bn1.running_var', { shape: [64], data: new Float32Array(64).fill(-1) });
    const bytes = encodeSafetensors({ ...file, tensors });
    const before = runtime.tf.memory().numTensors;
    expect(() => decodeModel(runtime.kernels, bytes, { file: 'net' })).toThrow(
      'has a value in bn1.running_var that is below 0',
    );
    expect(runtime.tf.memory().numTensors).toBe(before);
  });
});

test('every public call leaves the tensors that it returns and no other', () => {
  const { tf } = runtime;
  const { x, y } = inputs(2);
  const before = tf.memory().numTensors;
  const logits = model.logits(x);
  expect(tf.memory().numTensors).toBe(before + 1);
  const result = model.inputGradient(x, y, { score: 'probability', gate: 'all-activations' });
  expect(tf.memory().numTensors).toBe(before + 4);
  tf.dispose([logits, ...Object.values(result)]);
  const wrong = tensor4d(runtime, signed(side * side, 1), [1, side, side, 1]);
  expect(() => model.inputGradient(wrong, y, { score: 'logit', gate: 'none' })).toThrow();
  expect(tf.memory().numTensors).toBe(before + 1);
  tf.dispose([x, y, wrong]);
});

test('the initialisation is torchvision’s', async () => {
  const made = fresh(5);
  for (const parameter of made.parameters()) {
    const { name, torchShape } = parameter.layout;
    const values = await parameter.read();
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    if (torchShape.length === 4) {
      const [outputs = 1, , height = 1, width = 1] = torchShape;
      expect(square * ((outputs * height * width) / 2), name).toBeCloseTo(1, 1);
      expect(Math.abs(mean) / Math.sqrt(square), name).toBeLessThan(0.05);
    } else if (name.startsWith('fc.')) {
      expect(values.every((value) => Math.abs(value) <= 1 / Math.sqrt(512) + 1e-8)).toBe(true);
      if (values.length > 200) expect(square * 512).toBeCloseTo(1 / 3, 1);
    } else {
      const expected = name.endsWith('weight') ? 1 : 0;
      expect(
        values.every((value) => value === expected),
        name,
      ).toBe(true);
    }
  }
  for (const buffer of made.buffers()) {
    const expected = buffer.name.endsWith('running_var') ? 1 : 0;
    expect(
      (await buffer.read()).every((value) => value === expected),
      buffer.name,
    ).toBe(true);
  }
  made.dispose();
});

/** A convolution and its batch normalisation, apart and folded into one, with the same values. */
describe('batch normalisation folded into its convolution', () => {
  const sizes = { inputs: 3, outputs: 8, kernel: 3, stride: 2, padding: 1 };
  const write = (layer: Layer, salt: number) => {
    layer.parameters.forEach((parameter, index) => {
      const size = parameter.layout.shape.reduce((product, length) => product * length, 1);
      parameter.write(signed(size, salt + index));
    });
  };
  function pair(): { apart: Layer[]; folded: NormalisedConvolution } {
    const { kernels } = runtime;
    const convolution = new Conv2d(kernels, 'conv', { ...sizes, bias: false });
    const norm = new BatchNorm(kernels, 'norm', 8);
    const folded = new NormalisedConvolution(kernels, {
      convolution: new Conv2d(kernels, 'conv', { ...sizes, bias: false }),
      norm: new BatchNorm(kernels, 'norm', 8),
      activation: null,
    });
    write(folded, 1);
    write(convolution, 1);
    write(norm, 2);
    for (const layer of [norm, folded]) {
      const [mean, variance] = layer.buffers;
      mean?.write(signed(8, 8));
      variance?.write(signed(8, 9).map((value) => value + 1.5));
    }
    return { apart: [convolution, norm], folded };
  }
  function through(layers: readonly Layer[], pixels: Float32Array) {
    const pass = new Pass('input-gradient');
    const x: Tensor = tensor4d(runtime, pixels, [2, 8, 8, 3]);
    const output = layers.reduce((current, layer) => layer.forward(current, pass), x);
    const values = output.dataSync() as Float32Array;
    const back = layers.reduceRight<Tensor | null>(
      (signal, layer) => signal && layer.backward(signal, pass, true),
      output,
    );
    if (!back) throw new RangeError('no gradient');
    return { values, gradient: taken(back) };
  }

  test('has the same values and input gradients, also after the parameters moved', () => {
    const { apart, folded } = pair();
    const pixels = signed(2 * 8 * 8 * 3, 4);
    for (const salt of [0, 50]) {
      if (salt > 0) {
        write(folded, salt);
        apart.forEach((layer, index) => write(layer, salt + index));
        for (const layer of [apart[1], folded])
          layer?.buffers?.[1]?.write(new Float32Array(8).fill(3));
      }
      const one = through(apart, pixels);
      const other = through([folded], pixels);
      expect(relativeError(other.values, one.values)).toBeLessThan(1e-6);
      expect(relativeError(other.gradient, one.gradient)).toBeLessThan(1e-6);
    }
    for (const layer of [...apart, folded]) {
      for (const state of [...layer.parameters, ...(layer.buffers ?? [])]) state.dispose();
      layer.dispose?.();
    }
  });
});

/** What results of earlier versions were made with: another order of sums would be mixed with it unsaid. */
test('an addition to sums of oblong images that have no transforms is TensorFlow’s, to the bit', () => {
  const { tf, kernels } = runtime;
  const [channels, options] = [64, { stride: 1, padding: 1 }];
  const sizes = { inputs: channels, outputs: channels, kernel: 3, bias: false, ...options };
  const convolution = new Conv2d(kernels, 'conv', sizes);
  convolution.parameters[0]?.write(signed(9 * channels * channels, 1));
  const norm = new BatchNorm(kernels, 'norm', channels);
  norm.parameters.forEach((parameter, index) => parameter.write(signed(channels, 4 + index)));
  const layer = new NormalisedConvolution(kernels, { convolution, norm, activation: null });
  for (const [height, width] of [
    [2, 1],
    [1, 3],
    [2, 7],
  ] as const) {
    const shape: [number, number, number, number] = [2, height, width, channels];
    const [x, addend] = [2, 3].map((salt) =>
      tensor4d(runtime, signed(2 * height * width * channels, salt), shape),
    ) as [Tensor4D, Tensor4D];
    const expected = tf.tidy(() => {
      const { factor, shift } = norm.affine();
      const filter = kernels.multiply(convolution.filter, factor);
      return kernels.add(kernels.conv2d(x, filter, options, shift), addend);
    });
    const found = layer.forward(x, new Pass('scores'), addend);
    expect(taken(found)).toEqual(taken(expected));
  }
  for (const state of [...layer.parameters, ...layer.buffers]) state.dispose();
  layer.dispose();
});

test('a batch of one value per channel leaves the running statistics as they are', async () => {
  const { tf, kernels } = runtime;
  const norm = new BatchNorm(kernels, 'norm', 4);
  const pass = new Pass('training');
  const output = norm.forward(tensor4d(runtime, signed(4, 1), [1, 1, 1, 4]), pass);
  tf.dispose([output, norm.backward(tf.onesLike(output), pass)]);
  tf.dispose([...pass.gradients.values()]);
  const [mean, variance, batches] = norm.buffers;
  expect([...(await mean.read())]).toEqual([0, 0, 0, 0]);
  expect([...(await variance.read())]).toEqual([1, 1, 1, 1]);
  expect([...(await batches.read())]).toEqual([1]);
  for (const state of [...norm.parameters, ...norm.buffers]) state.dispose();
});

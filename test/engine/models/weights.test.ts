import { beforeAll, describe, expect, test } from 'vitest';
import { initialise } from '../../../src/engine/models/initialise';
import { normalise } from '../../../src/engine/models/inputs';
import { permute } from '../../../src/engine/models/permute';
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
} from '../../../src/engine/models/safetensors';
import { decodeOptimiser, encodeModel } from '../../../src/engine/models/weights';
import type { Runtime } from '../../../src/engine/runtime/load';
import { createModel, decodeModel, networks } from '../networks';
import { taken, tensor4d, testRuntime, uniform } from '../support';

let runtime: Runtime;
let bytes: Uint8Array;
beforeAll(async () => {
  runtime = await testRuntime();
  const model = createModel(runtime.kernels, 'mnist-cnn', { mean: [0.1307], std: [0.3081] });
  initialise(runtime.kernels, model, 4);
  bytes = await encodeModel(model);
  model.dispose();
});

/** The file with its tensors or metadata changed. */
function changed(
  change: (tensors: Map<string, NamedTensor>, metadata: Record<string, string>) => void,
): Uint8Array {
  const file = decodeSafetensors(bytes, 'model');
  const tensors = new Map(file.tensors);
  const metadata = { ...file.metadata };
  change(tensors, metadata);
  return encodeSafetensors({ tensors, metadata });
}

test('the file has the names and shapes that PyTorch’s load_state_dict takes', () => {
  const { tensors, metadata } = decodeSafetensors(bytes, 'model');
  expect(Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))).toEqual({
    'conv1.weight': [32, 1, 3, 3],
    'conv1.bias': [32],
    'conv2.weight': [64, 32, 3, 3],
    'conv2.bias': [64],
    'linear1.weight': [128, 3136],
    'linear1.bias': [128],
    'linear2.weight': [10, 128],
    'linear2.bias': [10],
  });
  expect(metadata).toEqual({
    architecture: 'mnist-cnn',
    input: '{"mean":[0.1307],"std":[0.3081]}',
  });
});

test('round trip: the same bytes, normalisation and scores', async () => {
  const before = runtime.tf.memory().numTensors;
  const model = decodeModel(runtime.kernels, bytes, { file: 'model' });
  expect(model.input).toEqual({ mean: [0.1307], std: [0.3081] });
  expect(await encodeModel(model)).toEqual(bytes);
  const x = tensor4d(runtime, uniform(784 * 2, 1), [2, 28, 28, 1]);
  expect(taken(model.logits(x)).some((value) => value !== 0)).toBe(true);
  x.dispose();
  model.dispose();
  expect(runtime.tf.memory().numTensors).toBe(before);
});

test('a file saved in PyTorch needs its architecture named', () => {
  const plain = changed((_, metadata) => {
    delete metadata['architecture'];
    delete metadata['input'];
    metadata['format'] = 'pt';
  });
  expect(() => decodeModel(runtime.kernels, plain, { file: 'net' })).toThrow('names none');
  const model = decodeModel(runtime.kernels, plain, { file: 'net', architecture: 'mnist-cnn' });
  expect(model.input).toEqual({ mean: [0], std: [1] });
  model.dispose();
  const input = { mean: [0.5], std: [0.25] };
  const stated = decodeModel(runtime.kernels, plain, {
    file: 'net',
    architecture: 'mnist-cnn',
    input,
  });
  expect(stated.input).toEqual(input);
  stated.dispose();
});

test('mnist-cnn’s weights tell the side of square images, and their file says other sizes', async () => {
  const { kernels } = runtime;
  const through = async (inputShape: [number, number, number], classes: number) => {
    const input = { mean: new Array<number>(inputShape[2]).fill(0.5), std: [] };
    const form = { inputShape, classes, options: {} };
    const model = networks.create(kernels, 'mnist-cnn', form, { ...input, std: input.mean });
    const bytes = await encodeModel(model);
    model.dispose();
    const read = decodeModel(kernels, bytes, { file: 'model' });
    const found = { inputShape: read.inputShape, classes: read.classes };
    read.dispose();
    expect(found).toEqual({ inputShape, classes });
    return decodeSafetensors(bytes, 'model').metadata['size'];
  };
  expect(await through([28, 28, 1], 10)).toBeUndefined();
  expect(await through([64, 64, 3], 5)).toBeUndefined();
  expect(await through([20, 32, 3], 2)).toBe('[20,32]');
});

describe('a file is refused', () => {
  const zeros = (...shape: number[]): NamedTensor => ({
    shape,
    data: new Float32Array(shape.reduce((product, side) => product * side, 1)),
  });
  test.each<[string, Parameters<typeof changed>[0], string]>([
    ['that lacks a tensor', (t) => t.delete('conv2.bias'), 'lacks conv2.bias'],
    ['with one too many', (t) => t.set('fc.weight', zeros(1)), 'mnist-cnn lacks: fc.weight'],
    [
      'with another shape',
      (t) => t.set('conv1.weight', zeros(32, 1, 5, 5)),
      'conv1.weight of shape [32, 1, 5, 5], not [32, 1, 3, 3]',
    ],
    [
      'with a value that is no number',
      (t) => t.set('conv1.bias', { shape: [32], data: new Float32Array(32).fill(NaN) }),
      'conv1.bias that is not a finite number',
    ],
    ['of an unknown architecture', (_, m) => (m['architecture'] = 'vgg'), 'names vgg'],
    ['with unreadable normalisation', (_, m) => (m['input'] = '{}'), "metadata 'input'"],
    ['that divides by 0', (_, m) => (m['input'] = '{"mean":[0],"std":[0]}'), "metadata 'input'"],
    [
      'with normalisation of three channels',
      (_, m) => (m['input'] = '{"mean":[0,0,0],"std":[1,1,1]}'),
      'normalises 3 channels; the model has 1',
    ],
  ])('%s', (_, change, why) => {
    const before = runtime.tf.memory().numTensors;
    const file = changed((tensors, metadata) => void change(tensors, metadata));
    expect(() => decodeModel(runtime.kernels, file, { file: 'model' })).toThrow(why);
    expect(runtime.tf.memory().numTensors).toBe(before);
  });

  test('that is a model where an optimiser’s state is wanted', () => {
    expect(() => decodeOptimiser(bytes, 'optimiser')).toThrow("not an optimiser's state");
  });
});

test('permute is NumPy’s transpose', () => {
  const values = Float32Array.from({ length: 6 }, (_, i) => i);
  expect([...permute(values, [2, 3], [1, 0])]).toEqual([0, 3, 1, 4, 2, 5]);
  expect([...permute(values, [1, 2, 3], [2, 0, 1])]).toEqual([0, 3, 1, 4, 2, 5]);
  expect([...permute(values, [6], [0])]).toEqual([0, 1, 2, 3, 4, 5]);
});

test('normalise subtracts and divides by channel', () => {
  const pixels = Float32Array.of(0.5, 1, 0.25, 0);
  const result = normalise(pixels, { mean: [0.5, 0], std: [0.5, 2] });
  expect([...result]).toEqual([0, 0.5, -0.5, 0]);
});

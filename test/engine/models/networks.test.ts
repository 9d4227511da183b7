import { beforeAll, describe, expect, it } from 'vitest';
import { createOptimiser } from '../../../src/engine/models/create-optimiser';
import { initialise } from '../../../src/engine/models/initialise';
import { encodeModel, encodeOptimiser } from '../../../src/engine/models/weights';
import type { Runtime } from '../../../src/engine/runtime/load';
import { type NetworkDescriptor, type NetworkForm } from '../../../src/shared/catalogue/network';
import {
  headTensors,
  optimiserBytes,
  parameterCount,
  stateTensors,
  weightsBytes,
} from '../../../src/shared/catalogue/network-size';
import {
  builtInNetworks,
  mnistCnn,
  resnet18,
  resnet34,
  resnet50,
  vgg11,
  vgg11Bn,
  vgg16,
  vgg16Bn,
} from '../../../src/shared/catalogue/networks';
import { networks } from '../networks';
import { int1d, tensor4d, testRuntime, uniform } from '../support';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await testRuntime();
});

interface Case {
  readonly network: NetworkDescriptor;
  readonly form: NetworkForm;
}

const cases: readonly Case[] = [
  { network: mnistCnn, form: { inputShape: [28, 28, 1], classes: 10, options: {} } },
  { network: resnet18, form: { inputShape: [32, 32, 3], classes: 10, options: {} } },
  {
    network: resnet18,
    form: { inputShape: [64, 64, 3], classes: 200, options: { stem: 'small' } },
  },
  {
    network: resnet18,
    form: { inputShape: [28, 28, 1], classes: 2, options: { stem: 'small' } },
  },
  { network: mnistCnn, form: { inputShape: [20, 32, 3], classes: 3, options: {} } },
  { network: resnet34, form: { inputShape: [33, 40, 3], classes: 5, options: {} } },
  { network: resnet50, form: { inputShape: [32, 32, 1], classes: 5, options: {} } },
];

/** Too large for their weights to be written again and again: torch-networks.test.ts builds some. */
const large: readonly NetworkDescriptor[] = [vgg11, vgg11Bn, vgg16, vgg16Bn];

it('has a descriptor and a builder of each network, and cases of all', () => {
  const ids = builtInNetworks.map(({ id }) => id);
  expect(networks.ids).toEqual(ids);
  const built = [
    ...new Set([...cases.map(({ network }) => network.id), ...large.map(({ id }) => id)]),
  ];
  expect(built).toEqual(ids);
});

describe.each(cases)('$network.id of $form', ({ network, form }) => {
  const create = () => networks.create(runtime.kernels, network.id, form);

  it('has the tensors of its definition', () => {
    const model = create();
    const own = [
      ...model.parameters().map(({ name, layout }) => [name, layout.torchShape, 'F32', true]),
      ...model.buffers().map(({ name, shape: of, type }) => [name, of, type, false]),
    ];
    const last = new Set(model.lastParameters().map(({ name }) => name));
    model.dispose();
    const stated = stateTensors(network, form).map((tensor) => [
      ...[tensor.name, tensor.shape, tensor.type, tensor.trained],
    ]);
    const byName = (a: unknown[], b: unknown[]) => String(a[0]).localeCompare(String(b[0]));
    expect(stated.sort(byName)).toEqual(own.sort(byName));
    expect(last).toEqual(headTensors(network, form));
  });

  // The larger ones add nothing but seconds.
  const isSmall = parameterCount(network, form) < 20e6;
  if (isSmall)
    it('takes the disk that is forecast for it and its optimisers', async () => {
      const model = create();
      const close = (forecast: number, real: number) => {
        // All values, and a header of less than a thousandth.
        expect(real).toBeGreaterThanOrEqual(forecast);
        expect(real).toBeLessThan(forecast * 1.001);
      };
      close(weightsBytes(network, form), (await encodeModel(model)).length);
      for (const settings of [
        { kind: 'adam' as const },
        { kind: 'sgd' as const, momentum: 0.9, weightDecay: 0 },
        { kind: 'sgd' as const, momentum: 0, weightDecay: 0 },
      ]) {
        const optimiser = createOptimiser(runtime.kernels, model.parameters(), {
          ...settings,
          learningRate: 0.1,
        });
        const real = (await encodeOptimiser(model, optimiser)).length;
        optimiser.dispose();
        close(optimiserBytes(network, form, { optimiser: settings.kind }), real);
      }
      model.dispose();
    });

  it('gives activations that keep places of the layers that it offers', () => {
    const model = create();
    initialise(runtime.kernels, model, 1);
    const [height, width, channels] = form.inputShape;
    const { tf } = runtime;
    const before = tf.memory().numTensors;
    const x = tensor4d(runtime, uniform(height * width * channels, 1), [1, ...form.inputShape]);
    const targets = int1d(runtime, [1]);
    for (const name of model.featureLayers) {
      const result = model.activationsAndGradients(x, targets, name);
      expect(result.activations.shape).toHaveLength(4);
      expect(result.gradients.shape).toEqual(result.activations.shape);
      tf.dispose(Object.values(result));
    }
    tf.dispose([x, targets]);
    expect(tf.memory().numTensors).toBe(before);
    expect(model.featureLayers).toEqual(network.layers.map(({ name }) => name));
    model.dispose();
  });
});

it.each(large)('$id has the tensors of its definition', (network) => {
  const form: NetworkForm = { inputShape: [32, 40, 3], classes: 7, options: {} };
  const { tf } = runtime;
  const before = tf.memory().numTensors;
  const model = networks.create(runtime.kernels, network.id, form);
  const own = [
    ...model.parameters().map(({ name, layout }) => [name, layout.torchShape, 'F32', true]),
    ...model.buffers().map(({ name, shape: of, type }) => [name, of, type, false]),
  ];
  const layers = network.layers.map(({ name }) => name);
  expect(model.featureLayers).toEqual(layers);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
  const stated = stateTensors(network, form).map((tensor) => [
    ...[tensor.name, tensor.shape, tensor.type, tensor.trained],
  ]);
  const byName = (a: unknown[], b: unknown[]) => String(a[0]).localeCompare(String(b[0]));
  expect(stated.sort(byName)).toEqual(own.sort(byName));
});

it('counts torchvision’s resnet18 as torchvision does, and the paper’s network by hand', () => {
  const form: NetworkForm = { inputShape: [224, 224, 3], classes: 1000, options: {} };
  expect(parameterCount(resnet18, form)).toBe(11_689_512);
  // And its buffers: two running statistics for each of 4,800 channels, 20 counts of batches.
  expect(weightsBytes(resnet18, form)).toBe(4 * (11_689_512 + 2 * 4800) + 20 * 8);
  const paper: NetworkForm = { inputShape: [28, 28, 1], classes: 10, options: {} };
  expect(parameterCount(mnistCnn, paper)).toBe(421_642);
});

it('refuses a network that is not there, and a form that it does not take', () => {
  const { kernels } = runtime;
  const form: NetworkForm = { inputShape: [32, 32, 3], classes: 10, options: {} };
  expect(() => networks.create(kernels, 'vgg', form)).toThrow(
    'architecture is "vgg"; accepted: mnist-cnn, resnet18, ',
  );
  const odd = { ...form, inputShape: [30, 32, 3] } as const;
  expect(() => networks.create(kernels, mnistCnn.id, odd)).toThrow(
    'accepted: images of 4 to 512 x 4 to 512 pixels in steps of 4 and 1 or 3 channels, and 2 to',
  );
});

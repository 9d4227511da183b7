import { expect, it } from 'vitest';
import { initialise } from '../../../src/engine/models/initialise';
import { Activation } from '../../../src/engine/models/layers/activation';
import { BatchNorm } from '../../../src/engine/models/layers/batch-norm';
import { Conv2d } from '../../../src/engine/models/layers/conv2d';
import { Flatten } from '../../../src/engine/models/layers/flatten';
import { Linear } from '../../../src/engine/models/layers/linear';
import { type Model } from '../../../src/engine/models/model';
import { Network } from '../../../src/engine/models/network';
import { randomised, type RandomisedOptions } from '../../../src/engine/models/randomised';
import { layersFromLogits } from '../../../src/shared/catalogue/network-layers';
import { createModel, networks } from '../networks';
import { testRuntime, uniform } from '../support';

const runtime = await testRuntime();
const { kernels } = runtime;

async function stateOf(model: Model): Promise<Map<string, Float32Array>> {
  const states = [...model.parameters(), ...model.buffers()];
  return new Map(
    await Promise.all(
      states.map(async (state) => [state.name, (await state.read()).slice()] as const),
    ),
  );
}

/** From the logits: two that learn, one with batch normalisation, whose statistics are not new ones. */
const layers = [
  { name: 'fc', tensors: ['fc.weight', 'fc.bias'] },
  {
    name: 'conv1',
    tensors: [
      'conv1.weight',
      ...['bn1.weight', 'bn1.bias', 'bn1.running_mean', 'bn1.running_var'],
      'bn1.num_batches_tracked',
    ],
  },
];

function trained(): Model {
  const sizes = { inputs: 2, outputs: 6, kernel: 3, stride: 1, padding: 1, bias: false };
  const initialisation = { kind: 'normal', deviation: 0.2 } as const;
  const chain = [
    new Conv2d(kernels, 'conv1', { ...sizes, initialisation }),
    new BatchNorm(kernels, 'bn1', 6),
    new Activation(kernels, 'relu', 'relu'),
    new Flatten('flatten'),
    new Linear(kernels, 'fc', { inputs: [4, 4, 6], outputs: 3 }),
  ];
  const model = new Network(
    kernels,
    { architecture: 'small', inputShape: [4, 4, 2], classes: 3, layers: chain },
    { mean: [0, 0], std: [1, 1] },
  );
  initialise(kernels, model, 1);
  for (const state of [...model.parameters(), ...model.buffers()]) {
    const { shape } = 'shape' in state ? state : state.layout;
    const count = shape.reduce((product, side) => product * side, 1);
    state.write(uniform(count, 7).map((value) => value + 0.5));
  }
  return model;
}

/** Names of the tensors that changed, after each layer. */
async function changesOf(model: Model, mode: RandomisedOptions['mode'], seed = 3) {
  const before = await stateOf(model);
  const after: { readonly layer: string; readonly changed: Map<string, Float32Array> }[] = [];
  for await (const layer of randomised(kernels, model, { layers, mode, seed })) {
    const changed = [...(await stateOf(model))].filter(
      ([name, values]) => before.get(name)?.some((value, i) => value !== values[i]) ?? true,
    );
    after.push({ layer: layer.name, changed: new Map(changed) });
  }
  expect(await stateOf(model)).toEqual(before);
  return after;
}

it('draws layer by layer anew, and leaves the model to the bit as it was', async () => {
  const model = trained();
  const tensors = runtime.tf.memory().numTensors;
  const cascade = await changesOf(model, 'cascade');
  const alone = await changesOf(model, 'independent');
  expect(cascade.map(({ layer }) => layer)).toEqual(layers.map(({ name }) => name));
  layers.forEach(({ tensors: own }, i) => {
    const through = layers.slice(0, i + 1).flatMap((layer) => layer.tensors);
    expect([...(cascade[i]?.changed.keys() ?? [])].toSorted()).toEqual(through.toSorted());
    expect([...(alone[i]?.changed.keys() ?? [])].toSorted()).toEqual(own.toSorted());
    // The same draws, alone and with all above.
    for (const name of own) {
      expect(alone[i]?.changed.get(name)).toEqual(cascade[i]?.changed.get(name));
    }
  });
  const all = cascade.at(-1)?.changed;
  const values = (name: string) => new Set(all?.get(name));
  expect(values('bn1.weight')).toEqual(new Set([1]));
  expect(values('bn1.bias')).toEqual(new Set([0]));
  expect(values('bn1.running_mean')).toEqual(new Set([0]));
  expect(values('bn1.running_var')).toEqual(new Set([1]));
  // By the layer’s own rule.
  const filter = [...(all?.get('conv1.weight') ?? [])];
  const deviation = Math.sqrt(filter.reduce((sum, w) => sum + w * w, 0) / filter.length);
  expect(Math.abs(deviation / 0.2 - 1)).toBeLessThan(0.2);
  expect(runtime.tf.memory().numTensors).toBe(tensors);
  model.dispose();
});

it('draws for the seed, and otherwise than a training begins', async () => {
  const model = createModel(kernels, 'mnist-cnn');
  initialise(kernels, model, 3);
  const begun = await stateOf(model);
  const { descriptor } = networks.get('mnist-cnn');
  const own = layersFromLogits(descriptor, { inputShape: [28, 28, 1], classes: 10, options: {} });
  const logits = async (seed: number) => {
    const options = { layers: own, mode: 'cascade', seed } as const;
    for await (const layer of randomised(kernels, model, options)) {
      return { layer, weight: (await stateOf(model)).get('linear2.weight') };
    }
    throw new RangeError('no layer');
  };
  const three = await logits(3);
  expect(three.layer.name).toBe('linear2');
  expect((await logits(3)).weight).toEqual(three.weight);
  expect((await logits(4)).weight).not.toEqual(three.weight);
  expect(three.weight).not.toEqual(begun.get('linear2.weight'));
  // A loop that ended early has put everything back, too.
  expect(await stateOf(model)).toEqual(begun);
  model.dispose();
});

import { expect, it } from 'vitest';
import { type NetworkDescriptor } from '../../src/shared/catalogue/network';
import { layersFromLogits } from '../../src/shared/catalogue/network-layers';
import { builtInNetworks } from '../../src/shared/catalogue/networks';
import { valueAt } from '../../src/shared/checked-reads';

const form = { inputShape: [32, 32, 3], classes: 10, options: {} } as const;
const of = (id: string) => {
  const descriptor = valueAt(
    builtInNetworks,
    builtInNetworks.findIndex((network) => network.id === id),
  );
  return layersFromLogits(descriptor, form);
};
const names = (id: string) => of(id).map(({ name }) => name);

it('a network’s layers run from the logits to the image, blocks whole', () => {
  expect(names('mnist-cnn')).toEqual(['linear2', 'linear1', 'conv2', 'conv1']);
  expect(names('resnet18')).toEqual([
    'fc',
    ...['layer4.1', 'layer4.0', 'layer3.1', 'layer3.0'],
    ...['layer2.1', 'layer2.0', 'layer1.1', 'layer1.0'],
    'conv1',
  ]);
  expect(names('resnet50')).toHaveLength(18);
  expect(names('vgg11').slice(0, 4)).toEqual([
    'classifier.6',
    'classifier.3',
    'classifier.0',
    'features.18',
  ]);
});

it('batch normalisation goes with the layer that it follows, buffers too', () => {
  const [stem] = of('resnet18').slice(-1);
  expect(stem?.tensors).toEqual([
    'conv1.weight',
    ...['bn1.weight', 'bn1.bias', 'bn1.running_mean', 'bn1.running_var', 'bn1.num_batches_tracked'],
  ]);
  expect(names('vgg11_bn')).toHaveLength(names('vgg11').length);
});

it.each(builtInNetworks.map((network): [string, NetworkDescriptor] => [network.id, network]))(
  'every tensor of %s is in one layer',
  (id, descriptor) => {
    const all = of(id).flatMap(({ tensors }) => tensors);
    const options = Object.fromEntries(descriptor.options.map((one) => [one.id, one.default]));
    const known = descriptor.tensors({ ...form, options }).map(({ name }) => name);
    expect(all.toSorted()).toEqual(known.toSorted());
  },
);

import { Activation } from '../../../../src/engine/models/layers/activation';
import { Conv2d } from '../../../../src/engine/models/layers/conv2d';
import { Flatten } from '../../../../src/engine/models/layers/flatten';
import { Linear } from '../../../../src/engine/models/layers/linear';
import { MaxPool } from '../../../../src/engine/models/layers/max-pool';
import { type NetworkBuilder } from '../../../../src/engine/models/networks/network-builder';
import { Networks } from '../../../../src/engine/models/networks/networks';
import { mnistCnn } from '../../../../src/shared/catalogue/networks';
import { type StateTensor } from '../../../../src/shared/catalogue/network';

const shapes: readonly [string, readonly number[]][] = [
  ['conv1.weight', [4, 1, 3, 3]],
  ['conv1.bias', [4]],
  ['conv2.weight', [6, 4, 3, 3]],
  ['conv2.bias', [6]],
  ['linear1.weight', [8, 54]],
  ['linear1.bias', [8]],
  ['linear2.weight', [3, 8]],
  ['linear2.bias', [3]],
];
const tensors: readonly StateTensor[] = shapes.map(([name, shape]) => {
  return { name, shape, type: 'F32', trained: true };
});
const side = { min: 12, max: 12 };
const convolution = { kernel: 3, stride: 1, padding: 1 };

/** The network of `test/fixtures/own-weights`: mnist-cnn's names in small, for images of 12 x 12. */
const tiny: NetworkBuilder = {
  descriptor: {
    ...mnistCnn,
    id: 'tiny',
    input: {
      height: side,
      width: side,
      channels: { min: 1, max: 1 },
      classes: { min: 3, max: 3 },
    },
    options: [],
    tensors: () => [...tensors],
  },
  layers: (kernels) => [
    new Conv2d(kernels, 'conv1', { inputs: 1, outputs: 4, ...convolution }),
    new Activation(kernels, 'selu1', 'selu'),
    new MaxPool(kernels, 'pool1'),
    new Conv2d(kernels, 'conv2', { inputs: 4, outputs: 6, ...convolution }),
    new Activation(kernels, 'selu2', 'selu'),
    new MaxPool(kernels, 'pool2'),
    new Flatten('flatten'),
    new Linear(kernels, 'linear1', { inputs: [3, 3, 6], outputs: 8 }),
    new Activation(kernels, 'selu3', 'selu'),
    new Linear(kernels, 'linear2', { inputs: [8], outputs: 3 }),
  ],
  formOf: () => ({ inputShape: [12, 12, 1], classes: 3, options: {} }),
};

export const tinyNetworks = new Networks([tiny]);

import { type NetworkForm, takes } from '../../../shared/catalogue/network';
import { mnistCnn as descriptor } from '../../../shared/catalogue/networks';
import type { Kernels } from '../../runtime/kernels';
import { Activation } from '../layers/activation';
import { Conv2d } from '../layers/conv2d';
import { Dropout } from '../layers/dropout';
import { Flatten } from '../layers/flatten';
import { Linear } from '../layers/linear';
import { MaxPool } from '../layers/max-pool';
import { ownProducts } from '../rewrites/own-products';
import { pooledConvolution } from '../rewrites/pooled-convolution';
import type { NetworkBuilder } from './network-builder';

const convolution = { kernel: 3, stride: 1, padding: 1 } as const;

/**
 * The paper's MNIST network (Fig. 1): 3x3 convolution to 32, SELU, pool, 3x3 convolution to 64,
 * SELU, pool, 128 units, SELU, dropout 0.5, the classes; softmax is the score's business. Weights,
 * names and layouts are PyTorch's. The paper's images are of 28x28, gray, and of 10 classes.
 */
export const mnistCnn: NetworkBuilder = {
  descriptor,
  layers: (kernels: Kernels, { inputShape: [height, width, channels], classes }) => [
    new Conv2d(kernels, 'conv1', { inputs: channels, outputs: 32, ...convolution }),
    new Activation(kernels, 'selu1', 'selu'),
    new MaxPool(kernels, 'pool1'),
    new Conv2d(kernels, 'conv2', { inputs: 32, outputs: 64, ...convolution }),
    new Activation(kernels, 'selu2', 'selu'),
    new MaxPool(kernels, 'pool2'),
    new Flatten('flatten'),
    new Linear(kernels, 'linear1', { inputs: [height / 4, width / 4, 64], outputs: 128 }),
    new Activation(kernels, 'selu3', 'selu'),
    new Dropout(kernels, 'dropout', 0.5),
    new Linear(kernels, 'linear2', { inputs: [128], outputs: classes }),
  ],
  rewrites: [pooledConvolution, ownProducts],
  formOf(shapes, size) {
    const [, channels] = shapes.get('conv1.weight')?.shape ?? [];
    const [, features = 0] = shapes.get('linear1.weight')?.shape ?? [];
    const [classes = 0] = shapes.get('linear2.weight')?.shape ?? [];
    const side = 4 * Math.sqrt(features / 64);
    const [height, width] = size ?? [side, side];
    const form = {
      inputShape: [height, width, channels === 3 ? 3 : 1],
      classes: Math.max(2, classes),
      options: {},
    } satisfies NetworkForm;
    return takes(descriptor, form) ? form : { ...form, inputShape: [28, 28, 1] };
  },
  // From 2 on products are summed in short chains (ConvolutionEnding.shortSums), and the convolutions are
  // our own, in training too.
  arithmetic: { scores: 2, training: 2 },
};

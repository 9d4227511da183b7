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
 * SELU, pool, 128 units, SELU, dropout 0.5, 10 classes; softmax is the score's business. Weights,
 * names and layouts are PyTorch's.
 */
export const mnistCnn: NetworkBuilder = {
  descriptor,
  layers: (kernels: Kernels) => [
    new Conv2d(kernels, 'conv1', { inputs: 1, outputs: 32, ...convolution }),
    new Activation(kernels, 'selu1', 'selu'),
    new MaxPool(kernels, 'pool1'),
    new Conv2d(kernels, 'conv2', { inputs: 32, outputs: 64, ...convolution }),
    new Activation(kernels, 'selu2', 'selu'),
    new MaxPool(kernels, 'pool2'),
    new Flatten('flatten'),
    new Linear(kernels, 'linear1', { inputs: [7, 7, 64], outputs: 128 }),
    new Activation(kernels, 'selu3', 'selu'),
    new Dropout(kernels, 'dropout', 0.5),
    new Linear(kernels, 'linear2', { inputs: [128], outputs: 10 }),
  ],
  rewrites: [pooledConvolution, ownProducts],
  formOf: () => ({ inputShape: [28, 28, 1], classes: 10, options: {} }),
  // From 2 on products are summed in short chains (ConvolutionEnding.shortSums), and the convolutions are
  // our own, in training too.
  arithmetic: { scores: 2, training: 2 },
};

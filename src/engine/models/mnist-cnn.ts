import type { Kernels } from '../runtime/kernels';
import { Activation } from './layers/activation';
import { Conv2d } from './layers/conv2d';
import { Dropout } from './layers/dropout';
import { Flatten } from './layers/flatten';
import type { Layer } from './layers/layer';
import { Linear } from './layers/linear';
import { MaxPool } from './layers/max-pool';
import type { InputNormalisation, Model } from './model';
import { Network } from './network';

/**
 * The paper's MNIST network (Fig. 1): 3x3 convolution to 32, SELU, pool, 3x3 convolution to 64,
 * SELU, pool, 128 units, SELU, dropout 0.5, 10 classes; softmax is the score's business. Weights,
 * names and layouts are PyTorch's.
 */
export function createMnistCnn(kernels: Kernels, input: InputNormalisation): Model {
  const definition = {
    architecture: 'mnist-cnn',
    inputShape: [28, 28, 1],
    classes: 10,
    layers: mnistCnnLayers(kernels),
  } as const;
  return new Network(kernels, definition, input);
}

/**
 * Its layers. SELU is monotone, so the maximum of a window may be taken before it: the same function
 * and gradient with a quarter of the work.
 */
export function mnistCnnLayers(kernels: Kernels): Layer[] {
  return [
    new Conv2d(kernels, 'conv1', { inputs: 1, outputs: 32, kernel: 3, stride: 1, padding: 1 }),
    new MaxPool(kernels, 'pool1'),
    new Activation(kernels, 'selu1', 'selu'),
    new Conv2d(kernels, 'conv2', { inputs: 32, outputs: 64, kernel: 3, stride: 1, padding: 1 }),
    new MaxPool(kernels, 'pool2'),
    new Activation(kernels, 'selu2', 'selu'),
    new Flatten('flatten'),
    new Linear(kernels, 'linear1', { inputs: [7, 7, 64], outputs: 128 }),
    new Activation(kernels, 'selu3', 'selu'),
    new Dropout(kernels, 'dropout', 0.5),
    new Linear(kernels, 'linear2', { inputs: [128], outputs: 10 }),
  ];
}

import type { Kernels } from '../runtime/kernels';
import { Activation } from './layers/activation';
import { ConvolutionBlock } from './layers/convolution-block';
import { Dropout } from './layers/dropout';
import { Flatten } from './layers/flatten';
import type { Layer } from './layers/layer';
import { Linear } from './layers/linear';
import type { InputNormalisation, Model } from './model';
import { Network } from './network';

const convolution = { kernel: 3, stride: 1, padding: 1 } as const;

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

export function mnistCnnLayers(kernels: Kernels): Layer[] {
  return [
    new ConvolutionBlock(kernels, 'conv1', { inputs: 1, outputs: 32, ...convolution }),
    new ConvolutionBlock(kernels, 'conv2', { inputs: 32, outputs: 64, ...convolution }),
    new Flatten('flatten'),
    new Linear(kernels, 'linear1', { inputs: [7, 7, 64], outputs: 128, ownKernels: true }),
    new Activation(kernels, 'selu3', 'selu'),
    new Dropout(kernels, 'dropout', 0.5),
    new Linear(kernels, 'linear2', { inputs: [128], outputs: 10 }),
  ];
}

import { valueAt } from '../../../shared/checked-reads';
import {
  type VggDescriptor,
  vgg11 as eleven,
  vgg11Bn as elevenNormalised,
  vgg16 as sixteen,
  vgg16Bn as sixteenNormalised,
  vggChannels,
} from '../../../shared/catalogue/networks';
import type { Kernels } from '../../runtime/kernels';
import { Activation } from '../layers/activation';
import { AdaptiveAveragePool } from '../layers/adaptive-average-pool';
import { BatchNorm } from '../layers/batch-norm';
import { Conv2d } from '../layers/conv2d';
import { Dropout } from '../layers/dropout';
import { Flatten } from '../layers/flatten';
import type { Layer } from '../layers/layer';
import { Linear } from '../layers/linear';
import { MaxPool } from '../layers/max-pool';
import { Sequential } from '../layers/sequential';
import { rectifiedConvolution } from '../rewrites/rectified-convolution';
import type { NetworkBuilder } from './network-builder';

/** What the means leave of an image, whatever its size. */
const left = 7;
const hidden = 4096;

/**
 * A VGG (Simonyan and Zisserman 2015) as torchvision has it, with its names, layouts and
 * initialisation: five stages of 3x3 convolutions with ReLU, each halved by maxima, means over 7x7
 * windows, and three linear layers with dropout 0.5. With a kernel of our own the wide linear layers
 * would lie in memory three times; TensorFlow's are as fast for few rows.
 */
function vgg(descriptor: VggDescriptor): NetworkBuilder {
  return {
    descriptor,
    layers(kernels, { inputShape: [, , channels], classes }) {
      const [, , , , deepest] = vggChannels;
      return [
        ...stages(kernels, descriptor, channels),
        new AdaptiveAveragePool(kernels, 'avgpool', left),
        new Flatten('flatten'),
        linear(kernels, 'classifier.0', [left, left, deepest], hidden),
        new Activation(kernels, 'classifier.1', 'relu'),
        new Dropout(kernels, 'classifier.2', 0.5),
        linear(kernels, 'classifier.3', [hidden], hidden),
        new Activation(kernels, 'classifier.4', 'relu'),
        new Dropout(kernels, 'classifier.5', 0.5),
        linear(kernels, 'classifier.6', [hidden], classes),
      ];
    },
    formOf(shapes, size) {
      const [, channels] = shapes.get('features.0.weight')?.shape ?? [];
      const [classes] = shapes.get('classifier.6.weight')?.shape ?? [];
      const [height, width] = size ?? [224, 224];
      return { inputShape: [height, width, channels ?? 3], classes: classes ?? 1000, options: {} };
    },
    rewrites: [rectifiedConvolution],
    // From 2 on its convolutions are our own kernels'; from 3 on gradients of images above 64 x 64 come in
    // other batches, on whose size its full layers' sums depend.
    arithmetic: { scores: 3, training: 2 },
  };
}

export const vgg11 = vgg(eleven);
export const vgg11Bn = vgg(elevenNormalised);
export const vgg16 = vgg(sixteen);
export const vgg16Bn = vgg(sixteenNormalised);

/** torchvision numbers all layers of `features`, those without weights too. */
function stages(kernels: Kernels, descriptor: VggDescriptor, channels: number): Layer[] {
  let place = 0;
  const name = () => `features.${place++}`;
  let inputs = channels;
  return vggChannels.flatMap((outputs, stage) => {
    const layers = Array.from({ length: valueAt(descriptor.stages, stage) }, () => {
      const layer = convolution(kernels, name(), inputs, outputs);
      const norm = descriptor.normalised ? [new BatchNorm(kernels, name(), outputs)] : [];
      inputs = outputs;
      return [layer, ...norm, new Activation(kernels, name(), 'relu')];
    });
    return [new Sequential(`stage${stage + 1}`, layers.flat()), new MaxPool(kernels, name())];
  });
}

/** Started by torchvision's rule: Kaiming's normal one for ReLU over the fan out, biases 0. */
function convolution(kernels: Kernels, name: string, inputs: number, outputs: number): Conv2d {
  const deviation = Math.sqrt(2 / (outputs * 9));
  return new Conv2d(kernels, name, {
    inputs,
    outputs,
    kernel: 3,
    stride: 1,
    padding: 1,
    initialisation: { kind: 'normal', deviation },
    biasInitialisation: { kind: 'constant', value: 0 },
  });
}

/** Likewise: normal, deviation 0.01, biases 0. */
function linear(
  kernels: Kernels,
  name: string,
  inputs: readonly number[],
  outputs: number,
): Linear {
  return new Linear(kernels, name, {
    inputs,
    outputs,
    initialisation: { kind: 'normal', deviation: 0.01 },
    biasInitialisation: { kind: 'constant', value: 0 },
  });
}

import { type NetworkForm, optionOf } from '../../../shared/catalogue/network';
import { resnet18 as descriptor } from '../../../shared/catalogue/networks';
import type { Kernels } from '../../runtime/kernels';
import { Activation } from '../layers/activation';
import { Add } from '../layers/add';
import { BatchNorm } from '../layers/batch-norm';
import { Conv2d, type Conv2dSizes } from '../layers/conv2d';
import { GlobalAveragePool } from '../layers/global-average-pool';
import type { Layer } from '../layers/layer';
import { Linear } from '../layers/linear';
import { MaxPool } from '../layers/max-pool';
import { Sequential } from '../layers/sequential';
import { residualBlock as residualBlockRewrite } from '../rewrites/residual-block';
import { stem } from '../rewrites/stem';
import type { NetworkBuilder } from './network-builder';

/** Channels of the four stages; each after the first halves the height and width. */
const stages = [64, 128, 256, 512] as const;

/**
 * ResNet18 (He et al. 2016) as torchvision has it, with its names, layouts and initialisation: a
 * stem, four stages of two residual blocks, the mean over locations and a linear layer.
 *
 * The option `stem`: `imagenet` is torchvision's, a 7x7 convolution of stride 2 and a 3x3 maximum of
 * stride 2; `small`, for small images, is a 3x3 convolution of stride 1 and no maximum.
 */
export const resnet18: NetworkBuilder = {
  descriptor,
  layers(kernels, form) {
    const [narrow, , , wide] = stages;
    return [
      ...stemLayers(kernels, form),
      ...stages.map((outputs, stage) => {
        const name = `layer${stage + 1}`;
        const inputs = stage === 0 ? narrow : outputs / 2;
        return new Sequential(name, [
          basicBlock(kernels, `${name}.0`, { inputs, outputs, stride: stage === 0 ? 1 : 2 }),
          basicBlock(kernels, `${name}.1`, { inputs: outputs, outputs, stride: 1 }),
        ]);
      }),
      new GlobalAveragePool(kernels, 'avgpool'),
      new Linear(kernels, 'fc', { inputs: [wide], outputs: form.classes }),
    ];
  },
  rewrites: [stem, residualBlockRewrite],
  formOf(shapes, size) {
    const [, channels, kernel] = shapes.get('conv1.weight')?.shape ?? [];
    const [classes] = shapes.get('fc.weight')?.shape ?? [];
    const [height, width] = size ?? [224, 224];
    return {
      inputShape: [height, width, channels ?? 3],
      classes: classes ?? 1000,
      options: { stem: kernel === 3 ? 'small' : 'imagenet' },
    };
  },
  // From 2 on products are summed in short chains (ConvolutionEnding.shortSums); 2 alone went forward in
  // double precision for maps of one gradient.
  arithmetic: { scores: 3 },
};

function stemLayers(kernels: Kernels, form: NetworkForm): Layer[] {
  const [, , inputs] = form.inputShape;
  const [outputs] = stages;
  const pooled = optionOf(form, 'stem') === 'imagenet';
  const sizes = pooled
    ? { kernel: 7, stride: 2, padding: 3 }
    : { kernel: 3, stride: 1, padding: 1 };
  const layers = [
    convolution(kernels, 'conv1', { inputs, outputs, ...sizes }),
    new BatchNorm(kernels, 'bn1', outputs),
    new Activation(kernels, 'relu', 'relu'),
  ];
  return pooled
    ? [...layers, new MaxPool(kernels, 'maxpool', { size: 3, stride: 2, padding: 1 })]
    : layers;
}

/**
 * torchvision's BasicBlock: two 3x3 convolutions with batch normalisation and a ReLU between, the
 * input added, and a ReLU. Where the shape changes, the input goes through a 1x1 convolution of the
 * same stride.
 */
function basicBlock(
  kernels: Kernels,
  name: string,
  sizes: { inputs: number; outputs: number; stride: number },
): Layer {
  const { inputs, outputs, stride } = sizes;
  const norm = (of: string) => new BatchNorm(kernels, `${name}.${of}`, outputs);
  const main = new Sequential(`${name}.main`, [
    convolution(kernels, `${name}.conv1`, { inputs, outputs, kernel: 3, stride, padding: 1 }),
    norm('bn1'),
    new Activation(kernels, `${name}.relu1`, 'relu'),
    convolution(kernels, `${name}.conv2`, {
      inputs: outputs,
      outputs,
      kernel: 3,
      stride: 1,
      padding: 1,
    }),
    norm('bn2'),
  ]);
  const shortcut =
    stride === 1 && inputs === outputs
      ? null
      : new Sequential(`${name}.downsample`, [
          convolution(kernels, `${name}.downsample.0`, {
            inputs,
            outputs,
            kernel: 1,
            stride,
            padding: 0,
          }),
          norm('downsample.1'),
        ]);
  return new Sequential(name, [
    new Add(kernels, `${name}.add`, { main, shortcut }),
    new Activation(kernels, `${name}.relu2`, 'relu'),
  ]);
}

/** Without bias, started by torchvision's rule: Kaiming's normal one for ReLU over the fan out. */
function convolution(kernels: Kernels, name: string, sizes: Omit<Conv2dSizes, 'bias'>): Conv2d {
  const { outputs, kernel } = sizes;
  const deviation = Math.sqrt(2 / (outputs * kernel * kernel));
  return new Conv2d(kernels, name, {
    ...sizes,
    bias: false,
    initialisation: { kind: 'normal', deviation },
  });
}

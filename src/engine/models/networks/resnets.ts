import { valueAt } from '../../../shared/checked-reads';
import type { NetworkDescriptor, NetworkForm } from '../../../shared/catalogue/network';
import {
  resnet18 as eighteen,
  resnet34 as thirtyFour,
  resnet50 as fifty,
} from '../../../shared/catalogue/networks';
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
import { residualBlock } from '../rewrites/residual-block';
import type { Rewrite } from '../rewrites/rewrite';
import { stem } from '../rewrites/stem';
import type { NetworkBuilder } from './network-builder';

/** Channels within the blocks of the four stages; each after the first halves the height and width. */
const stages = [64, 128, 256, 512] as const;

interface BlockSizes {
  readonly inputs: number;
  /** Channels within. */
  readonly width: number;
  readonly outputs: number;
  readonly stride: number;
}

/** What the ResNets differ by. */
interface Depth {
  /** Of each stage. */
  readonly blocks: readonly [number, number, number, number];
  /** The layers of a block between its input and the addition, the first of them at `${name}.`. */
  readonly main: (kernels: Kernels, name: string, sizes: BlockSizes) => Layer[];
  /** Outputs of a block by the channels within. */
  readonly growth: number;
  readonly rewrites: readonly Rewrite[];
  readonly arithmetic?: NonNullable<NetworkBuilder['arithmetic']>;
}

/**
 * A ResNet (He et al. 2016) as torchvision has it, with its names, layouts and initialisation: a
 * stem, four stages of residual blocks, the mean over locations and a linear layer.
 *
 * The option `stem`, where there is one: `imagenet` is torchvision's, a 7x7 convolution of stride 2 and
 * a 3x3 maximum of stride 2; `small`, for small images, is a 3x3 convolution of stride 1 and no maximum.
 */
function resnet(descriptor: NetworkDescriptor, depth: Depth): NetworkBuilder {
  const { blocks, growth, rewrites, arithmetic } = depth;
  const [narrow, , , wide] = stages;
  return {
    descriptor,
    layers: (kernels, form) => [
      ...stemLayers(kernels, form),
      ...stages.map((width, stage) => {
        const name = `layer${stage + 1}`;
        const outputs = width * growth;
        const entering = stage === 0 ? narrow : outputs / 2;
        return new Sequential(
          name,
          Array.from({ length: valueAt(blocks, stage) }, (_, i) =>
            block(kernels, `${name}.${i}`, depth, {
              inputs: i === 0 ? entering : outputs,
              width,
              outputs,
              stride: i === 0 && stage > 0 ? 2 : 1,
            }),
          ),
        );
      }),
      new GlobalAveragePool(kernels, 'avgpool'),
      new Linear(kernels, 'fc', { inputs: [wide * growth], outputs: form.classes }),
    ],
    rewrites,
    formOf(shapes, size) {
      const [, channels, kernel] = shapes.get('conv1.weight')?.shape ?? [];
      const [classes] = shapes.get('fc.weight')?.shape ?? [];
      const [height, width] = size ?? [224, 224];
      const hasStem = descriptor.options.some(({ id }) => id === 'stem');
      return {
        inputShape: [height, width, channels ?? 3],
        classes: classes ?? 1000,
        options: hasStem ? { stem: kernel === 3 ? 'small' : 'imagenet' } : {},
      };
    },
    ...(arithmetic ? { arithmetic } : {}),
  };
}

export const resnet18 = resnet(eighteen, {
  blocks: [2, 2, 2, 2],
  main: basicLayers,
  growth: 1,
  rewrites: [stem, residualBlock],
  // From 2 on products are summed in short chains (ConvolutionEnding.shortSums); 2 alone went forward in
  // double precision for maps of one gradient.
  arithmetic: { scores: 3 },
});

export const resnet34 = resnet(thirtyFour, {
  blocks: [3, 4, 6, 3],
  main: basicLayers,
  growth: 1,
  rewrites: [stem, residualBlock],
});

export const resnet50 = resnet(fifty, {
  blocks: [3, 4, 6, 3],
  main: bottleneckLayers,
  growth: 4,
  rewrites: [stem, residualBlock],
  // From 2 on its bottlenecks are our own kernels'.
  arithmetic: { scores: 2, training: 2 },
});

function stemLayers(kernels: Kernels, form: NetworkForm): Layer[] {
  const [, , inputs] = form.inputShape;
  const [outputs] = stages;
  const pooled = form.options['stem'] !== 'small';
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
 * A residual block: its layers, the input added, and a ReLU. Where the shape changes, the input goes
 * through a 1x1 convolution of the same stride with batch normalisation.
 */
function block(kernels: Kernels, name: string, { main }: Depth, sizes: BlockSizes): Layer {
  const { inputs, outputs, stride } = sizes;
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
          new BatchNorm(kernels, `${name}.downsample.1`, outputs),
        ]);
  const layers = new Sequential(`${name}.main`, main(kernels, name, sizes));
  return new Sequential(name, [
    new Add(kernels, `${name}.add`, { main: layers, shortcut }),
    new Activation(kernels, `${name}.relu`, 'relu'),
  ]);
}

/** Of torchvision's BasicBlock: two 3x3 convolutions with batch normalisation and a ReLU between. */
function basicLayers(kernels: Kernels, name: string, sizes: BlockSizes): Layer[] {
  const { inputs, outputs, stride } = sizes;
  const three = { outputs, kernel: 3, padding: 1 };
  return [
    convolution(kernels, `${name}.conv1`, { ...three, inputs, stride }),
    new BatchNorm(kernels, `${name}.bn1`, outputs),
    new Activation(kernels, `${name}.relu1`, 'relu'),
    convolution(kernels, `${name}.conv2`, { ...three, inputs: outputs, stride: 1 }),
    new BatchNorm(kernels, `${name}.bn2`, outputs),
  ];
}

/**
 * Of torchvision's Bottleneck: 1x1, 3x3 and 1x1 convolutions with batch normalisation and ReLUs
 * between. The stride is the middle one's.
 */
function bottleneckLayers(kernels: Kernels, name: string, sizes: BlockSizes): Layer[] {
  const { inputs, width, outputs, stride } = sizes;
  const one = { kernel: 1, stride: 1, padding: 0 };
  return [
    convolution(kernels, `${name}.conv1`, { ...one, inputs, outputs: width }),
    new BatchNorm(kernels, `${name}.bn1`, width),
    new Activation(kernels, `${name}.relu1`, 'relu'),
    convolution(kernels, `${name}.conv2`, {
      inputs: width,
      outputs: width,
      kernel: 3,
      stride,
      padding: 1,
    }),
    new BatchNorm(kernels, `${name}.bn2`, width),
    new Activation(kernels, `${name}.relu2`, 'relu'),
    convolution(kernels, `${name}.conv3`, { ...one, inputs: width, outputs }),
    new BatchNorm(kernels, `${name}.bn3`, outputs),
  ];
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

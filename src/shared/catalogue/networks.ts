import { valueAt } from '../checked-reads';
import {
  type NetworkDescriptor,
  type NetworkForm,
  type NetworkOption,
  optionOf,
  type StateTensor,
} from './network';
import { recipeSchema } from './training';

/** The paper's MNIST network (Fig. 1), on images of other sizes and colours too. */
export const mnistCnn: NetworkDescriptor = {
  id: 'mnist-cnn',
  label: 'MNIST network',
  help: 'The paper’s (Fig. 1): two convolutions with SELU and pooling, 128 units, dropout.',
  weights: 'e.g. conv1.weight OIHW and linear1.weight [out, in]',
  input: {
    height: { min: 4, max: 512, step: 4 },
    width: { min: 4, max: 512, step: 4 },
    channels: { min: 1, max: 3, step: 2 },
    classes: { min: 2, max: 100_000 },
  },
  suggestedFor: {
    height: { min: 28, max: 28 },
    width: { min: 28, max: 28 },
    channels: { min: 1, max: 1 },
    classes: { min: 10, max: 10 },
  },
  tellsSide: true,
  options: [],
  layers: [
    { name: 'selu1', label: 'First convolution, full size' },
    { name: 'selu2', label: 'Second convolution, half the size' },
  ],
  batches: { train: 128, gradient: 150, forward: 250 },
  recipe: recipeSchema.parse({ architecture: 'mnist-cnn' }),
  tensors: ({ inputShape: [height, width, channels], classes }) => [
    ...withBias('conv1', [32, channels, 3, 3]),
    ...withBias('conv2', [64, 32, 3, 3]),
    ...withBias('linear1', [128, 64 * (height / 4) * (width / 4)]),
    ...withBias('linear2', [classes, 128]),
  ],
};

/** Square or not, gray, colour or of some other channels. */
const anyImage = (side: number): NetworkDescriptor['input'] => ({
  height: { min: side, max: 1024 },
  width: { min: side, max: 1024 },
  channels: { min: 1, max: 16 },
  classes: { min: 2, max: 100_000 },
});

const stem: NetworkOption = {
  id: 'stem',
  label: 'First layer',
  help: 'torchvision’s 7 × 7 convolution and pooling, or a 3 × 3 one without pooling.',
  choices: [
    {
      value: 'imagenet',
      label: '7×7, stride 2, pooling',
      help: 'torchvision’s ResNet18',
      words: 'ImageNet stem',
    },
    {
      value: 'small',
      label: '3×3, no pooling',
      help: 'For small images: slower, more accurate',
      words: 'small stem',
      places: 16,
    },
  ],
  default: 'imagenet',
};

/** Behind each stage of a ResNet. */
const residualStages = [
  { name: 'layer1', label: 'First stage' },
  { name: 'layer2', label: 'Second stage' },
  { name: 'layer3', label: 'Third stage' },
  { name: 'layer4', label: 'Fourth stage' },
];

/**
 * ResNet18 (He et al. 2016) as torchvision has it. It takes a gradient in 2.0 ms an image of 64x64 at
 * 50 images a batch and in 1.8 at 150, of 32x32 in 0.57 and 0.46; with the small stem a batch of 150 of
 * 32x32 takes 0.9 s, within which a job ends when it is cancelled.
 */
export const resnet18: NetworkDescriptor = {
  id: 'resnet18',
  label: 'ResNet18',
  help: 'torchvision’s: eight residual blocks in four stages, with batch normalisation.',
  weights: 'torchvision’s ResNet18, with either stem',
  input: anyImage(1),
  options: [stem],
  layers: residualStages,
  batches: { train: 128, gradient: 150, forward: 150 },
  recipe: recipeSchema.parse({
    architecture: 'resnet18',
    options: { stem: 'imagenet' },
    epochs: 10,
    optimiser: 'sgd',
    learningRate: 0.1,
    weightDecay: 5e-4,
    schedule: { kind: 'one-cycle' },
  }),
  tensors: (form) =>
    residualTensors(form, basicTensors, {
      blocks: [2, 2, 2, 2],
      growth: 1,
      kernel: optionOf(form, 'stem') === 'imagenet' ? 7 : 3,
    }),
};

/** torchvision's deeper one of the same blocks. Gradients at 224 x 224 come eight a batch: 0.5 s. */
export const resnet34: NetworkDescriptor = {
  id: 'resnet34',
  label: 'ResNet34',
  help: 'torchvision’s: sixteen residual blocks in four stages, with batch normalisation.',
  weights: 'torchvision’s ResNet34',
  input: anyImage(1),
  options: [],
  layers: residualStages,
  batches: { train: 64, gradient: 50, forward: 50 },
  recipe: recipeSchema.parse({
    ...resnet18.recipe,
    architecture: 'resnet34',
    options: {},
    batchSize: 64,
    learningRate: 0.05,
  }),
  tensors: (form) =>
    residualTensors(form, basicTensors, { blocks: [3, 4, 6, 3], growth: 1, kernel: 7 }),
};

/** torchvision's of bottlenecks. Gradients at 224 x 224 come eight a batch: 0.5 s. */
export const resnet50: NetworkDescriptor = {
  id: 'resnet50',
  label: 'ResNet50',
  help: 'torchvision’s: sixteen bottleneck blocks in four stages, with batch normalisation.',
  weights: 'torchvision’s ResNet50',
  input: anyImage(1),
  options: [],
  layers: residualStages,
  batches: { train: 64, gradient: 50, forward: 50 },
  recipe: recipeSchema.parse({ ...resnet34.recipe, architecture: 'resnet50' }),
  tensors: (form) =>
    residualTensors(form, bottleneckTensors, { blocks: [3, 4, 6, 3], growth: 4, kernel: 7 }),
};

/** Convolutions in each of a VGG's five stages. */
export type VggStages = readonly [number, number, number, number, number];

/** Channels of a VGG's stages; each ends by halving the height and width. */
export const vggChannels = [64, 128, 256, 512, 512] as const;

/**
 * A VGG (Simonyan and Zisserman 2015) as torchvision has it; `normalised`: with batch normalisation.
 * Its images are of 32 x 32 at least, which its five poolings leave one place of.
 */
export interface VggDescriptor extends NetworkDescriptor {
  readonly stages: VggStages;
  readonly normalised: boolean;
}

function vgg(id: string, label: string, stages: VggStages, normalised: boolean): VggDescriptor {
  const convolutions = stages.reduce((sum, count) => sum + count, 0);
  const norms = normalised ? ', with batch normalisation' : '';
  return {
    id,
    label,
    help: `torchvision’s: ${convolutions} convolutions in five stages and three linear layers${norms}.`,
    weights: `torchvision’s ${label}`,
    input: anyImage(32),
    options: [],
    layers: vggChannels.map((_, stage) => ({
      name: `stage${stage + 1}`,
      label: `Stage ${stage + 1}, before its pooling`,
    })),
    batches: { train: 64, gradient: 50, forward: 50 },
    recipe: recipeSchema.parse({
      ...resnet18.recipe,
      architecture: id,
      options: {},
      batchSize: 64,
      learningRate: 0.01,
    }),
    stages,
    normalised,
    tensors: ({ inputShape: [, , channels], classes }) => [
      ...vggConvolutions(stages, normalised, channels),
      ...withBias('classifier.0', [4096, 512 * 7 * 7]),
      ...withBias('classifier.3', [4096, 4096]),
      ...withBias('classifier.6', [classes, 4096]),
    ],
  };
}

export const vgg11 = vgg('vgg11', 'VGG11', [1, 1, 2, 2, 2], false);
export const vgg11Bn = vgg('vgg11_bn', 'VGG11-BN', [1, 1, 2, 2, 2], true);
export const vgg16 = vgg('vgg16', 'VGG16', [2, 2, 3, 3, 3], false);
export const vgg16Bn = vgg('vgg16_bn', 'VGG16-BN', [2, 2, 3, 3, 3], true);

/** The networks that Saliency Studio comes with. Tests hold the engine's own tensors against these. */
export const builtInNetworks: readonly NetworkDescriptor[] = [
  mnistCnn,
  resnet18,
  resnet34,
  resnet50,
  vgg11,
  vgg11Bn,
  vgg16,
  vgg16Bn,
];

/** torchvision numbers all layers of `features`, those without weights too. */
function vggConvolutions(stages: VggStages, normalised: boolean, channels: number): StateTensor[] {
  const tensors: StateTensor[] = [];
  let place = 0;
  let inputs = channels;
  for (const [stage, outputs] of vggChannels.entries()) {
    for (let i = 0; i < valueAt(stages, stage); i += 1) {
      tensors.push(...withBias(`features.${place}`, [outputs, inputs, 3, 3]));
      if (normalised) tensors.push(...batchNorm(`features.${place + 1}`, outputs));
      place += normalised ? 3 : 2;
      inputs = outputs;
    }
    place += 1;
  }
  return tensors;
}

/** Tensors of one block, whose channels within are `width`. */
type BlockTensors = (
  name: string,
  channels: { inputs: number; width: number; outputs: number },
) => StateTensor[];

/** @param sizes blocks of the four stages, outputs of a block by its width, side of the first filter */
function residualTensors(
  { inputShape: [, , channels], classes }: NetworkForm,
  block: BlockTensors,
  sizes: { blocks: readonly number[]; growth: number; kernel: number },
): StateTensor[] {
  const { blocks, growth, kernel } = sizes;
  const widest = 512 * growth;
  return [
    trained('conv1.weight', [64, channels, kernel, kernel]),
    ...batchNorm('bn1', 64),
    ...blocks.flatMap((count, stage) => {
      const width = 64 * 2 ** stage;
      const outputs = width * growth;
      return Array.from({ length: count }, (_, i) => {
        const entering = stage === 0 ? 64 : outputs / 2;
        const inputs = i === 0 ? entering : outputs;
        return block(`layer${stage + 1}.${i}`, { inputs, width, outputs });
      }).flat();
    }),
    ...withBias('fc', [classes, widest]),
  ];
}

function trained(name: string, shape: readonly number[]): StateTensor {
  return { name, shape, type: 'F32', trained: true };
}

function withBias(name: string, shape: readonly [number, ...number[]]): StateTensor[] {
  return [trained(`${name}.weight`, shape), trained(`${name}.bias`, [shape[0]])];
}

function batchNorm(name: string, channels: number): StateTensor[] {
  const buffer = (
    kind: string,
    shape: readonly number[],
    type: StateTensor['type'],
  ): StateTensor => ({ name: `${name}.${kind}`, shape, type, trained: false });
  return [
    ...withBias(name, [channels]),
    buffer('running_mean', [channels], 'F32'),
    { ...buffer('running_var', [channels], 'F32'), least: 0 },
    { ...buffer('num_batches_tracked', [], 'I64'), least: 0 },
  ];
}

const basicTensors: BlockTensors = (name, { inputs, outputs }) => [
  trained(`${name}.conv1.weight`, [outputs, inputs, 3, 3]),
  ...batchNorm(`${name}.bn1`, outputs),
  trained(`${name}.conv2.weight`, [outputs, outputs, 3, 3]),
  ...batchNorm(`${name}.bn2`, outputs),
  ...shortcut(name, inputs, outputs),
];

const bottleneckTensors: BlockTensors = (name, { inputs, width, outputs }) => [
  trained(`${name}.conv1.weight`, [width, inputs, 1, 1]),
  ...batchNorm(`${name}.bn1`, width),
  trained(`${name}.conv2.weight`, [width, width, 3, 3]),
  ...batchNorm(`${name}.bn2`, width),
  trained(`${name}.conv3.weight`, [outputs, width, 1, 1]),
  ...batchNorm(`${name}.bn3`, outputs),
  ...shortcut(name, inputs, outputs),
];

function shortcut(name: string, inputs: number, outputs: number): StateTensor[] {
  if (inputs === outputs) return [];
  return [
    trained(`${name}.downsample.0.weight`, [outputs, inputs, 1, 1]),
    ...batchNorm(`${name}.downsample.1`, outputs),
  ];
}

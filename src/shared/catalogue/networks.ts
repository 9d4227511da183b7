import { type NetworkDescriptor, type NetworkForm, optionOf, type StateTensor } from './network';
import { recipeSchema } from './training';

/** The paper's MNIST network (Fig. 1). */
export const mnistCnn: NetworkDescriptor = {
  id: 'mnist-cnn',
  label: 'MNIST network',
  help: 'The paper’s (Fig. 1): two convolutions with SELU and pooling, 128 units, dropout.',
  weights: 'e.g. conv1.weight OIHW and linear1.weight [out, in]',
  input: {
    height: { min: 28, max: 28 },
    width: { min: 28, max: 28 },
    channels: { min: 1, max: 1 },
    classes: { min: 10, max: 10 },
  },
  options: [],
  layers: [
    { name: 'selu1', label: 'First convolution, 28 × 28' },
    { name: 'selu2', label: 'Second convolution, 14 × 14' },
  ],
  batches: { train: 128, gradient: 150, forward: 250 },
  recipe: recipeSchema.parse({ architecture: 'mnist-cnn' }),
  tensors: () => [
    ...withBias('conv1', [32, 1, 3, 3]),
    ...withBias('conv2', [64, 32, 3, 3]),
    ...withBias('linear1', [128, 64 * 7 * 7]),
    ...withBias('linear2', [10, 128]),
  ],
};

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
  input: {
    height: { min: 1, max: 1024 },
    width: { min: 1, max: 1024 },
    channels: { min: 1, max: 16 },
    classes: { min: 2, max: 100_000 },
  },
  options: [
    {
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
        },
      ],
      default: 'imagenet',
    },
  ],
  layers: [
    { name: 'layer1', label: 'First stage' },
    { name: 'layer2', label: 'Second stage' },
    { name: 'layer3', label: 'Third stage' },
    { name: 'layer4', label: 'Fourth stage' },
  ],
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
  tensors: resnet18Tensors,
};

/** The networks that Saliency Studio comes with. Tests hold the engine's own tensors against these. */
export const builtInNetworks: readonly NetworkDescriptor[] = [mnistCnn, resnet18];

function resnet18Tensors(form: NetworkForm): StateTensor[] {
  const [, , channels] = form.inputShape;
  const size = optionOf(form, 'stem') === 'imagenet' ? 7 : 3;
  const stages = [64, 128, 256, 512];
  return [
    trained('conv1.weight', [64, channels, size, size]),
    ...batchNorm('bn1', 64),
    ...stages.flatMap((outputs, stage) =>
      [0, 1].flatMap((block) => {
        const entering = stage > 0 && block === 0;
        const inputs = entering ? outputs / 2 : outputs;
        return residualBlock(`layer${stage + 1}.${block}`, inputs, outputs);
      }),
    ),
    ...withBias('fc', [form.classes, 512]),
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

function residualBlock(name: string, inputs: number, outputs: number): StateTensor[] {
  const shortcut = [
    trained(`${name}.downsample.0.weight`, [outputs, inputs, 1, 1]),
    ...batchNorm(`${name}.downsample.1`, outputs),
  ];
  return [
    trained(`${name}.conv1.weight`, [outputs, inputs, 3, 3]),
    ...batchNorm(`${name}.bn1`, outputs),
    trained(`${name}.conv2.weight`, [outputs, outputs, 3, 3]),
    ...batchNorm(`${name}.bn2`, outputs),
    ...(inputs === outputs ? [] : shortcut),
  ];
}

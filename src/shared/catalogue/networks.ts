import { type Architecture } from './datasets';
import { type Recipe, type Stem } from './training';

/** What an architecture leaves open: the images it takes, the classes it tells apart, its stem. */
export interface NetworkForm {
  /** Height, width, channels. */
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
  readonly stem: Stem;
}

/** A tensor of a network's weights file, under PyTorch's name and in its shape. */
export interface StateTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: 'F32' | 'I64';
  /** Whether an optimiser trains it: else it is a buffer, such as a running mean. */
  readonly trained: boolean;
}

/** The weights file of each architecture, tensor by tensor. Tests hold the engine's own against it. */
const definitions: Readonly<Record<Architecture, (form: NetworkForm) => StateTensor[]>> = {
  'mnist-cnn': () => [
    ...withBias('conv1', [32, 1, 3, 3]),
    ...withBias('conv2', [64, 32, 3, 3]),
    ...withBias('linear1', [128, 64 * 7 * 7]),
    ...withBias('linear2', [10, 128]),
  ],
  resnet18: ({ inputShape: [, , channels], classes, stem }) => {
    const size = stem === 'imagenet' ? 7 : 3;
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
      ...withBias('fc', [classes, 512]),
    ];
  },
};

function trained(name: string, shape: readonly number[]): StateTensor {
  return { name, shape, type: 'F32', trained: true };
}

function withBias(name: string, shape: readonly [number, ...number[]]): StateTensor[] {
  return [trained(`${name}.weight`, shape), trained(`${name}.bias`, [shape[0]])];
}

function batchNorm(name: string, channels: number): StateTensor[] {
  const buffer = (kind: string, shape: readonly number[], type: StateTensor['type']) => ({
    ...{ name: `${name}.${kind}`, shape, type, trained: false },
  });
  return [
    ...withBias(name, [channels]),
    buffer('running_mean', [channels], 'F32'),
    buffer('running_var', [channels], 'F32'),
    buffer('num_batches_tracked', [], 'I64'),
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

/** Every tensor of a network's weights file, buffers too. */
export function stateTensors(architecture: Architecture, form: NetworkForm): StateTensor[] {
  return definitions[architecture](form);
}

const numbersOf = ({ shape }: StateTensor): number =>
  shape.reduce((product, size) => product * size, 1);
const bytesOf = (tensor: StateTensor): number =>
  numbersOf(tensor) * (tensor.type === 'I64' ? 8 : 4);
const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

/** Trainable numbers of a network. */
export function parameterCount(architecture: Architecture, form: NetworkForm): number {
  return sum(
    stateTensors(architecture, form)
      .filter((tensor) => tensor.trained)
      .map(numbersOf),
  );
}

/** Bytes of the values in a weights file: its header, below a thousandth of them, is not counted. */
export function weightsBytes(architecture: Architecture, form: NetworkForm): number {
  return sum(stateTensors(architecture, form).map(bytesOf));
}

/** How many float32 numbers an optimiser keeps for each trained one. */
const kept: Readonly<Record<Recipe['optimiser'], number>> = {
  adam: 2,
  // Its buffer is there without momentum, too.
  sgd: 1,
};

/** Bytes of the values in the file of an optimiser's state, likewise. */
export function optimiserBytes(
  architecture: Architecture,
  form: NetworkForm,
  { optimiser }: Pick<Recipe, 'optimiser'>,
): number {
  return 4 * kept[optimiser] * parameterCount(architecture, form);
}

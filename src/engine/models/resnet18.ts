import type { Kernels } from '../runtime/kernels';
import { GlobalAveragePool } from './layers/global-average-pool';
import type { Layer } from './layers/layer';
import { Linear } from './layers/linear';
import { ResidualBlock } from './layers/residual-block';
import { Stem } from './layers/stem';
import type { InputNormalisation, Model, ModelForm } from './model';
import { Network } from './network';

/** Channels of the four stages; each after the first halves the height and width. */
const stages = [64, 128, 256, 512] as const;

/**
 * ResNet18 (He et al. 2016) as torchvision has it, with its names, layouts and initialisation: a
 * stem, four stages of two residual blocks, the mean over locations and a linear layer.
 *
 * @param form `stem: 'imagenet'` (default) is torchvision's, a 7x7 convolution of stride 2 and a 3x3
 *   maximum of stride 2; `'small'`, for small images, is a 3x3 convolution of stride 1 and no maximum
 */
export function createResnet18(
  kernels: Kernels,
  form: ModelForm,
  input: InputNormalisation,
): Model {
  const { inputShape, classes, stem = 'imagenet' } = form;
  const sizes = stem === 'imagenet' ? { kernel: 7, stride: 2 } : { kernel: 3, stride: 1 };
  const [narrow, , , wide] = stages;
  const layers = [
    new Stem(kernels, { inputs: inputShape[2], outputs: narrow, ...sizes }, stem === 'imagenet'),
    ...residualBlocks(kernels),
    new GlobalAveragePool(kernels, 'avgpool'),
    new Linear(kernels, 'fc', { inputs: [wide], outputs: classes }),
  ];
  return new Network(kernels, { architecture: 'resnet18', inputShape, classes, layers }, input);
}

function residualBlocks(kernels: Kernels): Layer[] {
  return stages.flatMap((outputs, stage) =>
    [0, 1].map((block) => {
      const entering = block === 0 && stage > 0;
      return new ResidualBlock(kernels, `layer${stage + 1}.${block}`, {
        inputs: entering ? outputs / 2 : outputs,
        outputs,
        stride: entering ? 2 : 1,
        afterBlock: block > 0 || stage > 0,
      });
    }),
  );
}

/**
 * What a file's weights say of their network: the stem by its first filter, channels and classes.
 * The image's size is not in them.
 */
export function resnet18FormOf(
  shapes: ReadonlyMap<string, { readonly shape: readonly number[] }>,
  size: readonly [number, number],
): ModelForm {
  const first = shapes.get('conv1.weight')?.shape ?? [];
  return {
    inputShape: [...size, first[1] ?? 3],
    classes: shapes.get('fc.weight')?.shape[0] ?? 1000,
    stem: first[2] === 3 ? 'small' : 'imagenet',
  };
}

import {
  NetworkCatalogue,
  type NetworkDescriptor,
  optionOf,
} from '../../src/shared/catalogue/network';
import { builtInNetworks } from '../../src/shared/catalogue/networks';
import { builtInCatalogues, type Catalogues } from '../../src/shared/catalogue/catalogues';
import { recipeSchema } from '../../src/shared/catalogue/training';

const channels: Readonly<Record<string, number>> = { narrow: 2, wide: 4 };

/** How many channels an option of the stand-in gives its convolutions. */
export function channelsOf(width: string): number {
  const count = channels[width];
  if (count === undefined) throw new RangeError(`no width ${width}`);
  return count;
}

/**
 * A network that no file under src knows: a convolution, a residual one, the maxima and a linear
 * layer, with an option and no kernels of our own.
 */
export const standInNetwork: NetworkDescriptor = {
  id: 'small-residual',
  label: 'Small residual',
  help: 'Two convolutions, one of them residual.',
  weights: 'e.g. first.weight OIHW',
  input: {
    height: { min: 4, max: 64 },
    width: { min: 4, max: 64 },
    channels: { min: 1, max: 3 },
    classes: { min: 2, max: 50 },
  },
  options: [
    {
      id: 'width',
      label: 'Width',
      help: 'Channels of its convolutions.',
      choices: [
        { value: 'narrow', label: 'Two channels', help: 'Fast', words: 'narrow' },
        { value: 'wide', label: 'Four channels', help: 'Slower', words: 'wide' },
      ],
      default: 'narrow',
    },
  ],
  layers: [{ name: 'rectified', label: 'Behind the residual sum' }],
  batches: { train: 32, gradient: 30, forward: 50 },
  recipe: recipeSchema.parse({
    architecture: 'small-residual',
    options: { width: 'narrow' },
    epochs: 3,
    batchSize: 20,
    learningRate: 0.01,
    trainLimit: 200,
  }),
  tensors(form) {
    const [height, width, inputs] = form.inputShape;
    const count = channelsOf(optionOf(form, 'width'));
    const sizes: [string, number[]][] = [
      ['first.weight', [count, inputs, 3, 3]],
      ['first.bias', [count]],
      ['second.weight', [count, count, 3, 3]],
      ['second.bias', [count]],
      ['out.weight', [form.classes, count * Math.floor(height / 2) * Math.floor(width / 2)]],
      ['out.bias', [form.classes]],
    ];
    return sizes.map(([name, shape]) => ({ name, shape, type: 'F32', trained: true }));
  },
};

/** What Saliency Studio comes with, and the stand-in. */
export const standInCatalogues: Catalogues = {
  ...builtInCatalogues,
  networks: new NetworkCatalogue([...builtInNetworks, standInNetwork]),
};

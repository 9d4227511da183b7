import { describe, expect, it } from 'vitest';
import {
  NetworkCatalogue,
  networkDescriptionSchema,
  optionWords,
  recipeFields,
  takes,
} from '../../src/shared/catalogue/network';
import { builtInNetworks, mnistCnn, resnet18 } from '../../src/shared/catalogue/networks';
import { recipeOfToday } from '../../src/shared/catalogue/earlier-recipes';
import { completeRecipe, suggestedNetwork } from '../../src/shared/catalogue/suggestions';
import { completeTrainInput } from '../../src/shared/catalogue/train-input';
import { recipeSchema } from '../../src/shared/catalogue/training';
import { routes } from '../../src/shared/routes';
import {
  datasetEntry,
  datasetIds,
  defaultRecipe,
  roarSettings,
  settingsOf,
} from '../fixtures/datasets';

const catalogue = new NetworkCatalogue(builtInNetworks);
const digits = { inputShape: [28, 28, 1], classes: 10 } as const;
const colour = { inputShape: [32, 32, 3], classes: 10 } as const;

describe('the catalogue of networks', () => {
  it('has for each dataset the one that it suggests, with a recipe that is whole', () => {
    for (const id of datasetIds) {
      const { shape, classes } = datasetEntry(id);
      const network = suggestedNetwork(settingsOf(id));
      expect(takes(network, { inputShape: shape, classes })).toBe(true);
      const recipe = defaultRecipe(id);
      expect(recipe.architecture).toBe(network.id);
      expect(Object.keys(recipe.options)).toEqual(network.options.map((option) => option.id));
    }
  });

  it('gives its networks as data that travel', () => {
    const wire: unknown = JSON.parse(JSON.stringify(catalogue.describe()));
    const read = networkDescriptionSchema.array().parse(wire);
    expect(read.map(({ id }) => id)).toEqual(builtInNetworks.map(({ id }) => id));
    expect(read).toEqual(catalogue.describe());
  });

  it('refuses by field and value, and says what is there and what fits', () => {
    const of = (data: typeof digits | typeof colour, id: string) =>
      catalogue.fitting(id, data, { field: '--network', what: 'of X' });
    expect(of(digits, 'resnet18')).toBe(resnet18);
    expect(of(colour, 'mnist-cnn')).toBe(mnistCnn);
    expect(() => of(digits, 'vgg')).toThrow('--network is "vgg"; accepted: mnist-cnn, resnet18, ');
    expect(() => of(digits, 'vgg16')).toThrow(
      '--network is "vgg16"; accepted: mnist-cnn, resnet18, resnet34, resnet50, for the images of X (28 x 28 pixels, 1 channel, 10 classes); vgg16 takes images of 32 to 1024 x 32 to 1024 pixels and 1 to 16 channels, and 2 to 100000 classes.',
    );
    const one = new NetworkCatalogue([mnistCnn]);
    const odd = { inputShape: [30, 32, 3], classes: 10 } as const;
    const two = { inputShape: [32, 32, 2], classes: 10 } as const;
    for (const data of [odd, two]) {
      expect(() => one.fitting('mnist-cnn', data, { field: 'x', what: 'of X' })).toThrow(
        /accepted: no network that there is, for .*; mnist-cnn takes images of 4 to 512 x 4 to 512 pixels in steps of 4 and 1 or 3 channels, and 2 to 100000 classes/,
      );
    }
  });

  it('completes the options of a recipe, and refuses others', () => {
    const fields = recipeFields('recipe');
    const checked = (options: Record<string, string>, architecture = 'resnet18') => {
      const recipe = recipeSchema.parse({ architecture, options });
      return catalogue.checked(recipe, architecture === 'resnet18' ? colour : digits, '', fields);
    };
    expect(checked({}).options).toEqual({ stem: 'imagenet' });
    expect(checked({ stem: 'small' }).options).toEqual({ stem: 'small' });
    expect(() => checked({ stem: 'large' })).toThrow(
      'recipe.options.stem is "large"; accepted: one of: imagenet, small.',
    );
    expect(() => checked({ stem: 'small' }, 'mnist-cnn')).toThrow(
      'recipe.options.stem is "small"; accepted: nothing: mnist-cnn has no options.',
    );
  });

  it('takes no two networks of one id, and no default that cannot be chosen', () => {
    expect(() => new NetworkCatalogue([mnistCnn, mnistCnn])).toThrow('two networks have the id');
    const [stem] = resnet18.options;
    const options = stem ? [{ ...stem, default: 'none' }] : [];
    expect(() => new NetworkCatalogue([{ ...resnet18, options }])).toThrow('no choice of stem');
  });

  it('names what was chosen in words', () => {
    expect(optionWords(resnet18, {})).toEqual(['ImageNet stem']);
    expect(optionWords(resnet18, { stem: 'small' })).toEqual(['small stem']);
    expect(optionWords({ options: [] }, { width: '4' })).toEqual(['width 4']);
  });
});

describe('the network that is suggested where a dataset suggests none', () => {
  const suggested = (shape: [number, number, number], classes: number) => {
    const { dataset, networks } = settingsOf('mnist');
    const own = { ...dataset, shape, classes, suggestion: null };
    return suggestedNetwork({ dataset: own, networks }).id;
  };

  it('is the paper’s for images such as its own, and a residual one for others', () => {
    expect(suggested([28, 28, 1], 10)).toBe('mnist-cnn');
    expect(suggested([28, 28, 1], 26)).toBe('resnet18');
    expect(suggested([32, 32, 3], 10)).toBe('resnet18');
    expect(suggested([224, 224, 3], 5)).toBe('resnet18');
  });
});

describe('a recipe', () => {
  it('has the network that its dataset suggests where it names none', () => {
    for (const id of datasetIds) {
      expect(completeRecipe(settingsOf(id))).toEqual(defaultRecipe(id));
      const request = routes['models.train'].input.parse({ dataset: id });
      expect(completeTrainInput(settingsOf(id), request).recipe).toEqual(defaultRecipe(id));
      expect(roarSettings({ dataset: id }).recipe).toEqual(defaultRecipe(id));
    }
    const chosen = { architecture: 'resnet18', options: { stem: 'small' } };
    expect(completeRecipe(settingsOf('mnist'), chosen)).toMatchObject(chosen);
  });

  it('of another network is what that network is trained by on the dataset', () => {
    const recipe = completeRecipe(settingsOf('mnist'), { architecture: 'resnet18', epochs: 2 });
    expect(recipe).toEqual({ ...defaultRecipe('mnist', resnet18), epochs: 2 });
  });

  it('of before networks could be chosen is of its dataset’s', () => {
    const { architecture, options, ...before } = defaultRecipe('cifar10');
    const today = (dataset: string, stem: string, network?: string) =>
      recipeSchema.parse(recipeOfToday({ ...before, stem }, dataset, network));
    expect(today('cifar10', 'imagenet')).toEqual({ ...before, architecture, options });
    expect(today('cifar10', 'small').options).toEqual({ stem: 'small' });
    // MNIST's network never had a first layer to choose, though its recipe named one.
    expect(today('mnist', 'imagenet')).toMatchObject({ architecture: 'mnist-cnn', options: {} });
    expect(today('mnist', 'small', 'resnet18').options).toEqual({ stem: 'small' });
    expect(recipeOfToday(defaultRecipe('cifar10'), 'mnist')).toEqual(defaultRecipe('cifar10'));
    expect(recipeOfToday(null, 'mnist')).toBeNull();
  });

  it('that is none is refused by the schema', () => {
    const refused = (recipe: unknown) =>
      routes['models.train'].input.safeParse({ dataset: 'mnist', recipe }).success;
    expect(refused('quick')).toBe(false);
    expect(refused({ options: 'small' })).toBe(false);
    expect(refused({ architecture: 'No such id' })).toBe(false);
    expect(refused({})).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import {
  NetworkCatalogue,
  networkDescriptionSchema,
  optionWords,
  recipeFields,
  takes,
} from '../../src/shared/catalogue/network';
import { builtInNetworks, mnistCnn, resnet18 } from '../../src/shared/catalogue/networks';
import { datasetEntry, datasetIds } from '../../src/shared/catalogue/datasets';
import {
  completeRecipe,
  defaultRecipe,
  suggestedNetwork,
  withNetwork,
} from '../../src/shared/catalogue/recipes';
import { roarSettingsSchema, storedRoarSettingsSchema } from '../../src/shared/catalogue/roar';
import { recipeSchema } from '../../src/shared/catalogue/training';
import { routes } from '../../src/shared/routes';

const catalogue = new NetworkCatalogue(builtInNetworks);
const digits = { inputShape: [28, 28, 1], classes: 10 } as const;
const colour = { inputShape: [32, 32, 3], classes: 10 } as const;

describe('the catalogue of networks', () => {
  it('has for each dataset the one that it suggests, with a recipe that is whole', () => {
    for (const id of datasetIds) {
      const { shape, classes } = datasetEntry(id);
      const network = catalogue.get(suggestedNetwork(id));
      expect(takes(network, { inputShape: shape, classes })).toBe(true);
      const recipe = defaultRecipe(id);
      expect(recipe.architecture).toBe(network.id);
      expect(Object.keys(recipe.options)).toEqual(network.options.map((option) => option.id));
    }
  });

  it('gives its networks as data that travel', () => {
    const wire: unknown = JSON.parse(JSON.stringify(catalogue.describe()));
    const read = networkDescriptionSchema.array().parse(wire);
    expect(read.map(({ id }) => id)).toEqual(['mnist-cnn', 'resnet18']);
    expect(read).toEqual(catalogue.describe());
  });

  it('refuses by field and value, and says what is there and what fits', () => {
    const of = (data: typeof digits | typeof colour, id: string) =>
      catalogue.fitting(id, data, { field: '--network', what: 'of X' });
    expect(of(digits, 'resnet18')).toBe(resnet18);
    expect(() => of(digits, 'vgg')).toThrow('--network is "vgg"; accepted: mnist-cnn, resnet18.');
    expect(() => of(colour, 'mnist-cnn')).toThrow(
      '--network is "mnist-cnn"; accepted: resnet18, for the images of X (32 x 32 pixels, 3 channels, 10 classes); mnist-cnn takes images of 28 x 28 pixels and 1 channels, and 10 classes.',
    );
    const one = new NetworkCatalogue([mnistCnn]);
    expect(() => one.fitting('mnist-cnn', colour, { field: 'x', what: 'of X' })).toThrow(
      'accepted: no network that there is, for',
    );
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

describe('a recipe', () => {
  it('has the network that its dataset suggests where it names none', () => {
    for (const id of datasetIds) {
      expect(completeRecipe(id)).toEqual(defaultRecipe(id));
      expect(routes['models.train'].input.parse({ dataset: id }).recipe).toEqual(defaultRecipe(id));
      expect(roarSettingsSchema.parse({ dataset: id }).recipe).toEqual(defaultRecipe(id));
    }
    const chosen = routes['models.train'].input.parse({
      dataset: 'mnist',
      recipe: { architecture: 'resnet18', options: { stem: 'small' } },
    });
    expect(chosen.recipe).toMatchObject({ architecture: 'resnet18', options: { stem: 'small' } });
  });

  it('of before networks could be chosen is of its dataset’s', () => {
    const before = { ...defaultRecipe('cifar10'), architecture: undefined, options: undefined };
    const old = (stem: string) => JSON.parse(JSON.stringify({ ...before, stem })) as object;
    const stored = (dataset: string, stem: string) =>
      storedRoarSettingsSchema.parse({ dataset, recipe: old(stem) } as object).recipe;
    expect(stored('cifar10', 'imagenet')).toEqual(defaultRecipe('cifar10'));
    expect(stored('cifar10', 'small')).toMatchObject({
      ...{ architecture: 'resnet18', options: { stem: 'small' } },
    });
    // MNIST's network never had a first layer to choose, though its recipe named one.
    expect(stored('mnist', 'imagenet')).toMatchObject({ architecture: 'mnist-cnn', options: {} });
    expect(withNetwork(old('small'), 'resnet18')).toMatchObject({ options: { stem: 'small' } });
    expect(withNetwork(old('small'), 'mnist-cnn')).not.toHaveProperty('stem');
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

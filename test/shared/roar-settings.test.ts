import { describe, expect, it } from 'vitest';
import { roarSettingsSchema } from '../../src/shared/catalogue/roar';
import { presetSettings } from '../../src/shared/catalogue/roar-presets';
import { parse, StudioError, toErrorData } from '../../src/shared/errors';

describe('ROAR settings', () => {
  it('default to the paper', () => {
    const settings = roarSettingsSchema.parse({});
    expect(settings).toMatchObject({
      protocol: 'paper',
      dataset: 'mnist',
      images: 500,
      fill: 'image-mean',
      reduction: 'absolute',
      trainMask: 'fixed',
      resamples: 2000,
      recipe: { epochs: 5, batchSize: 128, learningRate: 0.001, trainLimit: null },
      parameters: { n: 15, sigma: 0.15, steps: 50, target: 'label' },
    });
    expect(settings.levels).toHaveLength(10);
    expect(settings.methods).toHaveLength(10);
    expect(presetSettings('paper')).toEqual(settings);
  });

  it.each([
    ['images', { images: 0 }, 'a whole number from 1 to 10000'],
    ['levels', { levels: [0.1, 0.2] }, 'levels that start at 0'],
    ['levels', { levels: [0, 0.2, 0.2] }, 'ascending'],
    ['levels.1', { levels: [0, 1.5] }, 'a number from 0 to 1'],
    ['methods', { methods: ['smoothgrad'] }, 'include random'],
    ['recipe.epochs', { recipe: { epochs: 2.5 } }, 'a whole number from 1 to 200'],
    ['parameters.sigma', { parameters: { sigma: -1 } }, 'a number from 0 to 5'],
    ['parameters.n', { parameters: { n: 'many' } }, 'a whole number from 1 to 200'],
  ])('name %s when they refuse %j', (field, input, accepted) => {
    try {
      parse(roarSettingsSchema, input, 'settings');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(StudioError);
      const data = toErrorData(error);
      expect(data.code).toBe('invalid-input');
      expect(data.field).toBe(`settings.${field}`);
      expect(data.accepted).toContain(accepted);
      expect(data.message).toContain(`settings.${field} is `);
    }
  });
});

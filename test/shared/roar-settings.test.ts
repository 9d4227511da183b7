import { builtInMetrics } from '../../src/shared/catalogue/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pixelsOf } from '../../src/shared/catalogue/datasets';
import { completeRoarSettings } from '../../src/shared/catalogue/complete-settings';
import { OperatorCatalogue } from '../../src/shared/catalogue/operator-catalogue';
import { builtInOperators, gradient } from '../../src/shared/catalogue/operators';
import { integer } from '../../src/shared/catalogue/parameter';
import { defaultMapParameters } from '../../src/shared/catalogue/parameters';
import { levelsRefusal, roarSettingsSchema } from '../../src/shared/catalogue/roar';
import { roarPresets } from '../../src/shared/catalogue/roar-presets';
import { StudioError, toErrorData } from '../../src/shared/errors';
import { removedCount } from '../../src/shared/levels';
import {
  datasetEntry,
  datasetIds,
  presetSettings,
  roarSettings,
  settingsOf,
} from '../fixtures/datasets';

const accepts = (input: Parameters<typeof roarSettings>[0]): boolean => {
  try {
    roarSettings(input);
    return true;
  } catch {
    return false;
  }
};

describe('levels', () => {
  it('are refused exactly where two remove equally many pixels of the dataset’s images', () => {
    const levels = fc
      .uniqueArray(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 8 })
      .map((parts) => [0, ...parts.sort((a, b) => a - b).map((part) => part / 20_000)]);
    fc.assert(
      fc.property(fc.constantFrom(...datasetIds), levels, (dataset, chosen) => {
        const counts = chosen.map((level) => removedCount(level, pixelsOf(datasetEntry(dataset))));
        expect(accepts({ dataset, levels: chosen })).toBe(new Set(counts).size === counts.length);
      }),
    );
  });

  it('a pixel apart are two, which smaller images may not tell apart', () => {
    const levels = [0, 0.5, 0.5003];
    expect(accepts({ dataset: 'tiny-imagenet', levels })).toBe(true);
    expect(levelsRefusal(levels, datasetEntry('cifar10'))).toContain(
      '0.5 and 0.5003 both remove 512 of 1024',
    );
    expect(levelsRefusal(levels, datasetEntry('mnist'))).toContain(
      '0.5 and 0.5003 both remove 392 of 784',
    );
  });

  it('of every preset of every dataset and protocol are told apart', () => {
    for (const dataset of datasetIds) {
      for (const protocol of builtInMetrics.map(({ id }) => id)) {
        for (const { settings } of roarPresets(settingsOf(dataset), protocol)) {
          expect(levelsRefusal(settings.levels, datasetEntry(dataset))).toBeNull();
        }
      }
    }
  });

  it('of runs stored before they were compared can still be read', () => {
    const levels = [0, 0.3, 0.1 * 3];
    const stored = JSON.parse(JSON.stringify({ ...roarSettings(), levels })) as unknown;
    expect(roarSettingsSchema.parse(stored).levels).toEqual(levels);
  });
});

describe('ROAR settings', () => {
  it('hold every parameter of operators that were added, whose defaults may change later', () => {
    const added = (fallback: number) =>
      new OperatorCatalogue([
        ...builtInOperators,
        {
          ...gradient,
          id: 'added',
          parameters: { rounds: integer({ label: 'Rounds', low: 1, high: 9, default: fallback }) },
        },
      ]);
    const of = { ...settingsOf('mnist'), operators: added(3) };
    const settings = completeRoarSettings(of, { dataset: 'mnist' });
    expect(settings.parameters).toMatchObject({ rounds: 3, n: 15 });
    const stored = roarSettingsSchema.parse(JSON.parse(JSON.stringify(settings)));
    const tree = { op: 'added' };
    expect(added(5).relevant(tree, stored.parameters)).toEqual({ rounds: 3 });
    expect(() =>
      completeRoarSettings(of, { dataset: 'mnist', parameters: { rounds: 10 } as object }),
    ).toThrow('settings.parameters.rounds');
    // The built-in ones are in the order in which they always were stored.
    expect(JSON.stringify(roarSettings().parameters)).toBe(JSON.stringify(defaultMapParameters));
  });

  it('default to the paper', () => {
    const settings = roarSettings({});
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
    ['levels', { levels: [0, 0.3, 0.1 * 3] }, '0.3 and 0.30000000000000004 both remove 235 of 784'],
    ['levels', { levels: [0, 1e-10, 0.5] }, '0 and 1e-10 both remove 0 of 784'],
    ['levels', { dataset: 'cifar10', levels: [0, 0.0004] }, '0 and 0.0004 both remove 0 of 1024'],
    ['levels.1', { levels: [0, 1.5] }, 'a number from 0 to 1'],
    ['methods', { methods: ['smoothgrad'] }, 'include random'],
    ['recipe.epochs', { recipe: { epochs: 2.5 } }, 'a whole number from 1 to 200'],
    ['parameters.sigma', { parameters: { sigma: -1 } }, 'a number from 0 to 5'],
    ['parameters.n', { parameters: { n: 'many' } }, 'a whole number from 1 to 200'],
  ])('name %s when they refuse %j', (field, input, accepted) => {
    try {
      roarSettings(input);
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

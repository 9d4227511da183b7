import { describe, expect, it } from 'vitest';
import {
  acceptedFor,
  counts,
  optionText,
  rangeOf,
  schemaOf,
  withValue,
} from '../../src/shared/catalogue/setting';
import { runSettings } from '../../src/shared/catalogue/roar';
import { level, recipeSchema, recipeSettings } from '../../src/shared/catalogue/training';
import { designSettings } from '../../src/shared/ratings/study';

const { epochs, learningRate, momentum, nesterov, trainLimit, optimiser } = recipeSettings;
const factor = recipeSettings['schedule.factor'];

describe('a described setting', () => {
  it('takes its ends, or not where it says so', () => {
    expect(schemaOf(epochs).safeParse(200).success).toBe(true);
    expect(schemaOf(learningRate).safeParse(1).success).toBe(true);
    expect(schemaOf(learningRate).safeParse(0).success).toBe(false);
    expect(schemaOf(momentum).safeParse(0).success).toBe(true);
    expect(schemaOf(momentum).safeParse(1).success).toBe(false);
    expect(schemaOf(factor).safeParse(1).success).toBe(false);
    expect(schemaOf(trainLimit).parse(null)).toBeNull();
    expect(schemaOf(trainLimit).safeParse(9).success).toBe(false);
    expect(schemaOf(nesterov).parse(undefined)).toBe(false);
  });

  it('says what it takes, in a refusal and beside a field', () => {
    expect(acceptedFor(learningRate)).toBe('a number above 0 and at most 1');
    expect(acceptedFor(momentum)).toBe('a number from 0 to below 1');
    expect(acceptedFor(factor)).toBe('a number between 0 and 1');
    expect(acceptedFor(trainLimit)).toBe('a whole number from 10 to 10000000');
    expect(acceptedFor(nesterov)).toBe('true or false');
    expect(acceptedFor(optimiser)).toBe('one of: adam, sgd');
    expect(rangeOf(recipeSettings.batchSize)).toBe('1 to 1,024');
    expect(rangeOf(learningRate)).toBe('above 0, at most 1');
    expect(rangeOf(momentum)).toBe('0 to below 1');
    expect(rangeOf(trainLimit)).toBe('10 or more; empty: all');
    expect(rangeOf(level)).toBe('0 to 1 of the pixels; 0 removes nothing');
    expect(rangeOf(runSettings.images)).toBe('1 to 10,000 of the validation split');
    expect(rangeOf(runSettings.images, 500)).toBe('1 to 500 of the validation split');
    expect(rangeOf(designSettings.trials, 90)).toBe('1 to 90; empty: every pair once');
  });

  it('may be a list of levels', () => {
    const { levels } = runSettings;
    const schema = schemaOf(levels);
    expect(schema.parse([0, 0.5, 1])).toEqual([0, 0.5, 1]);
    expect(schema.parse(undefined)).toEqual(levels.default);
    for (const refused of [[], [0.1, 0.5], [0, 0.5, 0.3], [0, 0.5, 0.5], [0, 1.5], ['0']]) {
      expect(schema.safeParse(refused).success, JSON.stringify(refused)).toBe(false);
    }
    expect(rangeOf(levels)).toBe('2 to 21 levels, ascending from 0, at most 1');
    expect(optionText([0, 0.25, 1])).toBe('0,0.25,1');
  });

  it('is changed by its path, and the values stay as they were', () => {
    const values = { level: 0, removal: { fill: 'random', level: 0.5 } };
    expect(withValue(values, 'level', 1)).toEqual({ ...values, level: 1 });
    expect(withValue(values, 'removal.level', 1)).toEqual({
      level: 0,
      removal: { fill: 'random', level: 1 },
    });
    expect(withValue({}, 'removal.level', 1)).toEqual({ removal: { level: 1 } });
    expect(values.removal.level).toBe(0.5);
  });

  it('counts where the setting that it belongs to says so', () => {
    const recipe = recipeSchema.parse({ architecture: 'mnist-cnn' });
    expect(counts(momentum, recipe)).toBe(false);
    expect(counts(momentum, { ...recipe, optimiser: 'sgd' })).toBe(true);
    expect(counts(factor, recipe)).toBe(false);
    expect(counts(epochs, recipe)).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { acceptedFor, counts, rangeOf, schemaOf } from '../../src/shared/catalogue/setting';
import { recipeSchema, recipeSettings } from '../../src/shared/catalogue/training';

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
  });

  it('counts where the setting that it belongs to says so', () => {
    const recipe = recipeSchema.parse({ architecture: 'mnist-cnn' });
    expect(counts(momentum, recipe)).toBe(false);
    expect(counts(momentum, { ...recipe, optimiser: 'sgd' })).toBe(true);
    expect(counts(factor, recipe)).toBe(false);
    expect(counts(epochs, recipe)).toBe(true);
  });
});

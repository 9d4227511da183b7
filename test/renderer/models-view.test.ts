import { describe, expect, it } from 'vitest';
import { readChannels } from '../../src/renderer/views/models/import-form';
import {
  describePaperAccuracy,
  paperAccuracies,
} from '../../src/renderer/views/models/paper-accuracy';
import { levelRows, levelSeries } from '../../src/renderer/views/models/series';
import {
  defaultTrainInput,
  forecastSeconds,
  refusedField,
  trainErrors,
} from '../../src/renderer/views/models/train-form';
import { trainingRemovalSchema } from '../../src/shared/catalogue/training';
import { modelId, modelRecord } from './records';
import { datasetEntry, defaultRecipe, settingsOf } from '../fixtures/datasets';

const atLevel = (letter: string, level: number, createdAt: string, epochs = 5) =>
  modelRecord({
    id: modelId(letter),
    removal: trainingRemovalSchema.parse({ level }),
    recipe: { ...defaultRecipe('mnist'), epochs },
    createdAt,
  });

describe('levels', () => {
  it('groups models trained alike and takes the newest of a level', () => {
    const series = levelSeries(
      [
        atLevel('a', 0, '2026-01-01'),
        atLevel('b', 0, '2026-01-02'),
        atLevel('c', 0.5, '2026-01-03'),
        atLevel('d', 0, '2026-01-09', 2),
        modelRecord({ id: modelId('e'), state: 'training' }),
      ],
      settingsOf,
    );
    expect(series.map(({ byLevel }) => byLevel.size)).toEqual([2, 1]);
    expect(series[0]?.byLevel.get(0)?.id).toBe(modelId('b'));
  });

  it('stands beside the paper, level by level', () => {
    const paper = paperAccuracies({ dataset: 'mnist', architecture: 'mnist-cnn' });
    const rows = levelRows(
      levelSeries([atLevel('a', 0.25, '2026-01-01')], settingsOf)[0] ?? null,
      paper,
    );
    expect(rows.map(({ level }) => level)).toEqual([
      0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9,
    ]);
    expect(rows[3]?.model?.id).toBe(modelId('a'));
    expect(describePaperAccuracy(rows[3]?.paper)).toBe('–');
    expect(describePaperAccuracy(rows[0]?.paper)).toBe('> 98%');
    expect(describePaperAccuracy(rows[10]?.paper)).toBe('74%');
  });
});

describe('training form', () => {
  it('accepts the defaults and names each refused field with what is accepted', () => {
    const input = defaultTrainInput(settingsOf('mnist'));
    expect(trainErrors(input, datasetEntry('mnist'))).toEqual({});
    input.recipe.epochs = Number.NaN;
    input.recipe.learningRate = 0;
    input.removal.level = 2;
    expect(trainErrors(input, datasetEntry('mnist'))).toEqual({
      'recipe.epochs': 'a whole number from 1 to 200',
      'recipe.learningRate': 'a number above 0 and at most 1',
      'removal.level': 'a number from 0 to 1',
    });
  });

  it('finds the field of a refusal from core', () => {
    const refusal = (field: string) => refusedField({ code: 'invalid-input', message: '', field });
    expect(refusal('models.train.recipe.epochs')).toBe('recipe.epochs');
    expect(refusal('removal.level')).toBe('removal.level');
    expect(refusal('something')).toBeNull();
    expect(refusedField({ code: 'busy', message: '' })).toBeNull();
  });

  it('forecasts from epochs measured here, in proportion to the images', () => {
    const epoch = { loss: 1, trainAccuracy: 0, validationAccuracy: 0, seconds: 20 };
    const measured = modelRecord({ epochs: [0, 1].map((i) => ({ ...epoch, epoch: i })) });
    const input = defaultTrainInput(settingsOf('mnist'));
    expect(forecastSeconds(input, datasetEntry('mnist'), [])).toBeNull();
    expect(forecastSeconds(input, datasetEntry('mnist'), [measured])).toBeCloseTo(100, 6);
    input.recipe.trainLimit = 6000;
    expect(forecastSeconds(input, datasetEntry('mnist'), [measured])).toBeLessThan(20);
  });
});

describe('import form', () => {
  it('reads one number for each channel, or nothing', () => {
    expect(readChannels('', 1)).toBeNull();
    expect(readChannels(' 0.1307 ', 1)).toEqual([0.1307]);
    expect(readChannels('0.4, 0.5;0.6', 3)).toEqual([0.4, 0.5, 0.6]);
    expect(readChannels('0.4', 3)).toBeUndefined();
    expect(readChannels('x', 1)).toBeUndefined();
  });
});

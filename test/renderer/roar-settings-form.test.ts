import { describe, expect, it } from 'vitest';
import { StudioError } from '../../src/shared/errors';
import { roarExportFormats } from '../../src/shared/export-formats';
import { exportDescriptions } from '../../src/renderer/views/evaluation/export-formats';
import { reusedText } from '../../src/renderer/views/evaluation/reuse';
import { formatLevels, readLevels } from '../../src/renderer/components/levels-text';
import { settingLabel } from '../../src/renderer/views/evaluation/setting-labels';
import {
  changedSettings,
  errorsWithin,
  type FormPart,
  partOf,
  refusedSetting,
  settingErrors,
  settingLeaves,
  settingsIn,
} from '../../src/renderer/views/evaluation/settings-form';
import { jobRecord } from './records';
import { builtInCatalogues } from '../../src/shared/catalogue/catalogues';
import { type MetricDescriptor } from '../../src/shared/catalogue/metric';
import { recipeSettings } from '../../src/shared/catalogue/training';
import { paperMetric, retrainMetric } from '../../src/shared/catalogue/metrics';
import { datasetEntry, presetSettings } from '../fixtures/datasets';

const quick = () => presetSettings('quick');

describe('refusals', () => {
  it('are none for both presets', () => {
    expect(settingErrors(quick(), datasetEntry('mnist'), paperMetric)).toEqual({});
    expect(settingErrors(presetSettings('paper'), datasetEntry('mnist'), paperMetric)).toEqual({});
  });

  it('name each field and what is accepted', () => {
    const settings = quick();
    settings.images = Number.NaN;
    settings.recipe.learningRate = 0;
    settings.recipe.trainLimit = 3;
    settings.parameters.sigma = 9;
    settings.methods = ['smoothgrad'];
    const errors = settingErrors(settings, datasetEntry('mnist'), paperMetric);
    expect(errors).toEqual({
      images: 'a whole number from 1 to 10000',
      'recipe.learningRate': 'a number above 0 and at most 1',
      'recipe.trainLimit': 'a whole number from 10 to 10000000',
      'parameters.sigma': 'a number from 0 to 5',
      methods: 'methods that include random, the baseline',
    });
    expect(errorsWithin(errors, 'parameters')).toEqual({ sigma: 'a number from 0 to 5' });
    expect(errorsWithin(errors, 'seed')).toEqual({});
  });

  it('gather all levels in their one field', () => {
    const refused = (text: string) => {
      const settings = quick();
      settings.levels = readLevels(text);
      return settingErrors(settings, datasetEntry('mnist'), paperMetric)['levels'];
    };
    expect(refused('0, 0.3, x')).toBe('a number from 0 to 1 (level 3 is not)');
    expect(refused('0')).toBe('at least two levels');
    expect(refused('0.1, 0.2')).toContain('start at 0');
    expect(refused('0, 0.4, 0.2')).toContain('ascending');
    expect(refused('0; .5 0.9')).toBeUndefined();
  });

  it('name two levels that remove equally many pixels', () => {
    const settings = quick();
    settings.levels = readLevels('0, 0.3, 0.3001');
    expect(settingErrors(settings, datasetEntry('mnist'), paperMetric)).toEqual({
      levels:
        'levels of which each removes more pixels than the one before (0.3 and 0.3001 both remove 235 of 784)',
    });
  });

  it('come from core too, in the field that they name', () => {
    const refusal = (field: string, accepted?: string) =>
      refusedSetting({
        code: 'invalid-input',
        message: 'no',
        field,
        ...(accepted === undefined ? {} : { accepted }),
      });
    expect(refusal('settings.images', '1 to 10000')).toEqual({
      path: 'images',
      accepted: '1 to 10000',
    });
    expect(refusal('roar.start.settings.levels.3', 'ascending')?.path).toBe('levels');
    expect(refusal('settings.methods.1', 'known ones')?.path).toBe('methods');
    expect(refusal('settings.recipe.trainLimit', 'null for all, or 10 to 60000')).toEqual({
      path: 'recipe.trainLimit',
      accepted: 'empty for all, or 10 to 60000',
    });
    expect(refusal('name')).toBeNull();
    expect(refusedSetting(new StudioError({ code: 'busy', message: 'busy' }).data)).toBeNull();
  });
});

describe('levels as text', () => {
  it('read what was written', () => {
    const { levels } = presetSettings('paper');
    expect(readLevels(formatLevels(levels))).toEqual(levels);
    expect(readLevels(' 0 ,,.25;1 ')).toEqual([0, 0.25, 1]);
    expect(readLevels('')).toEqual([]);
  });
});

describe('settings by path', () => {
  it('have a name and a part of the form each', () => {
    const paths = settingLeaves(quick()).map(([path]) => path);
    expect(paths).toContain('parameters.guidedGate');
    expect(paths).toContain('parameters.target');
    // A path that is its own name has no dot.
    for (const path of paths)
      expect(settingLabel(builtInCatalogues, path), path).not.toContain('.');
    expect(partOf('recipe.seed')).toBe('training');
    expect(partOf('trainMask')).toBe('training');
    expect(partOf('parameters.n')).toBe('parameters');
    expect(partOf('methods')).toBe('methods');
    expect(partOf('fill')).toBe('evaluation');
  });

  it('are called what a metric calls its own', () => {
    const metric = {
      parameters: { side: { ...recipeSettings.epochs, label: 'Side of the crop' } },
    };
    const named = { operators: builtInCatalogues.operators, metric };
    expect(settingLabel(named, 'metric.side')).toBe('side of the crop');
    expect(settingLabel(named, 'metric.other')).toBe('metric.other');
    expect(settingLabel(named, 'resamples')).toBe('bootstrap resamples');
    expect(settingLabel(named, 'recipe.architecture')).toBe('network');
  });

  it('stand in the form where they count under its metric', () => {
    const names = (part: FormPart, metric: MetricDescriptor) =>
      Object.keys(settingsIn(part, metric));
    const evaluated = ['images', 'levels', 'fill', 'reduction', 'seed'];
    expect(names('evaluation', paperMetric)).toEqual([...evaluated, 'resamples']);
    expect(names('training', paperMetric)).toEqual(['trainMask']);
    const retrain = builtInCatalogues.metrics.get('retrain');
    expect(names('evaluation', retrain)).toEqual(evaluated);
    expect(names('training', retrain)).toEqual(['repetitions']);
    const scalar = { ...paperMetric, result: 'scalar' as const, needs: [] };
    expect(names('evaluation', scalar)).toEqual(['images', 'reduction', 'seed', 'resamples']);
    expect(names('training', scalar)).toEqual([]);
  });

  it('say what differs from a preset', () => {
    const settings = quick();
    expect(changedSettings(settings, quick())).toEqual([]);
    settings.levels = [0, 0.5];
    settings.parameters.n = 7;
    expect(changedSettings(settings, quick())).toEqual(['levels', 'parameters.n']);
  });
});

describe('what a run page says', () => {
  const level = (reused: boolean) => ({
    level: 0,
    model: null,
    validationAccuracy: null,
    paperAccuracy: null,
    epochs: 1,
    seconds: 1,
    reused,
  });
  const stage = (reused: number) => ({
    id: 'maps',
    title: 'Make the maps',
    items: 10,
    done: 10,
    reused,
    seconds: 1,
  });

  it('counts models and maps that were reused', () => {
    expect(reusedText(paperMetric, [level(false)], jobRecord({ stages: [stage(0)] }))).toBeNull();
    expect(reusedText(paperMetric, [level(true), level(false)], null)).toContain('1 of 2 models');
    expect(reusedText(paperMetric, [level(true)], jobRecord({ stages: [stage(4)] }))).toBe(
      '1 of 1 models and 4 of 10 parts of the maps were already computed with the same inputs and are reused',
    );
    const orders = (reused: number) => jobRecord({ stages: [{ ...stage(reused), id: 'orders' }] });
    expect(reusedText(retrainMetric, [level(true)], orders(0))).toBe(
      'The base model was already computed with the same inputs and is reused',
    );
    expect(reusedText(retrainMetric, [level(true)], orders(3))).toContain(
      'The base model and 3 of 10 parts of the ranked pixels were',
    );
    const own = { needs: [], reusable: [{ stage: 'maps', what: 'pictures' }] };
    expect(reusedText(own, [level(false)], jobRecord({ stages: [stage(2)] }))).toBe(
      '2 of 10 pictures were already computed with the same inputs and are reused',
    );
  });

  it('describes every format without naming another', () => {
    for (const format of roarExportFormats) {
      const text = exportDescriptions[format];
      expect(text.length, format).toBeGreaterThan(10);
      for (const other of roarExportFormats) expect(text).not.toContain(other);
    }
  });
});

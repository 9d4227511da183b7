import { describe, expect, it } from 'vitest';
import { builtInMethods } from '../../src/shared/catalogue/methods';
import { defaultMapParameters } from '../../src/shared/catalogue/parameters';
import { refuse } from '../../src/shared/errors';
import { runDifferences, explains } from '../../src/renderer/views/studies/run-differences';
import { studyFacts } from '../../src/renderer/views/studies/study-facts';
import { freeName } from '../../src/renderer/views/studies/useDraftDefaults';
import {
  freshId,
  refusedStudyField,
  stepOf,
  studyErrors,
} from '../../src/renderer/views/studies/wizard';
import { modelId, modelRecord, runId, runRecord } from './records';
import { studyConfig } from './study-records';
import { builtInCatalogues } from '../../src/shared/catalogue/catalogues';

const { operators } = builtInCatalogues;

describe('what a study’s form refuses', () => {
  it('accepts the defaults with a name', () => {
    expect(studyErrors(studyConfig(), 'Mine')).toEqual({});
    expect(studyErrors(studyConfig(), ' ')).toEqual({ name: 'a name of 1 to 80 characters' });
  });

  it('names each field and what is accepted there, in the step where it stands', () => {
    const config = studyConfig();
    config.design.trials = 0;
    config.title = '';
    config.methods = ['random'];
    config.parameters.sigma = Number.NaN;
    config.datasets = [];
    config.background = [{ id: 'age', text: 'Age?', options: ['young', ''] }];
    const errors = studyErrors(config, 'Mine');
    expect(errors).toEqual({
      'design.trials': 'a whole number from 1 to 5000',
      title: 'a title of 1 to 80 characters',
      methods: 'at least two methods',
      'parameters.sigma': 'a number from 0 to 5',
      datasets: 'at least one dataset',
      // Choices are typed in one field.
      'background.0.options': 'choices of 1 to 80 characters',
    });
    expect(Object.keys(errors).map(stepOf).sort()).toEqual(
      ['data', 'design', 'methods', 'methods', 'texts', 'texts'].sort(),
    );
  });

  it('takes core’s refusals as its own', () => {
    expect(refusedStudyField(refuse('config.design.trials', 200, '1 to 100').data)).toEqual({
      path: 'design.trials',
      accepted: '1 to 100',
    });
    expect(
      refusedStudyField(refuse('config.datasets.0.images.indices.4', 9, 'each image once').data),
    ).toEqual({ path: 'datasets.0.images.indices', accepted: 'each image once' });
    expect(refusedStudyField(refuse('name', 'x', 'another name').data)?.path).toBe('name');
    expect(refusedStudyField({ code: 'internal', message: 'no' })).toBeNull();
  });

  it('gives background questions ids out of their texts', () => {
    expect(freshId('How old are you?', [])).toBe('how-old-are-you');
    expect(freshId('How old are you?', ['how-old-are-you'])).toBe('how-old-are-you-2');
    expect(freshId('年齢', [])).toBe('question');
    expect(freshId('2 eyes', [])).toBe('eyes');
  });

  it('finds a name that no study has', () => {
    expect(freeName(['MNIST'], [])).toBe('MNIST ratings');
    expect(freeName(['MNIST'], ['MNIST ratings', 'MNIST ratings 2'])).toBe('MNIST ratings 3');
  });
});

describe('the run that stands beside', () => {
  const methodOf = (id: string) => builtInMethods.find((method) => method.id === id) ?? null;
  const levels = [
    {
      ...{ level: 0, model: modelId('a'), validationAccuracy: 0.9, paperAccuracy: null },
      ...{ epochs: 1, seconds: 1, reused: false },
    },
  ];

  it('explains the same model, or one with the same weights', () => {
    const same = modelRecord({ sha256: 'x' });
    const twin = modelRecord({ id: modelId('b'), sha256: 'x' });
    const other = modelRecord({ id: modelId('c'), sha256: 'y' });
    const byId = (id: string) => (id === same.id ? same : null);
    expect(explains({ levels }, same, byId)).toBe(true);
    expect(explains({ levels }, twin, byId)).toBe(true);
    expect(explains({ levels }, other, byId)).toBe(false);
    expect(explains({ levels: [] }, same, byId)).toBe(false);
  });

  it('differs only in what a method’s maps depend on', () => {
    const config = studyConfig();
    const run = runRecord({ id: runId('a') });
    run.settings = { ...run.settings, parameters: { ...defaultMapParameters } };
    expect(runDifferences(operators, config, run, methodOf)).toEqual({
      otherwise: [],
      missing: [],
    });
    config.parameters.n = 4;
    expect(runDifferences(operators, config, run, methodOf).otherwise).toEqual([
      'SmoothGrad',
      'Smoothed Integrated Gradients',
      'Smoothed Guided Backprop',
      'Integrated SmoothGrad*',
    ]);
    config.parameters.n = defaultMapParameters.n;
    config.mapSeed = 9;
    expect(runDifferences(operators, config, run, methodOf).otherwise).toContain('Random');
    expect(runDifferences(operators, config, run, methodOf).otherwise).not.toContain(
      'Vanilla Gradient',
    );
    config.methods = ['vanilla-gradient', 'sobel'];
    expect(runDifferences(operators, config, run, methodOf)).toEqual({
      otherwise: [],
      missing: ['Sobel edges'],
    });
  });
});

describe('a configuration in words', () => {
  it('says what is gone', () => {
    const config = studyConfig();
    config.datasets[0] = {
      ...{ dataset: 'mnist', model: modelId('a'), run: runId('a') },
      images: { kind: 'picked', indices: [1, 2, 3] },
    };
    const [data] = studyFacts(operators, config, {
      dataset: (id) => id,
      model: () => null,
      run: () => 'My run',
    });
    expect(data?.facts).toEqual([
      ['Model', 'not there any more'],
      ['Images', '3, picked by hand'],
      ['ROAR run beside', 'My run'],
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import {
  readClasses,
  shownState,
  subsetWords,
} from '../../src/renderer/views/datasets/dataset-words';
import {
  emptyForm,
  installErrors,
  installInput,
  refusedPart,
} from '../../src/renderer/views/datasets/install-form';
import { joinPath, placesOf } from '../../src/renderer/views/datasets/places';
import { normalisationsOf, presetOf } from '../../src/renderer/views/models/import-form';
import { datasetRecord } from './records';
import { datasetEntry } from '../fixtures/datasets';

describe('the form of an installation', () => {
  it('begins with the official download and the whole dataset', () => {
    expect(installInput('cifar10', emptyForm(datasetEntry('cifar10')))).toEqual({
      dataset: 'cifar10',
      source: { kind: 'download' },
      subset: { classes: null, perClass: null },
    });
  });

  it('asks for a path and a part as they were typed', () => {
    const form = {
      ...emptyForm(datasetEntry('tiny-imagenet')),
      source: 'path' as const,
      perClass: 50,
    };
    form.path = '  /data/tiny-imagenet-200.zip ';
    form.classes = 'goldfish, n02123394\nschool bus; goldfish';
    expect(installInput('tiny-imagenet', form)).toEqual({
      dataset: 'tiny-imagenet',
      source: { kind: 'path', path: '/data/tiny-imagenet-200.zip' },
      subset: { classes: ['goldfish', 'n02123394', 'school bus'], perClass: 50 },
    });
    expect(readClasses(' \n, ')).toBeNull();
    expect(readClasses('"goldfish, Carassius auratus", tabby')).toEqual([
      'goldfish, Carassius auratus',
      'tabby',
    ]);
  });

  it('says beside a field what it accepts', () => {
    const form = { ...emptyForm(datasetEntry('cifar10')), classes: 'cat', perClass: 0 };
    expect(installErrors(form)).toEqual({
      classes: 'at least two classes',
      perClass: 'a whole number from 1 to 100000',
    });
    expect(installErrors(emptyForm(datasetEntry('cifar10')))).toEqual({});
  });

  it('finds the field of a refusal from core', () => {
    const part = (field?: string) =>
      refusedPart({ code: 'invalid-input', message: '', ...(field ? { field } : {}) });
    expect(part('source.path')).toBe('path');
    expect(part('datasets.install.subset.classes.1')).toBe('classes');
    expect(part('subset.perClass')).toBe('perClass');
    expect(part('source.kind')).toBe('source');
    expect(part('dataset')).toBeNull();
    expect(part()).toBeNull();
  });
});

describe('the way to a folder', () => {
  it('has a place for each folder, with its path', () => {
    expect(placesOf('/home/ada').map(({ name }) => name)).toEqual(['/', 'home', 'ada']);
    expect(placesOf('/home/ada').map(({ path }) => path)).toEqual(['/', '/home', '/home/ada']);
    expect(placesOf('/')).toEqual([{ name: '/', path: '/' }]);
    expect(placesOf('C:\\data\\zip').map(({ path }) => path)).toEqual([
      'C:\\',
      'C:\\data',
      'C:\\data\\zip',
    ]);
  });

  it('goes on to an entry', () => {
    expect(joinPath('/', 'home')).toBe('/home');
    expect(joinPath('/home', 'ada')).toBe('/home/ada');
    expect(joinPath('C:\\', 'data')).toBe('C:\\data');
  });
});

describe('words about datasets', () => {
  it('tell a part from the whole', () => {
    expect(subsetWords({ classes: null, perClass: null })).toBeNull();
    expect(subsetWords({ classes: null, perClass: 50 })).toBe(
      'all classes, 50 training images of each',
    );
    expect(subsetWords({ classes: ['a', 'b', 'c', 'd', 'e'], perClass: null })).toBe(
      '5 classes (a, b, c, d and 1 more)',
    );
  });

  it('take a dataset that was never installed for no fault', () => {
    expect(shownState(datasetRecord(), false)).toBe('not installed');
    expect(shownState(datasetRecord(), true)).toBe('installing');
    expect(shownState(datasetRecord('cifar10', { state: 'unreadable' }), false)).toBe('unreadable');
  });
});

describe('normalisations', () => {
  const named = (id: string, mean: string, std: string) => {
    const known = datasetEntry(id);
    return presetOf(normalisationsOf(known, known.shape[2]), known.shape[2], mean, std);
  };

  it('are known by their numbers, however they are written', () => {
    expect(named('cifar10', '', '')).toBe('none');
    expect(named('tiny-imagenet', '.485, .456, .406', '0.229;0.224;0.225')).toBe('imagenet');
    expect(named('cifar10', '0.5, 0.5, 0.5', '0.5, 0.5, 0.5')).toBe('own');
    expect(named('mnist', '0.1307', '0.3081')).toBe('mnist');
  });
});

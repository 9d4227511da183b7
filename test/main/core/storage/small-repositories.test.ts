import { describe, expect, it } from 'vitest';
import { ExploreCacheRepository } from '../../../../src/main/core/maps/explore-cache';
import { MethodsRepository } from '../../../../src/main/core/maps/methods-repository';
import { RatesRepository } from '../../../../src/main/core/models/rates-repository';
import { AnnotatorModeRepository } from '../../../../src/main/core/studies/annotator-mode-repository';
import { RatersRepository } from '../../../../src/main/core/studies/raters-repository';
import { StudiesRepository } from '../../../../src/main/core/studies/studies-repository';
import { StudyLogRepository } from '../../../../src/main/core/studies/study-log';
import { addArtifact, at, id, memoryDatabase } from './helpers';
import { newRater, newStudy } from './rating-helpers';

const code = (value: string) =>
  expect.objectContaining({ data: expect.objectContaining({ code: value }) });

describe('composed methods', () => {
  it('are kept in the order they were made, each composition once', () => {
    const methods = new MethodsRepository(memoryDatabase());
    const first = { id: 'composed-smooth-guided', name: 'Mine', composition: 'smooth(guided)' };
    const second = { id: 'composed-guided', name: 'Also mine', composition: 'guided' };
    methods.insert(first, at(1));
    methods.insert(second, at(2));
    expect(methods.get(first.id)).toEqual({ ...first, group: 'composed', equations: '' });
    expect(methods.list().map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(() => methods.insert({ ...first, id: 'other' }, at(3))).toThrow(code('conflict'));
    methods.remove(first.id);
    expect(methods.get(first.id)).toBeUndefined();
  });
});

describe('rates', () => {
  it('are kept per network, device and thread count, the latest alone', () => {
    const rates = new RatesRepository(memoryDatabase());
    const key = {
      architecture: 'mnist-cnn',
      form: '28x28x1, 10 classes',
      device: 'A processor',
      threads: 2,
    } as const;
    const measured = {
      trainImagesPerSecond: 3000,
      gradientsPerSecond: 5000,
      forwardImagesPerSecond: 9000,
    };
    expect(rates.get(key)).toBeUndefined();
    rates.put(key, measured, at(1));
    rates.put(key, { ...measured, gradientsPerSecond: 5500 }, at(2));
    expect(rates.get(key)).toEqual({ ...measured, gradientsPerSecond: 5500, measuredAt: at(2) });
    expect(rates.get({ ...key, threads: 1 })).toBeUndefined();
    expect(rates.get({ ...key, form: '32x32x3, 10 classes' })).toBeUndefined();
  });
});

describe('explore cache', () => {
  it('lets go of what was not used for longest', () => {
    const database = memoryDatabase();
    const cache = new ExploreCacheRepository(database);
    const keys = ['a', 'b', 'c'].map((name) => addArtifact(database, name, { bytes: 100 }));
    keys.forEach((key, i) => cache.touch(key, at(i)));
    cache.touch(keys[0] ?? '', at(9));
    expect(cache.trim(250)).toBe(1);
    expect(cache.trim(250)).toBe(0);
    expect(cache.trim(100)).toBe(1);
    expect(cache.trim(0)).toBe(1);
    expect(() => cache.touch('no such artifact', at(1))).toThrow(code('conflict'));
  });
});

describe('study log', () => {
  it('keeps what was done, in order, when the study goes', () => {
    const database = memoryDatabase();
    const studies = new StudiesRepository(database);
    const log = new StudyLogRepository(database);
    const study = id('study', 'a');
    studies.insert(newStudy('a'));
    log.add(study, 'results.revealed', '', at(2));
    log.add(study, 'study.closed', 'by hand', at(1));
    log.add(null, 'backup.restored', 'a file', at(3));
    studies.remove(study);
    expect(log.entries(study)).toEqual([
      { study, action: 'results.revealed', detail: '', at: at(2) },
      { study, action: 'study.closed', detail: 'by hand', at: at(1) },
    ]);
    expect(log.entries(null).map(({ detail }) => detail)).toEqual(['a file']);
  });
});

describe('annotator mode', () => {
  it('lasts once, with one rater at a time, until it is ended', () => {
    const database = memoryDatabase();
    new StudiesRepository(database).insert(newStudy('a'));
    const raters = new RatersRepository(database);
    raters.insert(newRater('a'));
    const mode = new AnnotatorModeRepository(database);
    expect(mode.get()).toBeUndefined();
    const begun = { study: id('study', 'a'), passphrase: 'hash', beganAt: at(1) };
    mode.begin(begun);
    expect(mode.get()).toEqual({ ...begun, rater: null });
    expect(() => mode.begin(begun)).toThrow(code('conflict'));
    mode.setRater(id('rater', 'a'));
    expect(mode.get()?.rater).toBe(id('rater', 'a'));
    raters.remove(id('rater', 'a'));
    expect(mode.get()?.rater).toBeNull();
    mode.end();
    expect(mode.get()).toBeUndefined();
  });
});

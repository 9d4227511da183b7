import { describe, expect, it } from 'vitest';
import { cutsOf, cutsSentence, runCuts } from '../../../../../src/main/core/evaluation/report/cuts';
import {
  builtInMetrics,
  paperMetric,
  retrainMetric,
} from '../../../../../src/shared/catalogue/metrics';
import { builtInCatalogues } from '../../../../../src/shared/catalogue/catalogues';
import {
  datasetEntry,
  datasetIds,
  fullOf,
  presetSettings,
  roarSettings,
} from '../../../../fixtures/datasets';

const { parameters } = builtInCatalogues.operators;

const whole = (id: (typeof datasetIds)[number]) => datasetEntry(id);

describe('what a run has less of', () => {
  it('is nothing for a protocol in full on a whole dataset', () => {
    for (const dataset of datasetIds) {
      for (const metric of builtInMetrics) {
        const protocol = metric.id;
        const settings = roarSettings({ dataset, protocol });
        expect(
          runCuts(parameters, metric, settings, fullOf(dataset, protocol), whole(dataset)),
          `${protocol} on ${dataset}`,
        ).toEqual([]);
        expect(presetSettings('paper', dataset, protocol)).toEqual(settings);
      }
    }
    expect(cutsSentence([])).toBeNull();
  });

  it('is told part by part', () => {
    const cut = { train: 2000, validation: 1000, classes: 20 };
    const settings = presetSettings('quick', 'tiny-imagenet', 'paper', cut);
    expect(runCuts(parameters, paperMetric, settings, fullOf('tiny-imagenet'), cut)).toEqual([
      ...['20 of 200 classes', '2,000 of 100,000 training images'],
      ...['1,000 of 10,000 validation images', '2 of 20 epochs', '20 of 100 images'],
      ...['5 of 15 noisy samples', '16 of 50 integration steps', '6 of 10 levels'],
    ]);
    // What an accuracy does not rest on is no cut of it.
    const full = fullOf('tiny-imagenet');
    expect(cutsOf(parameters, paperMetric, settings, full, 'accuracy', cut)).toHaveLength(4);
    expect(cutsSentence(['2 of 20 epochs'])).toBe(
      'A check of the plumbing, not the protocol in full: 2 of 20 epochs.',
    );
  });

  it('counts repetitions, and validation images once, where models are retrained', () => {
    const settings = presetSettings('quick', 'cifar10', 'retrain');
    const cut = { train: 50_000, validation: 1000, classes: 10 };
    for (const counts of [whole('cifar10'), cut]) {
      const full = fullOf('cifar10', 'retrain');
      expect(runCuts(parameters, retrainMetric, settings, full, counts)).toEqual([
        ...['5,000 of 50,000 training images', '3 of 10 epochs', '500 of 10,000 validation images'],
        ...['2 of 5 repetitions', '5 of 15 noisy samples', '16 of 50 integration steps'],
        '3 of 6 levels',
      ]);
    }
  });

  it('is not known of a dataset that is gone', () => {
    expect(
      runCuts(
        parameters,
        paperMetric,
        roarSettings({ dataset: 'cifar10' }),
        fullOf('cifar10'),
        null,
      ),
    ).toEqual(['how much of the dataset there was is not known any more']);
  });
});

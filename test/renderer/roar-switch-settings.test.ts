import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resnet18 } from '../../src/shared/catalogue/networks';
import {
  builtInMetrics,
  keepAndRetrainMetric,
  paperMetric,
  retrainMetric,
} from '../../src/shared/catalogue/metrics';
import { forecastWarnings } from '../../src/renderer/components/forecast-warnings';
import { modelsInWords, modelsOf } from '../../src/renderer/views/evaluation/run-words';
import { settingErrors } from '../../src/renderer/views/evaluation/settings-form';
import { nearestPreset, switchSettings } from '../../src/renderer/views/evaluation/switch-settings';
import {
  datasetEntry,
  datasetIds,
  defaultRecipe,
  presetSettings,
  settingsOf,
} from '../fixtures/datasets';

const presets = fc.constantFrom('quick' as const, 'paper' as const);
const dataset = fc.constantFrom(...datasetIds);
const protocol = fc.constantFrom(...builtInMetrics.map(({ id }) => id));

describe('another dataset or protocol', () => {
  it('brings the same preset of its own where nothing was changed', () => {
    fc.assert(
      fc.property(presets, dataset, protocol, dataset, protocol, (id, d, p, nextD, nextP) => {
        const next = switchSettings(
          presetSettings(id, d, p),
          { dataset: nextD, protocol: nextP },
          settingsOf,
        );
        expect(next).toEqual(presetSettings(id, nextD, nextP));
      }),
    );
  });

  it('keeps what was set where it still makes sense, and is always accepted', () => {
    const settings = presetSettings('quick', 'mnist');
    settings.levels = [0, 0.2];
    settings.seed = 7;
    settings.parameters.sigma = 0.3;
    settings.recipe.seed = 9;
    const next = switchSettings(settings, { dataset: 'cifar10' }, settingsOf);
    expect(next.levels).toEqual([0, 0.2]);
    expect(next.seed).toBe(7);
    expect(next.parameters.sigma).toBe(0.3);
    expect(next.recipe).toMatchObject({ seed: 9, optimiser: 'sgd', weightDecay: 5e-4 });
    expect(next.images).toBe(20);
    expect(settingErrors(next, datasetEntry(next.dataset), paperMetric)).toEqual({});
    const retrain = switchSettings(next, { protocol: 'retrain' }, settingsOf);
    expect(retrain).toMatchObject({ protocol: 'retrain', levels: [0, 0.2], fill: 'dataset-mean' });
    expect(retrain.parameters.target).toBe('predicted');
  });

  it('drops levels that the other dataset’s images cannot tell apart, and nothing else', () => {
    const settings = presetSettings('paper', 'tiny-imagenet');
    settings.levels = [0, 0.5, 0.5003];
    settings.seed = 7;
    const next = switchSettings(settings, { dataset: 'mnist' }, settingsOf);
    expect(next.levels).toEqual(presetSettings('paper', 'mnist').levels);
    expect(next.seed).toBe(7);
  });

  it('drops what the other dataset has no place for', () => {
    const settings = presetSettings('paper', 'tiny-imagenet');
    settings.recipe.options = { stem: 'small' };
    settings.recipe.trainLimit = 90_000;
    settings.parameters.target = 150;
    const next = switchSettings(settings, { dataset: 'mnist' }, settingsOf);
    expect(next).toEqual(presetSettings('paper', 'mnist'));
    // ResNet18 has a stem on both.
    expect(switchSettings(settings, { dataset: 'cifar10' }, settingsOf).recipe.options).toEqual({
      stem: 'small',
    });
  });

  it('keeps a network that was chosen where it takes the images, with its own default recipe', () => {
    const settings = presetSettings('paper', 'mnist');
    settings.recipe = { ...defaultRecipe('mnist', resnet18), options: { stem: 'small' }, seed: 3 };
    const there = switchSettings(settings, { dataset: 'tiny-imagenet' }, settingsOf);
    expect(there.recipe).toEqual({
      ...defaultRecipe('tiny-imagenet', resnet18),
      options: { stem: 'small' },
      seed: 3,
    });
    // What a dataset suggests is no choice to keep.
    const back = switchSettings(there, { dataset: 'mnist' }, settingsOf);
    expect(back.recipe).toEqual({ ...defaultRecipe('mnist'), seed: 3 });
  });

  it('falls back to the dataset’s own recipe where the parts do not go together', () => {
    const settings = presetSettings('paper', 'mnist');
    settings.recipe.optimiser = 'sgd';
    settings.recipe.weightDecay = 1e-3;
    // SGD is what CIFAR-10 has anyway; on the way back Adam would refuse the decay.
    const there = switchSettings(settings, { dataset: 'cifar10' }, settingsOf);
    expect(there.recipe.weightDecay).toBe(1e-3);
    const back = switchSettings(there, { dataset: 'mnist' }, settingsOf);
    expect(settingErrors(back, datasetEntry(back.dataset), paperMetric)).toEqual({});
    expect(back.recipe).toEqual(defaultRecipe('mnist'));
  });

  it('asks of a cut for no more images than it holds', () => {
    const counts = { train: 2000, validation: 1000 };
    const cut = (id: string) => settingsOf(id, id === 'mnist' ? {} : counts);
    const next = switchSettings(presetSettings('quick'), { dataset: 'tiny-imagenet' }, cut);
    expect(next).toEqual(presetSettings('quick', 'tiny-imagenet', 'paper', counts));
    expect(next.recipe.trainLimit).toBeNull();
    expect(nearestPreset(next, cut(next.dataset)).id).toBe('quick');
    const settings = presetSettings('paper', 'mnist');
    settings.images = 900;
    settings.recipe.trainLimit = 1500;
    const kept = switchSettings(settings, { dataset: 'tiny-imagenet' }, cut);
    expect(kept).toMatchObject({ images: 900, recipe: { trainLimit: 1500 } });
    settings.images = 1500;
    settings.recipe.trainLimit = 2500;
    const dropped = switchSettings(settings, { dataset: 'tiny-imagenet' }, cut);
    expect(dropped).toMatchObject({ images: 100, recipe: { trainLimit: null } });
  });

  it('keeps a changed schedule whole', () => {
    const settings = presetSettings('paper', 'cifar10');
    settings.recipe.schedule = { kind: 'step', every: 5, factor: 0.2 };
    const next = switchSettings(settings, { dataset: 'tiny-imagenet' }, settingsOf);
    expect(next.recipe.schedule).toEqual({ kind: 'step', every: 5, factor: 0.2 });
  });
});

describe('the nearest preset', () => {
  it('is the one with fewer differences', () => {
    const settings = presetSettings('quick', 'cifar10', 'retrain');
    settings.images = 300;
    expect(nearestPreset(settings, settingsOf('cifar10')).id).toBe('quick');
    expect(nearestPreset(presetSettings('paper', 'mnist'), settingsOf('mnist')).id).toBe('paper');
  });
});

describe('what a run costs, in words', () => {
  it('counts its models', () => {
    expect(modelsOf(paperMetric, presetSettings('paper'))).toBe(10);
    // Five repetitions of the shared level 0 and of ten methods at five levels.
    expect(modelsOf(retrainMetric, presetSettings('paper', 'cifar10', 'retrain'))).toBe(
      5 * (1 + 10 * 5),
    );
    const settings = presetSettings('quick', 'mnist', 'keep-and-retrain');
    expect(modelsInWords(keepAndRetrainMetric, settings)).toBe(
      '18 models, 2 for each method and level',
    );
  });

  it('warns above a day and above the free disk, and else not', () => {
    expect(forecastWarnings({ seconds: 3600, bytes: 10 }, 100)).toEqual([]);
    expect(forecastWarnings({ seconds: 100_000, bytes: 10 }, 100)[0]).toContain('more than a day');
    expect(forecastWarnings({ seconds: 864_000, bytes: 10 }, 100)[0]).toContain('10 days');
    expect(forecastWarnings({ seconds: 1, bytes: 2048 }, 1024)[0]).toContain('2.0 KiB of disk');
  });

  it('keeps the weights that training starts from for the same images alone', () => {
    const init = { weights: 'a'.repeat(64), head: 'keep' as const, layers: 'all' as const };
    const usual = presetSettings('quick', 'cifar10');
    const settings = { ...usual, recipe: { ...usual.recipe, init, resize: 32, crop: 28 } };
    const retrain = switchSettings(settings, { protocol: 'retrain' }, settingsOf);
    expect(retrain.recipe).toMatchObject({ init, resize: 32, crop: 28 });
    const there = switchSettings(settings, { dataset: 'tiny-imagenet' }, settingsOf);
    expect(there.recipe).not.toHaveProperty('init');
    expect(there.recipe).toMatchObject({ resize: null, crop: null });
  });
});

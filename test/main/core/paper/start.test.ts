import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../../../src/main/core/app';
import { type EnginePort } from '../../../../src/shared/engine';
import { StudioError } from '../../../../src/shared/errors';
import { encodeNpy } from '../../../../src/shared/npy';
import { ScriptedEngine } from '../jobs/scripted-engine';

/** Knows some datasets, all of 60 images, and this machine's speed; training waits. */
class Machine extends ScriptedEngine {
  readonly installed = new Set<string>(['mnist', 'cifar10']);

  constructor() {
    super();
    const scripted = this.request;
    this.request = (async (operation, given, options) => {
      const input = given as { dataset?: string; outDir?: string };
      if (input.dataset && !this.installed.has(input.dataset)) {
        throw new StudioError({ code: 'dataset-missing', message: 'It is not installed.' });
      }
      if (operation === 'dataset-labels') {
        const data = Int32Array.from({ length: 60 }, (_, i) => i % 10);
        await writeFile(join(input.outDir ?? '', 'labels.npy'), encodeNpy({ shape: [60], data }));
        return { files: [] };
      }
      if (operation === 'measure-rates') {
        return {
          trainImagesPerSecond: 60,
          gradientsPerSecond: 100,
          forwardImagesPerSecond: 600,
        };
      }
      return scripted(operation, given, options);
    }) as EnginePort['request'];
  }
}

let dataDir: string;
let engine: Machine;
let app: App;

const open = async (threads = 1) => {
  engine = new Machine();
  engine.threads = threads;
  const opened = engine;
  app = await createApp({ dataDir, shell: 'cli', startEngine: () => opened, recover: 'park' });
};

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'studio-'));
  // That it is there is all that core asks of an installed dataset; the rest is the engine's.
  await mkdir(join(dataDir, 'datasets', 'cifar10'), { recursive: true });
  await writeFile(join(dataDir, 'datasets', 'cifar10', 'dataset.json'), '{}');
  await open();
});
afterEach(async () => {
  await app.close();
  await rm(dataDir, { recursive: true, force: true });
});

const both = { preset: 'quick' as const, datasets: ['mnist' as const, 'cifar10' as const] };

describe('a reproduction', () => {
  it('is refused where a dataset is missing, with the way to install it, and starts nothing', async () => {
    const start = app.api.call('experiments.start', { preset: 'quick' });
    await expect(start).rejects.toMatchObject({
      data: {
        code: 'dataset-missing',
        message: expect.stringMatching(
          /Tiny ImageNet is not installed.*datasets install tiny-imagenet/,
        ) as string,
      },
    });
    expect(await app.api.call('roar.list', {})).toEqual([]);
    expect(await app.api.call('experiments.list', {})).toEqual([]);
  });

  it('is forecast dataset by dataset, missing ones too', async () => {
    const { members, seconds } = await app.api.call('experiments.forecast', { preset: 'quick' });
    expect(members.map(({ dataset, missing }) => [dataset, missing])).toEqual([
      ['mnist', false],
      ['cifar10', false],
      ['tiny-imagenet', true],
    ]);
    expect(members[2]?.forecast).toBeNull();
    const sum = members.reduce((total, { forecast }) => total + (forecast?.seconds ?? 0), 0);
    expect(seconds).toBeCloseTo(sum, 6);
    expect(seconds).toBeGreaterThan(1);
  });

  it('queues a run on each dataset, fitted to what the dataset holds', async () => {
    const { experiment, jobs, reused } = await app.api.call('experiments.start', both);
    expect(reused).toEqual([]);
    expect(experiment).toMatchObject({
      kind: 'reproduction',
      name: 'The paper on MNIST, CIFAR-10, quick',
    });
    expect(experiment.members.map(({ dataset, variant }) => [dataset, variant])).toEqual([
      ['mnist', null],
      ['cifar10', null],
    ]);
    expect(experiment.members[0]?.run.settings).toMatchObject({
      protocol: 'paper',
      images: 50,
      recipe: { trainLimit: null },
    });
    const states = await Promise.all(
      jobs.map(async (job) => (await app.api.call('jobs.get', { job })).state),
    );
    expect(states).toEqual(['running', 'queued']);
    const result = await app.api.call('experiments.result', { experiment: experiment.id });
    expect(result.claims.every(({ verdict }) => verdict === 'undecided')).toBe(true);
    await expect(
      app.api.call('experiments.export', { experiment: experiment.id, format: 'figures.svg' }),
    ).rejects.toMatchObject({ data: { code: 'conflict' } });
  });

  it('started again it is the same one, and its runs go on', async () => {
    const first = await app.api.call('experiments.start', both);
    await app.close();
    await open();
    const again = await app.api.call('experiments.start', both);
    expect(again.experiment.id).toBe(first.experiment.id);
    expect(again.jobs).toEqual(first.jobs);
    expect(again.reused).toHaveLength(2);
    expect(await app.api.call('roar.list', {})).toHaveLength(2);
    const alone = await app.api.call('experiments.start', { ...both, datasets: ['mnist'] });
    expect(alone.experiment.id).not.toBe(first.experiment.id);
    expect(alone.reused).toHaveLength(1);
    const other = await app.api.call('experiments.start', { ...both, seed: 5 });
    expect(other.reused).toEqual([]);
  });

  it('begins anew what another engine half did, and takes the rest with it', async () => {
    const first = await app.api.call('experiments.start', both);
    (await engine.training()).finish();
    await engine.training();
    await app.close();
    await open(2);
    const again = await app.api.call('experiments.start', both);
    const [mnist, cifar] = first.experiment.members.map(({ run }) => run.id);
    expect(again.left.map(({ id, state }) => [id, state])).toEqual([[mnist, 'parked']]);
    expect(again.reused).toEqual([cifar]);
    expect(again.experiment.id).not.toBe(first.experiment.id);
    const members = again.experiment.members.map(({ run }) => run.id);
    expect(members).toEqual([expect.not.stringMatching(String(mnist)), cifar]);
    const result = await app.api.call('experiments.result', { experiment: again.experiment.id });
    expect(result.results[0]?.levels.map(({ epochs }) => epochs)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('can be renamed and removed; its runs stay', async () => {
    const { experiment } = await app.api.call('experiments.start', both);
    const { id } = experiment;
    const named = await app.api.call('experiments.rename', { experiment: id, name: 'Mine' });
    expect(named.name).toBe('Mine');
    await app.api.call('experiments.remove', { experiment: id });
    expect(await app.api.call('experiments.list', {})).toEqual([]);
    expect(await app.api.call('roar.list', {})).toHaveLength(2);
    await expect(app.api.call('experiments.result', { experiment: id })).rejects.toMatchObject({
      data: { code: 'not-found' },
    });
  });
});

describe('a sensitivity analysis', () => {
  const mnist = {
    kind: 'sensitivity' as const,
    preset: 'quick' as const,
    datasets: ['mnist' as const],
  };

  it('is of one dataset', async () => {
    await expect(
      app.api.call('experiments.start', { ...both, kind: 'sensitivity' }),
    ).rejects.toMatchObject({ data: { code: 'invalid-input', field: 'datasets' } });
  });

  it('forecasts what readings share once', async () => {
    const { members } = await app.api.call('experiments.forecast', mnist);
    const training = (setting: string | null) =>
      members
        .find(({ variant }) => (variant?.setting ?? null) === setting)
        ?.forecast?.stages.find(({ id }) => id === 'train');
    expect(training(null)).toMatchObject({ reused: 0, items: 12 });
    expect(training('reduction = signed')).toMatchObject({ reused: 12, seconds: 0 });
    // The model of whole images is the same whatever removed pixels become.
    expect(training('fill = random')).toMatchObject({ reused: 2 });
    const maps = members
      .find(({ variant }) => variant?.setting === 'parameters.baseline = white')
      ?.forecast?.stages.find(({ id }) => id === 'maps');
    // Four of the nine integrate from a baseline.
    expect(maps).toMatchObject({ reused: 6, items: 10 });
  });

  it('keeps which choice was read how', async () => {
    const { experiment } = await app.api.call('experiments.start', mnist);
    const [base, first] = experiment.members;
    expect(base?.variant).toBeNull();
    expect(first?.variant).toEqual({
      choice: 'fill',
      question: 'What value does a removed pixel take?',
      reading: 'The mean of the training set, per channel.',
      setting: 'fill = dataset-mean',
    });
    const { ranks, spearman, notRerun } = await app.api.call('experiments.result', {
      experiment: experiment.id,
    });
    expect(ranks).toEqual([]);
    expect(spearman).toEqual(experiment.members.map(() => null));
    expect(notRerun.length).toBeGreaterThan(20);
  });
});

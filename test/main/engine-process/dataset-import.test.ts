import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EngineProgress } from '../../../src/shared/engine';
import { storedDatasetFile } from '../../../src/shared/stored-dataset';
import { knownOf, placeOf } from '../../engine/datasets/support';
import { writeCifar10 } from '../../fixtures/cifar10';
import { writeTinyImagenet } from '../../fixtures/tiny-imagenet';
import { code, readNpy, realEngine, temporaryFolder } from './helpers';

const request = (dataset: 'cifar10' | 'tiny-imagenet') => ({
  importer: dataset,
  ...knownOf(dataset),
});

const batch = { lane: 'batch' } as const;
const interactive = { lane: 'interactive' } as const;
const whole = { classes: null, perClass: null };

describe('dataset-import in the engine process', () => {
  const engine = realEngine();
  let folder: string;
  let tiny: string;
  let cifar: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'saliency-studio-'));
    tiny = await writeTinyImagenet(folder, { classes: 3, train: 16, validation: 4 });
    cifar = await writeCifar10(folder);
  });
  afterAll(async () => {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const files = (outDir: string) =>
    existsSync(outDir) ? readdirSync(outDir, { recursive: true }) : [];

  it('imports, then summarises, shows and trains on what it wrote', async () => {
    const outDir = temporaryFolder();
    const seen: EngineProgress[] = [];
    const made = await engine.request(
      'dataset-import',
      { ...request('tiny-imagenet'), path: tiny, subset: whole, outDir },
      { ...batch, report: (progress) => seen.push(progress) },
    );
    expect(made).toMatchObject({ classes: 3, train: 48, validation: 12 });
    expect(made.files.map(({ name }) => name)).toContain(storedDatasetFile);
    expect(files(outDir)).toHaveLength(5);
    expect(seen.at(-1)).toEqual({ done: 60, total: 60, unit: 'images' });
    const source = placeOf('tiny-imagenet', outDir);
    const summary = await engine.request('dataset-summary', source, interactive);
    expect(summary).toMatchObject({
      classes: ['goldfish', 'Egyptian cat', 'school bus'],
      trainPerClass: [16, 16, 16],
      validationPerClass: [4, 4, 4],
      bytes: 60 * 12_289,
    });
    expect(summary.files.map(({ published }) => published)).toEqual(Array(4).fill(false));
    const input = {
      ...source,
      split: 'train' as const,
      indices: [47, 3],
      outDir: temporaryFolder(),
    };
    const picked = await engine.request('dataset-images', input, interactive);
    expect(readNpy(input.outDir, picked.files, 'images.npy').shape).toEqual([2, 64, 64, 3]);
    expect([...readNpy(input.outDir, picked.files, 'labels.npy').data]).toEqual([2, 0]);
    const trained = await engine.request(
      'train-epoch',
      {
        ...source,
        recipe: { architecture: 'resnet18', epochs: 1, batchSize: 16 },
        removal: { level: 0.5, fill: 'dataset-mean' },
        removalSeed: 0,
        epoch: 0,
        checkpoint: null,
        outDir: temporaryFolder(),
      },
      batch,
    );
    expect(trained.loss).toBeGreaterThan(0);
  });

  it('sees a dataset that took the place of another', async () => {
    const outDir = temporaryFolder();
    const source = placeOf('cifar10', outDir);
    await expect(engine.request('dataset-summary', source, interactive)).rejects.toEqual(
      code('dataset-missing'),
    );
    const asked = { ...request('cifar10'), path: cifar, outDir };
    const counts = async () =>
      (await engine.request('dataset-summary', source, interactive)).classes.length;
    await engine.request('dataset-import', { ...asked, subset: whole }, batch);
    expect(await counts()).toBe(10);
    const subset = { classes: ['cat', 'dog', 'frog'], perClass: null };
    await engine.request('dataset-import', { ...asked, subset }, batch);
    expect(await counts()).toBe(3);
    rmSync(outDir, { recursive: true });
    await expect(engine.request('dataset-summary', source, interactive)).rejects.toEqual(
      code('dataset-missing'),
    );
  });

  it('refuses a layout that nobody reads, naming those that are', async () => {
    const outDir = join(temporaryFolder(), 'out');
    const unknown = { ...request('cifar10'), importer: 'nothing', path: cifar, subset: whole };
    await expect(
      engine.request('dataset-import', { ...unknown, outDir }, batch),
    ).rejects.toMatchObject({
      data: {
        code: 'invalid-input',
        field: 'importer',
        accepted: 'one of: cifar10, tiny-imagenet, fashion-mnist',
      },
    });
  });

  it('leaves nothing behind when it is cancelled or the archive is refused', async () => {
    const outDir = join(temporaryFolder(), 'out');
    const controller = new AbortController();
    const cancelled = engine.request(
      'dataset-import',
      { ...request('tiny-imagenet'), path: tiny, subset: whole, outDir },
      { ...batch, signal: controller.signal, report: () => controller.abort() },
    );
    await expect(cancelled).rejects.toEqual(code('cancelled'));
    expect(files(outDir)).toEqual([]);
    const wrong = { ...request('tiny-imagenet'), path: cifar, subset: whole, outDir };
    await expect(engine.request('dataset-import', wrong, batch)).rejects.toEqual(
      code('invalid-input'),
    );
    expect(files(outDir)).toEqual([]);
  });
});

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { datasetRecordSchema } from '../../../../src/shared/records';
import { type RouteInput } from '../../../../src/shared/routes';
import { filesIn, ownFolder, shapesFolder } from '../../../fixtures/own';
import { writeTarball } from '../../../fixtures/cifar10';
import { writeZipFile } from '../../../fixtures/tiny-imagenet';
import { type Harness, harness, type Opened } from '../jobs/harness';
import { temporaryFolder } from '../storage/helpers';

describe('a dataset of one’s own images, on the real engine', () => {
  let world: Harness;
  let opened: Opened;
  beforeAll(async () => {
    world = await harness();
    opened = await world.open();
  });
  afterAll(() => world.remove());

  const api = () => opened.app.api;
  const ended = async (input: RouteInput<'datasets.importImages'>) => {
    const { job } = await api().call('datasets.importImages', input);
    await opened.reaches(job.id, 'done', 'failed');
    return api().call('jobs.get', { job: job.id });
  };
  const done = async (input: RouteInput<'datasets.importImages'>) => {
    const { subject, error, stages } = await ended(input);
    expect(error).toBeNull();
    return { dataset: subject ?? '', reused: stages[0]?.reused === 1 };
  };
  const record = async (id: string) => {
    const found = (await api().call('datasets.list', {})).find((each) => each.id === id);
    return found && datasetRecordSchema.parse(found);
  };
  const installed = () => {
    const folder = join(world.dataDir, 'datasets');
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  };

  it('is imported, listed with its origin, and the same however it is packed and called', async () => {
    const { dataset, reused } = await done({ name: 'Shapes', path: shapesFolder });
    expect(reused).toBe(false);
    expect(await record(dataset)).toMatchObject({
      ...{ id: dataset, name: 'Shapes', state: 'installed', train: 100, validation: 40 },
      ...{ shape: [64, 64, 3], classes: ['cross', 'disc', 'square', 'triangle'], known: null },
      origin: {
        ...{ kind: 'images', name: 'shapes', published: null },
        images: { size: 64, fit: 'crop', grayscale: false, validation: 0.2, seed: 0 },
      },
    });
    const imported = await api().call('datasets.imported', { dataset });
    expect(imported.refused.map(({ path }) => path)).toEqual(['train/disc/notes.txt']);
    const folder = temporaryFolder();
    const zip = await writeZipFile(join(folder, 'other.zip'), filesIn(shapesFolder));
    expect(await done({ name: 'Other', path: zip })).toEqual({ dataset, reused: true });
    const list = join(ownFolder, 'labels.csv');
    expect(await done({ name: 'Third', path: ownFolder, labels: list })).toMatchObject({ dataset });
    // What the last import came to.
    expect((await api().call('datasets.imported', { dataset })).refused).toEqual([]);
    // Its masks are new, and no part of what the dataset is.
    expect(await record(dataset)).toMatchObject({
      name: 'Shapes',
      masks: { train: 96, validation: 40 },
    });
    const asked = { dataset, split: 'train' as const, indices: [24, 3] };
    const { indices, masks } = await api().call('datasets.masks', asked);
    // The last cross has none.
    expect([indices, masks.shape]).toEqual([[3], [1, 512]]);
    expect(installed()).toEqual([dataset]);
    const changed = opened.events.filter(({ type }) => type === 'dataset.changed');
    expect(changed.length).toBeGreaterThan(0);
  });

  it('is looked at before, in one size and another, and given up', async () => {
    const preview = await api().call('datasets.previewImages', { path: shapesFolder, size: 16 });
    const per = { train: 25, validation: 10 };
    expect(preview.classes).toEqual(
      ['cross', 'disc', 'square', 'triangle'].map((name) => ({ name, ...per })),
    );
    expect(preview.refused.map(({ path }) => path)).toEqual(['train/disc/notes.txt']);
    expect(preview).toMatchObject({ refusals: 1, splitGiven: true, stated: null });
    expect(preview.settings).toMatchObject({ size: 16, fit: 'crop' });
    expect(preview.samples).toHaveLength(24);
    expect(new Set(preview.samples.map(({ className }) => className)).size).toBe(4);
    expect(preview.pixels.shape).toEqual([24, 16, 16, 3]);
    expect([preview.masks, preview.maskBits.shape]).toEqual([null, [0, 32]]);
    const zip = await writeZipFile(join(temporaryFolder(), 's.zip'), filesIn(shapesFolder));
    const { upload } = await opened.app.files.adopt(zip);
    const sent = await api().call('datasets.previewImages', { upload, size: 16 });
    expect(sent.pixels).toEqual(preview.pixels);
    const files = preview.samples.map(({ path }) => path);
    const asked = { files, size: 8, fit: 'pad', grayscale: true } as const;
    const again = await api().call('datasets.sampleImages', { upload, ...asked });
    expect(again.pixels.shape).toEqual([24, 8, 8, 1]);
    expect(again).toEqual(
      await api().call('datasets.sampleImages', { path: shapesFolder, ...asked }),
    );
    // What was unpacked stays while it is looked at, and no longer.
    const tar = await writeTarball(join(temporaryFolder(), 's.tar.gz'), filesIn(shapesFolder));
    const units: string[] = [];
    const stop = opened.app.subscribe((event) => {
      if (event.type === 'preview.progress' && event.request === 'look') units.push(event.unit);
    });
    const look = { path: tar, masks: join(ownFolder, 'masks'), size: 16, request: 'look' };
    const first = await api().call('datasets.previewImages', look);
    expect(first.masks).toEqual({ train: 96, validation: 40 });
    expect(units).toContain('bytes');
    units.length = 0;
    expect(await api().call('datasets.previewImages', { ...look, seed: 3 })).toMatchObject({
      samples: first.samples,
    });
    expect(units).not.toContain('bytes');
    stop();
    const kept = () =>
      readdirSync(join(world.dataDir, 'work'), { recursive: true, encoding: 'utf8' }).filter(
        (name) => name.endsWith('index.jsonl'),
      );
    expect(kept()).toHaveLength(1);
    await api().call('datasets.cancelPreview', {});
    await vi.waitFor(() => expect(kept()).toEqual([]));
    const waiting = api().call('datasets.previewImages', { path: shapesFolder });
    await api().call('datasets.cancelPreview', {});
    await expect(waiting).rejects.toThrow('given up');
    await expect(api().call('datasets.previewImages', {})).rejects.toThrow('path is null');
    expect(installed()).toHaveLength(1);
  });

  it('is renamed and described, and its archive sent from elsewhere is the same dataset', async () => {
    const [dataset = ''] = installed();
    await api().call('datasets.rename', { dataset, name: ' Four  shapes ' });
    for (const name of ['MNIST', 'mnist', 'cifar-10']) {
      const asked = api().call('datasets.rename', { dataset, name });
      await expect(asked).rejects.toThrow('a name that no other dataset has');
    }
    const mnist = api().call('datasets.rename', { dataset: 'mnist', name: 'Digits' });
    await expect(mnist).rejects.toThrow('MNIST is a published dataset and keeps its name');
    await api().call('datasets.describe', { dataset, licence: 'CC0' });
    await api().call('datasets.describe', { dataset, citation: 'Ada, 2026' });
    const about = { name: 'Four shapes', licence: 'CC0', citation: 'Ada, 2026' };
    expect(await record(dataset)).toMatchObject(about);
    expect(opened.app.datasets.named('four shapes', '--dataset')).toBe(dataset);
    expect(() => opened.app.datasets.named('five', '--dataset')).toThrow(
      `${dataset} (Four shapes)`,
    );
    const { job } = await api().call('datasets.export', { dataset });
    await opened.reaches(job.id, 'done', 'failed');
    const archive = await api().call('datasets.exported', { job: job.id });
    expect(archive.name).toBe('four-shapes.zip');
    const taken = await opened.app.files.take(archive.file);
    const copy = join(temporaryFolder(), 'copy.zip');
    cpSync(taken.path, copy);
    await taken.release();
    await api().call('datasets.remove', { dataset });
    expect(installed()).toEqual([]);
    // Sent in pieces, as a browser does, and in another dataset's name.
    const bytes = readFileSync(copy);
    const { upload } = await api().call('uploads.begin', { name: 'a.zip', bytes: bytes.length });
    await opened.app.files.append(upload, bytes);
    expect(await done({ name: 'CIFAR-10', upload })).toEqual({ dataset, reused: false });
    const numbered = { ...about, name: 'CIFAR-10 (2)' };
    expect(await record(dataset)).toMatchObject({ ...numbered, origin: { images: { size: 64 } } });
    const { notes } = await api().call('datasets.imported', { dataset });
    expect(notes).toEqual(['Another dataset is called CIFAR-10: this one is CIFAR-10 (2).']);
    expect(readdirSync(join(world.dataDir, 'downloads', 'sent-images'))).toEqual([]);
    await api().call('datasets.rename', { dataset, name: 'Shapes' });
  });

  it('lists the files that it left out, a page at a time, and as a file', async () => {
    const [dataset = ''] = installed();
    await done({ name: 'Shapes', path: shapesFolder });
    const file = { path: 'train/disc/notes.txt', reason: expect.stringContaining('not a JPEG') };
    const all = await api().call('datasets.refused', { dataset });
    expect(all).toEqual({ total: 1, files: [file] });
    const found = await api().call('datasets.refused', { dataset, search: 'DISC/notes' });
    expect(found.total).toBe(1);
    expect((await api().call('datasets.refused', { dataset, search: 'cross' })).total).toBe(0);
    const { file: list } = await api().call('datasets.refusedExport', { dataset });
    const { path, release } = await opened.app.files.take(list);
    expect(readFileSync(path, 'utf8')).toMatch(/^path,reason\ntrain\/disc\/notes\.txt,"?it is not/);
    await release();
  });

  it('can be worked with where its masks are damaged; and keeps them where none came', async () => {
    const [dataset = ''] = installed();
    const list = join(ownFolder, 'labels.csv');
    await done({ name: 'Shapes', path: list });
    const masks = join(world.dataDir, 'datasets', dataset, 'masks.bin');
    writeFileSync(masks, readFileSync(masks).subarray(1));
    const harmed = await api().call('datasets.verify', { dataset });
    expect(harmed).toMatchObject({
      ...{ state: 'installed', train: 100, reason: null },
      masks: { train: 0, validation: 0, damaged: expect.stringContaining('masks.bin is damaged') },
    });
    const page = { dataset, split: 'train', label: null, offset: 0, limit: 3 } as const;
    expect((await api().call('datasets.images', page)).total).toBe(100);
    const asked = { dataset, split: 'train' as const, indices: [3] };
    await expect(api().call('datasets.masks', asked)).rejects.toThrow('Import the images with');
    await done({ name: 'Shapes', path: list });
    expect((await record(dataset))?.masks).toEqual({ train: 96, validation: 40 });
    await done({ name: 'Shapes', path: shapesFolder });
    const { masks: counts, notes } = await api().call('datasets.imported', { dataset });
    expect(counts).toEqual({ train: 96, validation: 40 });
    expect(notes.join()).toContain('stay: none came now');
    expect((await record(dataset))?.masks).toEqual({ train: 96, validation: 40 });
  });

  it('is sent twice at once, and neither takes what the other sent', async () => {
    const [dataset = ''] = installed();
    const folder = temporaryFolder();
    const zip = await writeZipFile(join(folder, 'shapes.zip'), filesIn(shapesFolder));
    const masks = await writeZipFile(join(folder, 'masks.zip'), filesIn(join(ownFolder, 'masks')));
    const sent = async (file: string) => {
      const bytes = readFileSync(file);
      const name = basename(file);
      const { upload } = await api().call('uploads.begin', { name, bytes: bytes.length });
      await opened.app.files.append(upload, bytes);
      return upload;
    };
    const inputs: RouteInput<'datasets.importImages'>[] = [];
    for (let i = 0; i < 4; i += 1) {
      const masksUpload = i === 1 ? await sent(masks) : null;
      inputs.push({ name: `Sent ${i}`, size: 16 + i, upload: await sent(zip), masksUpload });
    }
    const made = await Promise.all(inputs.map(done));
    expect(new Set(made.map((each) => each.dataset)).size).toBe(4);
    expect((await record(made[1]?.dataset ?? ''))?.masks).toEqual({ train: 96, validation: 40 });
    expect(readdirSync(join(world.dataDir, 'downloads', 'sent-images'))).toEqual([]);
    for (const each of made) await api().call('datasets.remove', { dataset: each.dataset });
    expect(installed()).toEqual([dataset]);
  });

  it('goes on where it refused all for a file, that file left out, and is given up for good', async () => {
    const before = installed();
    const folder = join(temporaryFolder(), 'shapes');
    cpSync(shapesFolder, folder, { recursive: true });
    rmSync(join(folder, 'train/disc/notes.txt'));
    writeFileSync(join(folder, 'validation/square/square_00.png'), 'no image');
    const archive = await writeZipFile(join(temporaryFolder(), 'a.zip'), filesIn(folder));
    const bytes = readFileSync(archive);
    const sent = async () => {
      const { upload } = await api().call('uploads.begin', { name: 'a.zip', bytes: bytes.length });
      await opened.app.files.append(upload, bytes);
      return upload;
    };
    const start = async (size: number) => {
      const input = { name: 'Strict', size, strict: true, upload: await sent() };
      const { job } = await api().call('datasets.importImages', input);
      await opened.reaches(job.id, 'done', 'failed');
      return api().call('jobs.get', { job: job.id });
    };
    const failed = await start(24);
    expect(failed).toMatchObject({ state: 'failed', error: { field: 'strict' } });
    expect(failed.error?.message).toContain('square_00.png: it is not');
    // Over a restart, and past another import of what was sent.
    await opened.close();
    opened = await world.open();
    const other = await start(25);
    await api().call('datasets.leaveOut', { job: failed.id });
    await opened.reaches(failed.id, 'done', 'failed');
    const { subject, error } = await api().call('jobs.get', { job: failed.id });
    expect(error).toBeNull();
    const imported = await api().call('datasets.imported', { dataset: subject ?? '' });
    expect(imported.refused.map(({ path }) => path)).toEqual(['validation/square/square_00.png']);
    await api().call('datasets.remove', { dataset: subject ?? '' });
    expect(readdirSync(join(world.dataDir, 'downloads', 'sent-images'))).toHaveLength(1);
    await api().call('datasets.dropImport', { job: other.id });
    expect(readdirSync(join(world.dataDir, 'downloads', 'sent-images'))).toEqual([]);
    expect(existsSync(join(world.dataDir, 'imports'))).toBe(false);
    await expect(api().call('datasets.leaveOut', { job: failed.id })).rejects.toThrow('is done');
    expect(installed()).toEqual(before);
  });

  it('is mended by importing it again', async () => {
    const [dataset = ''] = installed();
    writeFileSync(join(world.dataDir, 'datasets', dataset, 'train.images'), 'damaged');
    const broken = await api().call('datasets.verify', { dataset });
    expect(broken.state).toBe('unreadable');
    expect(await done({ name: 'Shapes', path: shapesFolder })).toEqual({ dataset, reused: false });
    expect((await record(dataset))?.state).toBe('installed');
  });

  it('is not imported at all where that was asked for, or where a class has no image', async () => {
    const before = installed();
    const strict = await ended({ name: 'Strict', path: shapesFolder, strict: true });
    expect(strict).toMatchObject({ state: 'failed', subject: null });
    expect(strict.error?.message).toContain('1 file is refused, so nothing was imported');
    const folder = join(temporaryFolder(), 'shapes');
    cpSync(shapesFolder, folder, { recursive: true });
    for (const split of ['train', 'validation']) {
      rmSync(join(folder, split, 'disc'), { recursive: true });
    }
    cpSync(join(shapesFolder, 'train/disc/notes.txt'), join(folder, 'train/disc/notes.txt'));
    const classless = await ended({ name: 'Classless', path: folder });
    expect(classless.error?.message).toContain('no image of the class disc');
    expect(installed()).toEqual(before);
    const left = readdirSync(join(world.dataDir, 'work'));
    expect(left.filter((name) => !name.startsWith('saliency-studio-transfers-'))).toEqual([]);
  });

  /** Enough images to be interrupted in the middle. */
  const many = () => {
    const folder = join(temporaryFolder(), 'many');
    for (let copy = 0; copy < 12; copy += 1) {
      for (const [name, bytes] of filesIn(join(shapesFolder, 'train'))) {
        const target = join(folder, name.replace('/', `/${copy}-`));
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, bytes);
      }
    }
    return folder;
  };
  const begun = () => {
    const folder = join(world.dataDir, 'imports');
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('begun.json'),
    );
  };

  it('goes on where its engine died, over a restart, and leaves nothing when it is cancelled', async () => {
    const path = many();
    const start = async () => {
      const { job } = await api().call('datasets.importImages', { name: 'Many', path });
      await vi.waitFor(() => expect(begun()).toHaveLength(1), { timeout: 20_000, interval: 5 });
      return job.id;
    };
    const whole = await done({ name: 'Whole', path });
    await api().call('datasets.remove', { dataset: whole.dataset });
    const cancelled = await start();
    await api().call('jobs.cancel', { job: cancelled });
    await opened.reaches(cancelled, 'cancelled');
    expect(existsSync(join(world.dataDir, 'imports'))).toBe(false);

    const job = await start();
    expect(job).toBe(cancelled);
    const died = opened.engine.pid;
    if (died !== undefined) process.kill(died, 'SIGKILL');
    const another = () => expect(opened.engine.pid).not.toBe(died);
    await vi.waitFor(another, { timeout: 20_000, interval: 5 });
    await opened.close();
    const [left = ''] = begun();
    const kept = readFileSync(join(world.dataDir, 'imports', left), 'utf8');
    const { done: before } = z.object({ done: z.int().min(1) }).parse(JSON.parse(kept));
    opened = await world.open();
    await opened.reaches(job, 'done', 'failed');
    const { subject, error } = await api().call('jobs.get', { job });
    expect([subject, error]).toEqual([whole.dataset, null]);
    const shares = opened.events.flatMap((event) =>
      event.type === 'job.progress' && event.progress.itemShare > 0
        ? [event.progress.itemShare]
        : [],
    );
    expect(shares[0]).toBeGreaterThanOrEqual(before / 1200);
    expect(existsSync(join(world.dataDir, 'imports'))).toBe(false);
    await api().call('datasets.remove', { dataset: whole.dataset });
  }, 90_000);

  it('stays over a restart, is trained on and explained, and removed', async () => {
    await opened.close();
    opened = await world.open();
    const [dataset = ''] = installed();
    expect(await record(dataset)).toMatchObject({ name: 'Shapes', state: 'installed' });
    const { job, model } = await api().call('models.train', { dataset, recipe: { epochs: 1 } });
    expect(model).toMatchObject({
      architecture: 'resnet18',
      recipe: { batchSize: 20, learningRate: 0.02 },
    });
    await opened.reaches(job.id, 'done', 'failed');
    expect((await api().call('jobs.get', { job: job.id })).error).toBeNull();
    const made = await api().call('datasets.users', { dataset });
    expect(made).toEqual({ models: [model.name], runs: [], studies: [], methods: [] });
    const methods = ['vanilla-gradient'];
    const request = 'test.1';
    await api().call('maps.explore', { request, model: model.id, images: [0, 39], methods });
    await opened.until('maps.finished', (event) => event.request === request);
    const maps = opened.events.filter((event) => event.type === 'maps.ready');
    expect(maps.map(({ map }) => map.shape)).toEqual([
      [64, 64, 3],
      [64, 64, 3],
    ]);
    await api().call('models.remove', { model: model.id });
    expect((await api().call('datasets.remove', { dataset })).state).toBe('missing');
    expect(await record(dataset)).toBeUndefined();
    expect(installed()).toEqual([]);
  });
});

import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArtifactStore } from '../../../../src/main/core/artifacts/artifact-store';
import {
  artifactKey,
  type ArtifactKind,
  ArtifactsRepository,
} from '../../../../src/main/core/artifacts/artifacts';
import { RunsRepository } from '../../../../src/main/core/evaluation/runs-repository';
import { JobsRepository } from '../../../../src/main/core/jobs/jobs-repository';
import { ExploreCacheRepository } from '../../../../src/main/core/maps/explore-cache';
import { ModelsRepository } from '../../../../src/main/core/models/models-repository';
import { type Database } from '../../../../src/main/core/storage/database';
import { StudiesRepository } from '../../../../src/main/core/studies/studies-repository';
import {
  at,
  memoryDatabase,
  newJob,
  newModel,
  newRun,
  sha,
  temporaryFolder,
} from '../storage/helpers';
import { newStudy } from '../storage/rating-helpers';

const code = (value: string) =>
  expect.objectContaining({ data: expect.objectContaining({ code: value }) });
const bytes = (text: string) => new TextEncoder().encode(text);

function setUp() {
  const root = temporaryFolder();
  const database = memoryDatabase();
  let time = Date.parse(at(0));
  const store = new ArtifactStore({ root, database, now: () => new Date(time) });
  return { root, database, store, pass: (seconds: number) => (time += seconds * 1000) };
}

async function withStudy(store: ArtifactStore, database: Database) {
  const put = (name: string, kind: ArtifactKind) =>
    store.put({ bytes: bytes(name), kind, key: sha(name) });
  const pictures = await put('pictures', 'images');
  const map = await put('map', 'map');
  const study = newStudy('a');
  const studies = new StudiesRepository(database);
  studies.insert(study);
  studies.putDataset(study.id, {
    dataset: 'mnist',
    position: 0,
    modelSha256: sha('model'),
    datasetKey: { dataset: 'mnist', files: [] },
    engineKey: null,
    classes: [],
    images: pictures.key,
  });
  const composition = 'smooth(gradient)';
  studies.putMap(study.id, {
    dataset: 'mnist',
    method: 'smoothgrad',
    composition,
    artifact: map.key,
  });
  return { map };
}

describe('artifact store', () => {
  it('keys by kind and by everything that determines the content, in any order', () => {
    const key = artifactKey('map', { seed: 1, model: 'm' });
    expect(key).toBe(artifactKey('map', { model: 'm', seed: 1 }));
    expect(key).not.toBe(artifactKey('tied', { seed: 1, model: 'm' }));
    expect(key).not.toBe(artifactKey('map', { seed: 2, model: 'm' }));
  });

  it('adopts a finished file under its key and reads it back', async () => {
    const { root, store } = setUp();
    const file = join(root, 'made.npy');
    writeFileSync(file, 'values');
    const artifact = await store.adopt({ file, kind: 'map', key: sha('k'), sha256: sha('values') });
    expect(artifact).toMatchObject({ bytes: 6, sha256: sha('values'), createdAt: at(0) });
    expect(existsSync(file)).toBe(false);
    expect(await store.has(sha('k'))).toBe(true);
    expect((await store.read(sha('k'))).toString()).toBe('values');
    expect(readFileSync(await store.open(sha('k')), 'utf8')).toBe('values');
    expect(store.usage()).toEqual({ artifacts: 1, bytes: 6, unusedBytes: 6 });
    expect(store.count('map')).toBe(1);
  });

  it('refuses a file that is not what its maker said', async () => {
    const { root, store } = setUp();
    const file = join(root, 'made.npy');
    writeFileSync(file, 'other');
    const adopting = store.adopt({ file, kind: 'map', key: sha('k'), sha256: sha('values') });
    await expect(adopting).rejects.toEqual(code('corrupt-file'));
    expect(await store.has(sha('k'))).toBe(false);
  });

  it('keeps the first of two files with one key', async () => {
    const { store } = setUp();
    await store.put({ bytes: bytes('one'), kind: 'map', key: sha('k') });
    await store.put({ bytes: bytes('two'), kind: 'map', key: sha('k') });
    expect((await store.read(sha('k'))).toString()).toBe('one');
  });

  it('drops a damaged file, so that it is computed again', async () => {
    for (const access of ['read', 'open'] as const) {
      const { root, database, store } = setUp();
      const { path } = await store.put({ bytes: bytes('values'), kind: 'weights', key: sha('k') });
      const models = new ModelsRepository(database);
      const model = newModel('a');
      models.insert(model);
      models.finish(model.id, sha('k'), 0.9);
      writeFileSync(join(root, path), 'vAlues');
      await expect(store[access](sha('k'))).rejects.toEqual(code('corrupt-file'));
      expect(await store.has(sha('k'))).toBe(false);
      expect(models.get(model.id)).toMatchObject({ state: 'incomplete', artifact: null });
      await store.put({ bytes: bytes('values'), kind: 'weights', key: sha('k') });
      expect((await store.read(sha('k'))).toString()).toBe('values');
    }
  });

  it('forgets a file that is gone or was cut short', async () => {
    const { root, store } = setUp();
    const { path } = await store.put({ bytes: bytes('values'), kind: 'map', key: sha('k') });
    writeFileSync(join(root, path), 'val');
    expect(await store.has(sha('k'))).toBe(false);
    await expect(store.read(sha('k'))).rejects.toEqual(code('not-found'));
  });

  it('marks the items that made a lost file as not done, but not those of a job done', async () => {
    const { database, store } = setUp();
    const jobs = new JobsRepository(database);
    const done = { artifacts: [sha('k')], reused: false, seconds: 1, finishedAt: at(2) };
    for (const letter of ['a', 'b']) {
      jobs.insert(newJob(letter));
      jobs.finishItem(newJob(letter).id, 'maps', { item: 'x', ...done });
    }
    jobs.finish(newJob('b').id, 'done', at(3));
    await store.put({ bytes: bytes('values'), kind: 'map', key: sha('k') });
    new ArtifactsRepository(database).forget(sha('k'));
    expect(jobs.item(newJob('a').id, 'maps', 'x')).toBeUndefined();
    expect(jobs.item(newJob('b').id, 'maps', 'x')).toBeDefined();
  });

  it('collects what nothing names once it is an hour old', async () => {
    const { root, database, store, pass } = setUp();
    const put = (name: string) => store.put({ bytes: bytes(name), kind: 'map', key: sha(name) });
    for (const name of ['weights', 'optimiser', 'map', 'item', 'explored', 'loose', 'old job']) {
      await put(name);
    }
    const models = new ModelsRepository(database);
    const jobs = new JobsRepository(database);
    const runs = new RunsRepository(database);
    models.insert(newModel('a'));
    const figures = { loss: 1, trainAccuracy: 1, validationAccuracy: 1, seconds: 1 };
    models.putEpoch(newModel('a').id, { epoch: 0, ...figures }, sha('weights'), sha('optimiser'));
    jobs.insert(newJob('a'));
    const done = { reused: false, seconds: 1, finishedAt: at(2) };
    jobs.finishItem(newJob('a').id, 'maps', { item: 'x', artifacts: [sha('item')], ...done });
    jobs.insert(newJob('b'));
    jobs.finishItem(newJob('b').id, 'maps', { item: 'x', artifacts: [sha('old job')], ...done });
    jobs.finish(newJob('b').id, 'done', at(3));
    runs.insert(newRun('a'));
    runs.putMap(newRun('a').id, 'smoothgrad', 0, sha('map'));
    new ExploreCacheRepository(database).touch(sha('explored'), at(1));

    expect(await store.collectGarbage()).toEqual({ artifacts: 0, bytes: 0 });
    pass(3601);
    await put('young');
    expect(store.usage()).toMatchObject({ artifacts: 8, unusedBytes: 5 + 7 + 5 });
    expect(await store.collectGarbage()).toEqual({ artifacts: 2, bytes: 5 + 7 });
    for (const name of ['weights', 'optimiser', 'map', 'item', 'explored', 'young']) {
      expect(await store.has(sha(name)), name).toBe(true);
    }
    const files = readdirSync(root, { recursive: true, withFileTypes: true });
    expect(files.filter((entry) => entry.isFile())).toHaveLength(6);
  });

  it('keeps what a study shows: its pictures and its maps', async () => {
    const { root, database, store, pass } = setUp();
    const { map } = await withStudy(store, database);
    pass(7200);
    expect(store.usage()).toMatchObject({ artifacts: 2, unusedBytes: 0 });
    expect(await store.collectGarbage()).toEqual({ artifacts: 0, bytes: 0 });
    expect(await store.has(sha('pictures'))).toBe(true);
    expect(existsSync(join(root, map.path))).toBe(true);
    new StudiesRepository(database).remove(newStudy('a').id);
    expect(await store.collectGarbage()).toEqual({ artifacts: 2, bytes: 8 + 3 });
  });

  it('takes back only the same bytes for what a study shows', async () => {
    const { root, database, store } = setUp();
    const { map } = await withStudy(store, database);
    writeFileSync(join(root, map.path), 'mqp');
    await expect(store.read(map.key)).rejects.toEqual(code('corrupt-file'));
    expect(await store.has(map.key)).toBe(false);
    expect(new StudiesRepository(database).maps(newStudy('a').id)).toHaveLength(1);
    const other = store.put({ bytes: bytes('pam'), kind: 'map', key: map.key });
    await expect(other).rejects.toEqual(code('corrupt-file'));
    await store.put({ bytes: bytes('map'), kind: 'map', key: map.key });
    expect((await store.read(map.key)).toString()).toBe('map');
  });

  it('collects files without a row, left by a crash between the rename and the row', async () => {
    const { root, store, pass } = setUp();
    await store.put({ bytes: bytes('kept'), kind: 'map', key: sha('kept') });
    const stray = join(root, '.left.part');
    writeFileSync(stray, 'half');
    utimesSync(stray, new Date(at(0)), new Date(at(0)));
    pass(30);
    expect(await store.collectGarbage()).toEqual({ artifacts: 0, bytes: 0 });
    pass(3600);
    expect(existsSync(stray)).toBe(true);
    expect(await store.collectGarbage()).toMatchObject({ artifacts: 2 });
    expect(existsSync(stray)).toBe(false);
  });

  it('says how much room is left', async () => {
    expect(await setUp().store.freeBytes()).toBeGreaterThan(0);
  });
});

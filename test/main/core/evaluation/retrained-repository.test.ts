import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ArtifactStore } from '../../../../src/main/core/artifacts/artifact-store';
import { RetrainedRepository } from '../../../../src/main/core/evaluation/retrained-repository';
import { RunsRepository } from '../../../../src/main/core/evaluation/runs-repository';
import { JobsRepository } from '../../../../src/main/core/jobs/jobs-repository';
import { at, id, memoryDatabase, newJob, newRun, sha, temporaryFolder } from '../storage/helpers';

const run = id('run', 'a');

function setUp() {
  const root = temporaryFolder();
  const database = memoryDatabase();
  let time = Date.parse(at(0));
  const store = new ArtifactStore({ root, database, now: () => new Date(time) });
  const jobs = new JobsRepository(database);
  const runs = new RunsRepository(database);
  jobs.insert(newJob('a'));
  runs.insert(newRun('a'));
  const put = (name: string, kind: 'order' | 'weights') =>
    store.put({ bytes: new TextEncoder().encode(name), kind, key: sha(name) });
  const isThere = (name: string) => {
    const key = sha(name);
    return existsSync(join(root, key.slice(0, 2), key));
  };
  const hours = (count: number) => (time += count * 3_600_000);
  return {
    database,
    store,
    jobs,
    runs,
    retrained: new RetrainedRepository(database),
    put,
    isThere,
    hours,
  };
}

it('orders are read by shard, and models by level, method and repetition', async () => {
  const { retrained, put } = setUp();
  const artifact = (await put('order', 'order')).key;
  const order = { method: 'smoothgrad', split: 'validation' as const, artifact };
  retrained.putOrder(run, { ...order, shard: 1, tied: [0, 0.5] });
  retrained.putOrder(run, { ...order, shard: 0, tied: [0, 0.25] });
  retrained.putOrder(run, { ...order, shard: 0, tied: [0, 0.75] });
  retrained.putOrder(run, { ...order, split: 'train', shard: 0, tied: [] });
  expect(retrained.orders(run, 'smoothgrad', 'validation')).toEqual([
    { shard: 0, artifact, tied: [0, 0.75] },
    { shard: 1, artifact, tied: [0, 0.5] },
  ]);
  expect(retrained.orders(run, 'random', 'validation')).toEqual([]);

  const model = { level: 0.1, repetition: 0, accuracy: 0.5, seconds: 2 };
  retrained.putModel(run, { ...model, method: 'smoothgrad', repetition: 1 });
  retrained.putModel(run, { ...model, method: 'smoothgrad' });
  retrained.putModel(run, { ...model, method: 'random', accuracy: 0.25 });
  retrained.putModel(run, { ...model, method: null, level: 0, accuracy: 0.9 });
  expect(
    retrained.models(run).map(({ method, repetition, accuracy }) => [method, repetition, accuracy]),
  ).toEqual([
    [null, 0, 0.9],
    ['random', 0, 0.25],
    ['smoothgrad', 0, 0.5],
    ['smoothgrad', 1, 0.5],
  ]);
});

it('an order lives as long as its run, and is made again where it was lost', async () => {
  const { store, runs, jobs, retrained, put, isThere, hours } = setUp();
  const { key } = await put('order', 'order');
  const order = { method: 'random', split: 'train' as const, shard: 0, artifact: key, tied: [] };
  retrained.putOrder(run, order);
  hours(2);
  expect(await store.collectGarbage()).toMatchObject({ artifacts: 0 });
  jobs.finish(id('job', 'a'), 'done', at(9));
  runs.remove(run);
  expect(await store.collectGarbage()).toMatchObject({ artifacts: 1 });
  expect(isThere('order')).toBe(false);
});

it('a checkpoint is released at once, its item stays done, and what else is named stays', async () => {
  const { store, jobs, retrained, put, isThere } = setUp();
  const [checkpoint, order] = [await put('checkpoint', 'weights'), await put('order', 'order')];
  jobs.finishItem(id('job', 'a'), 'train', {
    item: '0',
    artifacts: [checkpoint.key, order.key],
    ...{ reused: false, seconds: 1, finishedAt: at(1) },
  });
  const named = { method: 'random', split: 'train' as const, shard: 0, artifact: order.key };
  retrained.putOrder(run, { ...named, tied: [] });
  await store.release([checkpoint.key, order.key, sha('never there')]);
  expect(isThere('checkpoint')).toBe(false);
  expect(await store.has(checkpoint.key)).toBe(false);
  expect(isThere('order')).toBe(true);
  expect(jobs.item(id('job', 'a'), 'train', '0')).toBeDefined();
});

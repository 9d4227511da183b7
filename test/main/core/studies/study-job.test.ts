import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import SQLite from 'better-sqlite3';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusalOf, StudyWorld } from './study-world';

let world: StudyWorld;

beforeEach(async () => {
  world = await StudyWorld.make();
});
afterEach(() => world.remove());

const study = (id: string) => world.app.api.call('studies.get', { study: id });
const prepare = (id: string) => world.app.api.call('studies.prepare', { study: id });

describe('the job that prepares a study', () => {
  it('makes the pictures, then the maps, the cheapest first, and opens the study', async () => {
    const { id, state } = await world.create('First');
    expect(state).toBe('draft');
    world.engine.instant = false;
    const started = await prepare(id);
    expect(started.study).toMatchObject({ state: 'preparing', hash: null, job: started.job.id });
    expect(started.job).toMatchObject({ kind: 'study', title: 'Study: First', subject: id });
    for (const composition of ['random', 'gradient', 'smooth(gradient)']) {
      const call = await world.engine.mapping();
      expect(call.composition).toBe(composition);
      // Four rated images; those for practice have no maps.
      expect(call.indices).toHaveLength(4);
      expect((await study(id)).state).toBe('preparing');
      call.finish();
    }
    const job = await world.reaches(started.job.id, 'done');
    expect(job.stages).toMatchObject([
      { id: 'mnist', title: 'Maps of MNIST', items: 4, done: 4, reused: 0 },
    ]);
    const opened = await study(id);
    expect(opened).toMatchObject({ state: 'open', frozen: false });
    expect(opened.hash).toMatch(/^[0-9a-f]{64}$/);
    const last = world.events.findLast((event) => event.type === 'study.changed');
    expect(last).toMatchObject({ study: id });
    const tasks = world.events.filter((event) => event.type === 'job.progress');
    expect(tasks.length).toBeGreaterThan(3);
    expect(await refusalOf(prepare(id))).toMatchObject({ code: 'conflict' });
  });

  it('finds everything again for a study of the same images and methods', async () => {
    const first = await world.open('First');
    const made = world.engine.maps.length;
    const second = await world.open('Second', { title: 'Another title' });
    expect(world.engine.maps).toHaveLength(made);
    const job = await world.app.api.call('jobs.get', { job: second.job ?? '' });
    expect(job.stages).toMatchObject([{ items: 4, done: 4, reused: 4 }]);
    expect(second.hash).not.toBe(first.hash);
    const more = await world.open('Third', {
      methods: ['vanilla-gradient', 'smoothgrad', 'random', 'sobel'],
    });
    expect(world.engine.maps.slice(made)).toEqual(['sobel']);
    expect(more.state).toBe('open');
  });

  it('says of each order what the model sees, by which others check what comes back', async () => {
    const { dataDir, model } = world;
    await world.app.close();
    const database = new SQLite(join(dataDir, 'studio.sqlite'));
    database
      .prepare('INSERT INTO model_inputs (model, input) VALUES (?, ?)')
      .run(model, JSON.stringify({ mean: [0], std: [1], crop: 20 }));
    database.close();
    await world.reopen();
    await world.open('Cropped');
    expect(world.engine.sights).toEqual(Array(4).fill({ crop: 20 }));
  });

  it('is a draft again once cancelled, and goes on where it stopped', async () => {
    const { id } = await world.create('First');
    world.engine.instant = false;
    const { job } = await prepare(id);
    (await world.engine.mapping()).finish();
    await world.engine.mapping();
    expect(await refusalOf(world.app.api.call('studies.remove', { study: id }))).toMatchObject({
      code: 'conflict',
    });
    const config = world.config({ title: 'Other' });
    expect(
      await refusalOf(world.app.api.call('studies.edit', { study: id, config })),
    ).toMatchObject({ code: 'conflict' });
    await world.app.api.call('jobs.cancel', { job: job.id });
    await world.reaches(job.id, 'cancelled');
    expect((await study(id)).state).toBe('draft');
    const again = await prepare(id);
    expect(again.job.id).toBe(job.id);
    expect((await study(id)).state).toBe('preparing');
    (await world.engine.mapping()).finish();
    (await world.engine.mapping()).finish();
    await world.reaches(job.id, 'done');
    expect((await study(id)).state).toBe('open');
    expect(world.engine.maps).toEqual(['random', 'gradient', 'gradient', 'smooth(gradient)']);
  });

  it('begins anew after an edit, whatever the old job had done', async () => {
    const { id } = await world.create('First');
    world.engine.instant = false;
    const { job } = await prepare(id);
    (await world.engine.mapping()).finish();
    await world.engine.mapping();
    await world.app.api.call('jobs.cancel', { job: job.id });
    await world.reaches(job.id, 'cancelled');
    const config = world.config({ mapSeed: 5 });
    await world.app.api.call('studies.edit', { study: id, config });
    expect(await refusalOf(world.app.api.call('jobs.get', { job: job.id }))).toMatchObject({
      code: 'not-found',
    });
    world.engine.instant = true;
    const next = await prepare(id);
    const done = await world.reaches(next.job.id, 'done');
    // The pictures are the same, the random map is drawn from the other seed.
    expect(done.stages).toMatchObject([{ items: 4, done: 4, reused: 1 }]);
  });

  it('survives the end of the engine under an item', async () => {
    const { id } = await world.create('First');
    world.engine.instant = false;
    const { job } = await prepare(id);
    (await world.engine.mapping()).fail('engine-failed');
    for (let i = 0; i < 3; i += 1) (await world.engine.mapping()).finish();
    await world.reaches(job.id, 'done');
    expect((await study(id)).state).toBe('open');
  });

  it('says why it failed, is a draft, and can be tried again', async () => {
    const { id } = await world.create('First');
    world.engine.instant = false;
    const { job } = await prepare(id);
    (await world.engine.mapping()).fail('internal');
    await expect(world.reaches(job.id, 'done')).rejects.toThrow('as the test wants');
    expect((await study(id)).state).toBe('draft');
    world.engine.instant = true;
    await prepare(id);
    await world.reaches(job.id, 'done');
    expect((await study(id)).state).toBe('open');
  });

  it('is parked when the app closes, and goes on at the next start', async () => {
    const { id } = await world.create('First');
    world.engine.instant = false;
    const { job } = await prepare(id);
    (await world.engine.mapping()).finish();
    await world.engine.mapping();
    await world.reopen();
    await world.reaches(job.id, 'done');
    expect(world.engine.maps).toEqual(['gradient', 'smooth(gradient)']);
    expect((await study(id)).state).toBe('open');
  });

  it('goes on after the last item where its process died', async () => {
    const { id } = await world.create('First');
    world.engine.instant = false;
    const { job } = await prepare(id);
    (await world.engine.mapping()).finish();
    await world.engine.mapping();
    // What a power cut would leave: the files as they are in the middle of the second map.
    const copy = `${world.dataDir}-copy`;
    await cp(world.dataDir, copy, { recursive: true });
    const survivor = await StudyWorld.at(copy);
    try {
      await survivor.reaches(job.id, 'done');
      expect(survivor.engine.maps).toEqual(['gradient', 'smooth(gradient)']);
      const opened = await survivor.app.api.call('studies.get', { study: id });
      expect(opened.state).toBe('open');
    } finally {
      await survivor.remove();
    }
  });

  it('does not mix the maps of two engines', async () => {
    const { id } = await world.create('First');
    world.engine.instant = false;
    const { job } = await prepare(id);
    (await world.engine.mapping()).finish();
    await world.engine.mapping();
    await world.app.api.call('jobs.cancel', { job: job.id });
    await world.reaches(job.id, 'cancelled');
    await world.reopen({}, (engine) => (engine.threads = 2));
    await world.app.api.call('jobs.resume', { job: job.id });
    await expect(world.reaches(job.id, 'done')).rejects.toThrow(/prepare the study again/);
    // Asked of the study, it begins a new job on the present engine.
    const anew = await prepare(id);
    expect(anew.job.id).not.toBe(job.id);
    await world.reaches(anew.job.id, 'done');
    expect(world.engine.maps).toEqual(['random', 'gradient', 'smooth(gradient)']);
  });

  it('takes nothing of another engine with it when it begins anew and is interrupted', async () => {
    const folder = join(world.dataDir, 'datasets', 'cifar10');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'dataset.json'), '{}');
    const trained = await world.app.api.call('models.train', {
      ...{ dataset: 'cifar10', recipe: { epochs: 1 } },
    });
    await world.reaches(trained.job.id, 'done');
    const images = { kind: 'sampled' as const, count: 4, seed: 3 };
    const { id } = await world.create('First', {
      datasets: [
        { dataset: 'mnist', model: world.model, images },
        { dataset: 'cifar10', model: trained.model.id, images },
      ],
    });
    world.engine.instant = false;
    await prepare(id);
    // All of MNIST and the pictures of CIFAR-10.
    for (let map = 0; map < 3; map += 1) (await world.engine.mapping()).finish();
    await world.engine.mapping();
    await world.reopen({ recover: 'park' }, (engine) => {
      engine.threads = 2;
      engine.instant = false;
    });
    const { job } = await prepare(id);
    (await world.engine.mapping()).finish();
    await world.engine.mapping();
    await world.reopen({}, (engine) => (engine.threads = 2));
    await world.reaches(job.id, 'done');
    expect(await study(id)).toMatchObject({ state: 'open' });
    expect(world.engine.maps).toHaveLength(5);
  });

  it('computes again what was damaged of an open study, without another hash', async () => {
    const { id, hash } = await world.open('First');
    await loseArrays();
    const { job } = await prepare(id);
    await world.reaches(job.id, 'done');
    expect(await study(id)).toMatchObject({ state: 'open', hash });
    expect(await refusalOf(prepare(id))).toMatchObject({ code: 'conflict' });
  });

  it('never puts other maps in the place of those that were rated', async () => {
    const { id, hash } = await world.open('First');
    await withdrawOne(id);
    expect(await study(id)).toMatchObject({ frozen: true, hash });
    await loseArrays();
    await world.reopen({}, (engine) => (engine.threads = 2));
    const refusal = await refusalOf(prepare(id));
    expect(refusal?.message).toMatch(/were rated.*make a new version/);
    expect(await study(id)).toMatchObject({ state: 'open', hash });
    // On the engine that made them they come back as they were.
    await world.reopen();
    const { job } = await prepare(id);
    await world.reaches(job.id, 'done');
    expect(await study(id)).toMatchObject({ state: 'open', hash });
  });
});

/** The shortest way to an event of a study. */
async function withdrawOne(id: string): Promise<void> {
  const [invited] = await world.app.api.call('raters.create', { study: id });
  await world.app.api.call('raters.withdraw', { rater: invited?.rater.id ?? '' });
}

/** Every array is gone from the disk; the model's weights stay. */
async function loseArrays(): Promise<void> {
  const root = join(world.dataDir, 'artifacts');
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  let lost = 0;
  for (const { parentPath, name } of entries.filter((entry) => entry.isFile())) {
    const path = join(parentPath, name);
    const start = (await readFile(path)).subarray(0, 6).toString('latin1');
    if (start !== '\x93NUMPY') continue;
    await rm(path);
    lost += 1;
  }
  expect(lost).toBe(4);
}

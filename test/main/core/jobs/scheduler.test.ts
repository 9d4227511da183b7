import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type App, type AppOptions, createApp } from '../../../../src/main/core/app';
import { type StudioEvent } from '../../../../src/shared/events';
import { type Job, type JobState } from '../../../../src/shared/jobs';
import { ScriptedEngine } from './scripted-engine';

let dataDir: string;
let engine: ScriptedEngine;
let app: App;
let events: StudioEvent[];

async function open(options: Partial<AppOptions> = {}): Promise<void> {
  engine = new ScriptedEngine();
  const opened = engine;
  app = await createApp({ dataDir, shell: 'cli', startEngine: () => opened, ...options });
  events = [];
  app.subscribe((event) => events.push(event));
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'studio-'));
  await open();
});
afterEach(async () => {
  await app.close();
  await rm(dataDir, { recursive: true, force: true });
});

const train = async (seed: number, epochs = 1) => {
  const { job, model } = await app.api.call('models.train', {
    dataset: 'mnist',
    recipe: { epochs, seed },
  });
  return { job: job.id, model: model.id };
};
const get = (job: string): Promise<Job> => app.api.call('jobs.get', { job });
const state = async (job: string) => (await get(job)).state;
const modelState = async (model: string) => (await app.api.call('models.get', { model })).state;

async function reaches(job: string, wanted: JobState): Promise<Job> {
  for (;;) {
    const found = await get(job);
    if (found.state === wanted) return found;
    if (found.state === 'failed') throw new Error(JSON.stringify(found.error));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
const statesOf = (job: string) => {
  const states = events.flatMap((event) =>
    event.type === 'job.changed' && event.job.id === job ? [event.job.state] : [],
  );
  return states.filter((found, i) => found !== states[i - 1]);
};

describe('the scheduler', () => {
  it('runs one job at a time, oldest first, and announces what is committed', async () => {
    const [first, second] = [await train(1), await train(2)];
    expect((await engine.training()).seed).toBe(1);
    expect(await state(first.job)).toBe('running');
    expect(await state(second.job)).toBe('queued');
    expect(engine.waiting).toBe(0);
    await app.api.call('jobs.cancel', { job: first.job });
    const call = await engine.training();
    expect(call.seed).toBe(2);
    call.finish();
    await reaches(second.job, 'done');
    expect(statesOf(first.job)).toEqual(['queued', 'running', 'cancelling', 'cancelled']);
    expect(statesOf(second.job)).toEqual(['queued', 'running', 'done']);
    expect(await modelState(second.model)).toBe('ready');
    expect(await modelState(first.model)).toBe('incomplete');
  });

  it('cancels a queued job without running it', async () => {
    const [first, second] = [await train(1), await train(2)];
    await app.api.call('jobs.cancel', { job: second.job });
    expect(await state(second.job)).toBe('cancelled');
    expect(await modelState(second.model)).toBe('incomplete');
    (await engine.training()).finish();
    await reaches(first.job, 'done');
    expect(engine.calls.filter((call) => call === 'train-epoch')).toHaveLength(1);
    await expect(app.api.call('jobs.cancel', { job: first.job })).rejects.toMatchObject({
      data: { code: 'conflict' },
    });
  });

  it('goes on after the last item when a cancelled job is resumed', async () => {
    const { job } = await train(1, 3);
    (await engine.training()).finish();
    const second = await engine.training();
    expect(second.epoch).toBe(1);
    await app.api.call('jobs.cancel', { job });
    await reaches(job, 'cancelled');
    await app.api.call('jobs.resume', { job });
    const again = await engine.training();
    expect(again.epoch).toBe(1);
    again.finish();
    (await engine.training()).finish();
    const done = await reaches(job, 'done');
    expect(done.stages).toMatchObject([{ items: 3, done: 3, reused: 0 }]);
    expect(done.attempt).toBe(2);
    expect(engine.calls.filter((call) => call === 'train-epoch')).toHaveLength(4);
    await expect(app.api.call('jobs.resume', { job })).rejects.toMatchObject({
      data: { code: 'conflict' },
    });
  });

  it('parks the running job, and goes on with it at the next start', async () => {
    const [first, second] = [await train(1, 2), await train(2)];
    (await engine.training()).finish();
    await engine.training();
    await app.close();
    expect(statesOf(first.job).at(-1)).toBe('parked');
    await open();
    const call = await engine.training();
    expect([call.seed, call.epoch]).toEqual([1, 1]);
    call.finish();
    await reaches(first.job, 'done');
    (await engine.training()).finish();
    await reaches(second.job, 'done');
  });

  it('lets parked and queued jobs wait where the caller starts only what it names', async () => {
    const [first, second] = [await train(1), await train(2)];
    await engine.training();
    await app.close();
    await open({ recover: 'park' });
    expect(await state(first.job)).toBe('parked');
    expect(await state(second.job)).toBe('parked');
    expect(await modelState(second.model)).toBe('incomplete');
    await app.api.call('jobs.resume', { job: second.job });
    const call = await engine.training();
    expect(call.seed).toBe(2);
    call.finish();
    await reaches(second.job, 'done');
    expect(await state(first.job)).toBe('parked');
  });

  it('does an item again when the engine dies under it, and gives up after three times', async () => {
    const { job, model } = await train(1);
    (await engine.training()).fail('engine-failed');
    (await engine.training()).fail('engine-failed');
    (await engine.training()).finish();
    await reaches(job, 'done');
    expect(await modelState(model)).toBe('ready');

    const other = await train(2);
    for (let attempt = 0; attempt < 3; attempt += 1)
      (await engine.training()).fail('engine-failed');
    await expect(reaches(other.job, 'done')).rejects.toThrow(/engine-failed/);
    expect(await modelState(other.model)).toBe('incomplete');
    await app.api.call('jobs.resume', { job: other.job });
    (await engine.training()).finish();
    await reaches(other.job, 'done');
  });

  it('fails with what went wrong, and starts the next', async () => {
    const [first, second] = [await train(1), await train(2)];
    (await engine.training()).fail('internal');
    (await engine.training()).finish();
    await reaches(second.job, 'done');
    expect(await get(first.job)).toMatchObject({
      state: 'failed',
      error: { code: 'internal', message: 'as the test wants' },
    });
  });

  it('tells progress at least once a second, though the engine says nothing', async () => {
    await train(1, 2);
    const call = await engine.training();
    call.report({ done: 10, total: 40, unit: 'images', loss: 2.5, accuracy: 0.25 });
    const before = events.length;
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const told = events.slice(before).filter((event) => event.type === 'job.progress');
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(told[0]?.progress).toMatchObject({
      stage: 'train',
      item: 'Level 0, epoch 1 of 2',
      itemsDone: 0,
      itemsTotal: 2,
      itemShare: 0.25,
      unit: 'images',
      loss: 2.5,
      accuracy: 0.25,
    });
    expect(told[0]?.progress.share).toBeCloseTo(0.125);
    expect(told[0]?.progress.secondsLeft).toBeGreaterThan(0);
  });

  it('takes up an active training of the same inputs, and reuses a finished one', async () => {
    const first = await train(1);
    const same = await train(1);
    expect(same).toEqual(first);
    (await engine.training()).finish();
    await reaches(first.job, 'done');
    const again = await train(1);
    expect(again.model).toBe(first.model);
    const done = await reaches(again.job, 'done');
    expect(done.stages).toMatchObject([{ items: 1, done: 1, reused: 1 }]);
    expect(engine.calls.filter((call) => call === 'train-epoch')).toHaveLength(1);
  });
});

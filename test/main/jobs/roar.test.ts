import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { harness, type Harness, type Opened, smallSettings } from './harness';

describe('a ROAR run on the real engine', () => {
  let studio: Harness;
  let opened: Opened;

  beforeAll(async () => {
    studio = await harness();
    opened = await studio.open();
  });
  afterAll(() => studio.remove());

  it('describes the engine', async () => {
    await opened.until('engine.changed', ({ engine }) => engine.state === 'ready');
  });

  it('trains, maps, scores and reports', async () => {
    const { api } = opened.app;
    const { run, job } = await api.call('roar.start', { settings: smallSettings });
    await opened.reaches(job.id, 'done', 'failed');
    const ended = await api.call('jobs.get', { job: job.id });
    expect(ended.error).toBeNull();
    const result = await api.call('roar.result', { run: run.id });
    expect(result.curves).toHaveLength(4);
  });
});

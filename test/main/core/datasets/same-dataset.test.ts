import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Job } from '../../../../src/shared/jobs';
import { StudyWorld } from '../studies/study-world';

let world: StudyWorld;

beforeEach(async () => {
  world = await StudyWorld.make();
});
afterEach(() => world.remove());

/** Another content of the dataset takes the place of the one that is there. */
async function exchange(sha256: string): Promise<void> {
  world.engine.content = sha256;
  await world.app.api.call('datasets.verify', { dataset: 'mnist' });
}

/** Interrupt the job at its second map, and resume it after the dataset was exchanged. */
async function interrupted({ id: job }: Job): Promise<void> {
  (await world.engine.mapping()).finish();
  await world.engine.mapping();
  await world.app.api.call('jobs.cancel', { job });
  await world.reaches(job, 'cancelled');
  await exchange('bb');
  await world.app.api.call('jobs.resume', { job });
  const { error } = await world.reaches(job, 'failed');
  expect(error).toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(/was begun with another content of MNIST/),
  });
  // With the dataset back it goes on where it was.
  await exchange('aa');
  const made = world.engine.maps.length;
  await world.app.api.call('jobs.resume', { job });
  (await world.engine.mapping()).finish();
  expect(world.engine.maps.length).toBe(made + 1);
}

describe('work that was begun with one content of a dataset', () => {
  it('does not go on with another: a run', async () => {
    world.engine.instant = false;
    const methods = ['vanilla-gradient', 'smoothgrad', 'random'];
    const { job } = await world.app.api.call('roar.start', {
      settings: {
        ...{ dataset: 'mnist', images: 10, levels: [0, 0.5], methods, resamples: 100 },
        recipe: { epochs: 1, trainLimit: 20 },
      },
    });
    await interrupted(job);
  });

  it('does not go on with another: a study', async () => {
    const { id } = await world.create('First');
    world.engine.instant = false;
    const { job } = await world.app.api.call('studies.prepare', { study: id });
    await interrupted(job);
  });

  it('starts with whatever is installed when its turn comes, where it had not begun', async () => {
    world.engine.instant = false;
    const settings = {
      ...{
        dataset: 'mnist',
        images: 10,
        levels: [0, 0.5],
        methods: ['vanilla-gradient', 'random'],
      },
      recipe: { epochs: 1, trainLimit: 20 },
    };
    const first = await world.app.api.call('roar.start', { settings });
    const second = await world.app.api.call('roar.start', { settings: { ...settings, seed: 1 } });
    await world.engine.mapping();
    await exchange('bb');
    await world.app.api.call('jobs.cancel', { job: first.job.id });
    (await world.engine.mapping()).finish();
    expect(await world.app.api.call('jobs.get', { job: second.job.id })).toMatchObject({
      state: 'running',
      error: null,
    });
  });
});

import { existsSync, mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startMapsImport } from '../../../../src/main/core/maps/import-start';
import { type Scheduler } from '../../../../src/main/core/jobs/scheduler';
import { routes } from '../../../../src/shared/routes';
import { coreOn } from '../core-on';
import { at, id, temporaryFolder } from '../storage/helpers';
import { fileIn } from '../transfers';

it('the same import that was killed in the middle goes on, another begins', async () => {
  const folder = temporaryFolder();
  const { core } = coreOn(folder);
  const { path } = await fileIn(join(folder, 'given'), 'maps', 'maps.npy');
  const done: string[] = [];
  const letters = [...'abcdef'];
  const jobOf = (job: string) => {
    const found = core.jobs.get(job);
    if (!found) throw new Error(`no job ${job}`);
    return found;
  };
  const scheduler: Pick<Scheduler, 'start' | 'resume'> = {
    start(job) {
      const started = id('job', letters.shift() ?? 'z');
      core.jobs.insert({ ...job, id: started, createdAt: at(1) });
      done.push(`start ${started}`);
      return jobOf(started);
    },
    resume(job) {
      done.push(`resume ${job}`);
      return jobOf(job);
    },
  };
  const mapsImport = { check: () => Promise.resolve([[3, 1]]) };
  const begin = async (change: object = {}) => {
    const { upload } = await core.uploads.adopt(path);
    const files = [{ upload, images: { kind: 'indices', indices: [3, 1] } }];
    const asked = { name: 'LIME', dataset: 'mnist', files, ...change };
    const parts = { ...core, mapsImport, scheduler };
    return startMapsImport(parts, routes['methods.import'].input.parse(asked));
  };
  // What was sent long ago, and for what is long over.
  const sent = (name: string) => join(folder, 'downloads', `sent-maps-${name}`);
  for (const name of ['old', 'new']) mkdirSync(sent(name), { recursive: true });
  utimesSync(sent('old'), 1, 1);
  const { job } = await begin();
  expect([existsSync(sent('old')), existsSync(sent('new'))]).toEqual([false, true]);
  // Under way it is none that was killed.
  await begin();
  core.jobs.finish(job.id, 'parked', at(2));
  await begin();
  await begin({ citation: 'Ribeiro et al. 2016' });
  core.jobs.finish(job.id, 'failed', at(3));
  await begin();
  const [a, b, c] = [...'abc'].map((letter) => id('job', letter));
  const expected = [`start ${a}`, `start ${b}`, `resume ${a}`, `start ${c}`, `resume ${a}`];
  expect(done).toEqual(expected);
});

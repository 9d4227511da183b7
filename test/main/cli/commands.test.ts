import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { builtInMethods } from '../../../src/shared/catalogue/methods';
import { StudioError, otherEngine } from '../../../src/shared/errors';
import { type Job } from '../../../src/shared/jobs';
import { type RouteInput } from '../../../src/shared/routes';
import { type App } from '../../../src/main/core/app';
import { addRun } from '../core/export/folder/sample';
import { stubApp, type StubApp } from '../core/stub-app';
import { dataset, job, model, progress, result, run } from './records';
import { cli } from './world';
import { datasetEntry, presetSettings } from '../../fixtures/datasets';

const folders: string[] = [];
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'cli-'));
  folders.push(path);
  return path;
};
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** The job goes from state to state on its own, as the scheduler would take it. */
function soon(app: StubApp, ...jobs: readonly Job[]): void {
  setTimeout(() => {
    app.announce({ type: 'job.progress', progress: progress() });
    for (const next of jobs) app.announce({ type: 'job.changed', job: next });
  }, 5);
}

const quick = ['roar', '--dataset', 'mnist', '--preset', 'quick'];

/** A cut of Tiny ImageNet, installed. */
const cut = { id: 'tiny-imagenet', train: 2000, validation: 1000 } as const;

/** An app with one run, as it was found and as it is after its job ended. */
function roarApp(found: 'none' | Job['state'], last: Job['state'] = 'done') {
  let runs = found === 'none' ? [] : [run(found)];
  const started: RouteInput<'roar.start'>[] = [];
  const resumed: string[] = [];
  const cancelled: string[] = [];
  const written: string[] = [];
  const finish = (state: Job['state']) => {
    runs = [run(state)];
    soon(stub, { ...job(state), error: null });
  };
  const stub: StubApp = stubApp({
    'methods.list': () => [...builtInMethods],
    'roar.list': () => runs,
    'roar.result': () => result(run('done')),
    'roar.start': (input) => {
      started.push(input);
      if (last !== 'cancelled') finish(last);
      return { run: run('queued'), job: job('queued') };
    },
    'jobs.get': () => job(found === 'none' ? 'queued' : found),
    'jobs.resume': ({ job: id }) => {
      resumed.push(id);
      finish(last);
      return job('queued');
    },
    'jobs.cancel': ({ job: id }) => {
      cancelled.push(id);
      finish('cancelled');
      return job('cancelling');
    },
  });
  const app: App = {
    ...stub,
    datasets: {
      ...stub.datasets,
      facts: (id) => ({ ...datasetEntry(id), ...(id === cut.id ? cut : {}) }),
    },
    async writeRoarOutputs(id, out) {
      written.push(id);
      await addRun(out, id);
    },
  };
  return { app, stub, started, resumed, cancelled, written, finish };
}

describe('roar', () => {
  test('starts a run, follows it and writes its files', async () => {
    const { app, started, written } = roarApp('none');
    const out = folder();
    const ran = await cli([...quick, '--json', '--out', out], { app });
    expect(started).toEqual([{ settings: presetSettings('quick'), name: null }]);
    expect(written).toEqual([run('done').id]);
    const files = ['curves.csv', 'manifest.json'].map((name) => join(out, name));
    expect(ran.json()).toMatchObject({ command: 'roar', how: 'started', images: 3, out, files });
    expect(readFileSync(join(out, 'curves.csv'), 'utf8')).toContain(run('done').id);
    expect(ran.stderr).toContain(' 43% · Level 0.3, epoch 2 of 5 · 12 of 43 items');
    expect(ran.opened[0]?.access).toBe('write-if-possible');
    expect(ran.closed).toBe(1);
  });

  test('asks of a cut dataset for no more images than it holds', async () => {
    const { app, started } = roarApp('none');
    const argv = ['roar', '--dataset', 'tiny-imagenet', '--preset', 'quick', '--out', folder()];
    expect((await cli(argv, { app })).exit).toBe(0);
    expect(started).toEqual([
      { settings: presetSettings('quick', 'tiny-imagenet', 'paper', cut), name: null },
    ]);
    expect(started[0]?.settings?.recipe?.trainLimit).toBeNull();
  });

  test('says accuracies, advantages and ranks to a person', async () => {
    const { app } = roarApp('none');
    const ran = await cli([...quick, '--out', folder()], { app });
    expect(ran.stdout).toMatch(/0\.00 +98\.76% +98\.00%/);
    expect(ran.stdout.indexOf('Grad × Input')).toBeLessThan(ran.stdout.indexOf('Vanilla'));
  });

  test.each(['cancelled', 'parked', 'failed'] as const)(
    'goes on with a run of the same settings that is %s',
    async (state) => {
      const { app, started, resumed } = roarApp(state);
      const ran = await cli([...quick, '--json', '--out', folder()], { app });
      expect(ran.exit).toBe(0);
      expect(ran.json()).toMatchObject({ how: 'resumed' });
      expect(started).toEqual([]);
      expect(resumed).toEqual([job('queued').id]);
    },
  );

  test('starts anew where another engine, or an earlier version, began it', async () => {
    const { app, stub, started, resumed } = roarApp('parked');
    const { data } = otherEngine('The run was begun with an earlier version of the engine.');
    const call: App['api']['call'] = async (route, input) => {
      if (route !== 'jobs.resume') return app.api.call(route, input);
      soon(stub, { ...job('failed'), error: data });
      return job('queued') as Awaited<ReturnType<typeof call<typeof route>>>;
    };
    const ran = await cli([...quick, '--json', '--out', folder()], {
      app: { ...app, api: { call } },
    });
    expect(ran.stderr).toContain('an earlier version of the engine. Starting anew.');
    expect(ran.exit).toBe(0);
    expect(ran.json()).toMatchObject({ how: 'started' });
    expect(resumed).toEqual([]);
    expect(started).toHaveLength(1);
  });

  test('follows one that has been taken up already', async () => {
    const { app, finish, resumed } = roarApp('running');
    setTimeout(() => finish('done'), 200);
    const ran = await cli([...quick, '--json', '--out', folder()], { app });
    expect(ran.json()).toMatchObject({ how: 'resumed' });
    expect(resumed).toEqual([]);
  });

  test('writes a finished one again from what is stored', async () => {
    const { app, started, resumed, written } = roarApp('done');
    const ran = await cli([...quick, '--json', '--out', folder()], { app });
    expect(ran.json()).toMatchObject({ how: 'stored' });
    expect([started, resumed]).toEqual([[], []]);
    expect(written).toHaveLength(1);
  });

  test('starts another where any setting differs', async () => {
    const { app, started } = roarApp('done');
    await cli([...quick, '--seed', '1', '--out', folder()], { app });
    const seeded = presetSettings('quick');
    expect(started[0]?.settings).toEqual({
      ...seeded,
      seed: 1,
      recipe: { ...seeded.recipe, seed: 1 },
    });
  });

  test('takes every option over the preset and always adds random', async () => {
    const { app, started } = roarApp('none');
    const argv = [
      ...['--images', '20', '--levels', '0,0.5', '--epochs', '1', '--train-limit', '1000'],
      ...['--seed', '3', '--fill', 'random', '--train-mask', 'redrawn', '--reduction', 'signed'],
      ...['--resamples', '500', '--methods', 'smoothgrad,sobel', '--name', 'mine'],
      ...['--set', 'sigma=0.2', '--set', 'n=7', '--set', 'target=predicted'],
    ];
    await cli([...quick, ...argv, '--out', folder()], { app });
    expect(started[0]?.name).toBe('mine');
    expect(started[0]?.settings).toMatchObject({
      images: 20,
      levels: [0, 0.5],
      recipe: { epochs: 1, trainLimit: 1000, seed: 3 },
      seed: 3,
      fill: 'random',
      trainMask: 'redrawn',
      reduction: 'signed',
      resamples: 500,
      methods: ['smoothgrad', 'sobel', 'random'],
      parameters: { sigma: 0.2, n: 7, target: 'predicted', steps: 16 },
    });
  });

  test('interrupted: cancels, says that it goes on, exits with 130 and writes nothing', async () => {
    const interruption = new AbortController();
    const { app, cancelled, written } = roarApp('none', 'cancelled');
    setTimeout(() => interruption.abort(), 20);
    const ran = await cli([...quick, '--json', '--out', folder()], { app, interruption });
    expect(ran.exit).toBe(130);
    expect(cancelled).toEqual([job('queued').id]);
    expect(ran.json()).toMatchObject({ how: 'interrupted', resumable: true });
    expect(written).toEqual([]);
    expect(ran.closed).toBe(1);
  });

  test('interrupted before its job has started: cancelled as soon as it has', async () => {
    const interruption = new AbortController();
    interruption.abort();
    const { app, cancelled } = roarApp('none', 'cancelled');
    const ran = await cli([...quick, '--out', folder()], { app, interruption });
    expect(ran.exit).toBe(130);
    expect(cancelled).toHaveLength(1);
    expect(ran.stdout).toContain('run the same command again');
  });

  test.each(['disk-full', 'invalid-input'] as const)(
    'a job that fails (%s) exits with 1',
    async (code) => {
      const { app, stub } = roarApp('none', 'cancelled');
      const error = { code, message: 'The disk is full: free some space.' };
      setTimeout(() => soon(stub, { ...job('failed'), error }), 200);
      const ran = await cli([...quick, '--json', '--out', folder()], { app });
      expect(ran.exit).toBe(1);
      expect(ran.json()).toEqual({ error });
      expect(ran.stderr).toContain('free some space');
    },
  );
});

describe('train', () => {
  const train = ['train', '--dataset', 'mnist'];
  function trainApp(
    found: 'none' | 'incomplete' | 'ready',
    last: 'ready' | 'incomplete' = 'ready',
  ) {
    const routesCalled: string[] = [];
    const stub: StubApp = stubApp({
      'models.list': () => (found === 'none' ? [] : [model(found)]),
      'models.get': () => model(last),
      'models.train': () => {
        routesCalled.push('train');
        soon(stub, job(last === 'ready' ? 'done' : 'cancelled', 'a', 'train'));
        return { model: model('training'), job: job('queued', 'a', 'train') };
      },
      'jobs.get': () => job('cancelled', 'a', 'train'),
      'jobs.resume': () => {
        routesCalled.push('resume');
        soon(stub, job('done', 'a', 'train'));
        return job('queued', 'a', 'train');
      },
      'models.export': () =>
        stub.exports.put('model.safetensors', 'application/octet-stream', 'weights'),
    });
    return { app: stub, routesCalled };
  }

  test('trains and writes the weights', async () => {
    const { app, routesCalled } = trainApp('none');
    const out = folder();
    const ran = await cli([...train, '--json', '--out', out], { app });
    expect(ran.exit).toBe(0);
    expect(routesCalled).toEqual(['train']);
    expect(ran.json()).toMatchObject({ how: 'trained', model: { state: 'ready' } });
    expect(readFileSync(join(out, 'model.safetensors'), 'utf8')).toBe('weights');
  });

  test('goes on with an unfinished model and trains no finished one again', async () => {
    const unfinished = trainApp('incomplete');
    expect((await cli([...train, '--json'], { app: unfinished.app })).json()).toMatchObject({
      how: 'resumed',
    });
    expect(unfinished.routesCalled).toEqual(['resume']);
    const finished = trainApp('ready');
    expect((await cli([...train, '--json'], { app: finished.app })).json()).toMatchObject({
      how: 'stored',
    });
    expect(finished.routesCalled).toEqual([]);
    const other = trainApp('ready');
    await cli([...train, '--seed', '1'], { app: other.app });
    expect(other.routesCalled).toEqual(['train']);
  });

  test('says the epochs to a person, and exits with 130 when it was cancelled', async () => {
    const ran = await cli(train, { app: trainApp('none').app });
    expect(ran.stdout).toMatch(/validation accuracy 99\.01%/);
    expect(ran.stdout).toMatch(/ +1 +0\.2500 +90\.00% +97\.00% +12\.5/);
    const stopped = await cli(train, { app: trainApp('none', 'incomplete').app });
    expect(stopped.exit).toBe(130);
    expect(stopped.stdout).toContain('after 1 of 5 epochs');
  });
});

describe('maps', () => {
  const maps = ['maps', '--dataset', 'mnist', '--images', '0-2,42'];
  function mapsApp(refusal?: Error) {
    const asked: unknown[] = [];
    const composed: unknown[] = [];
    const stub = stubApp({
      'methods.list': () => [...builtInMethods],
      'methods.compose': (input) => {
        composed.push(input);
        return {
          id: 'composed-integrate-smooth-guided',
          name: input.name,
          composition: input.composition,
          group: 'composed',
          equations: '',
        };
      },
    });
    const app: App = {
      ...stub,
      async exportMaps(input, { report, signal }) {
        asked.push(input);
        report({ done: 1, total: 4, unit: 'gradients' });
        signal.throwIfAborted();
        if (refusal) throw refusal;
        await input.out.add('a.npy', 'a');
        await input.out.addManifest({
          format: 'saliency-studio/maps/1',
          result: { kind: 'maps', id: 'maps_x', name: 'some' },
        });
        return { model: 'model_x', methods: builtInMethods.slice(0, 1) };
      },
    };
    return { app, asked, composed };
  }

  test('asks core for the nine with the parameters given', async () => {
    const { app, asked } = mapsApp();
    const out = folder();
    const ran = await cli([...maps, '--json', '--out', out, '--set', 'sigma=0.2'], { app });
    const files = ['a.npy', 'manifest.json'].map((name) => join(out, name));
    expect(ran.json()).toMatchObject({ command: 'maps', model: 'model_x', files });
    expect(ran.stderr).toContain(' 25% · 1 of 4 gradients');
    expect(asked[0]).toMatchObject({
      dataset: 'mnist',
      model: null,
      split: 'validation',
      images: [0, 1, 2, 42],
      seed: 0,
      parameters: { sigma: 0.2, n: 15, steps: 50 },
    });
    expect((asked[0] as { methods: string[] }).methods).toEqual(
      builtInMethods.slice(0, 9).map(({ id }) => id),
    );
  });

  test('a composition is the method that it is, or becomes one', async () => {
    const { app, asked, composed } = mapsApp();
    const methods = 'smooth( gradient ),integrate(smooth(guided)),sobel,smoothgrad';
    await cli([...maps, '--out', folder(), '--methods', methods], { app });
    expect(asked[0]).toMatchObject({
      methods: ['smoothgrad', 'composed-integrate-smooth-guided', 'sobel'],
    });
    expect(composed).toEqual([
      { composition: 'integrate(smooth(guided))', name: 'integrate(smooth(guided))' },
    ]);
  });

  test('a refusal by core names the option', async () => {
    const refusal = new StudioError({
      code: 'invalid-input',
      message: 'images.3 is 42; accepted: below 40.',
      field: 'images.3',
      value: '42',
      accepted: 'an index below 40',
    });
    const ran = await cli([...maps, '--out', folder()], { app: mapsApp(refusal).app });
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toContain('--images is 42; accepted: an index below 40.');
  });

  test('interrupted exits with 130', async () => {
    const interruption = new AbortController();
    interruption.abort();
    const ran = await cli([...maps, '--json', '--out', folder()], { ...mapsApp(), interruption });
    expect(ran.exit).toBe(130);
    expect(ran.json()).toMatchObject({ how: 'interrupted' });
  });
});

describe('datasets', () => {
  test.each(['verify', 'install'])('%s checks the bundled files', async (verb) => {
    const whole = stubApp({ 'datasets.verify': () => dataset() });
    const ran = await cli(['datasets', verb, 'mnist'], { app: whole });
    expect(ran.exit).toBe(0);
    expect(ran.stdout).toContain('installed and whole');
    expect(ran.stdout).toContain('train-images (as published)');
    const broken = stubApp({ 'datasets.verify': () => dataset('unreadable') });
    const failed = await cli(['datasets', verb, 'MNIST', '--json'], { app: broken });
    expect(failed.exit).toBe(1);
    expect(failed.json()).toMatchObject({ dataset: { state: 'unreadable' } });
  });

  test('import says that MNIST comes with the packages', async () => {
    const ran = await cli(['datasets', 'import', 'mnist', '/path']);
    expect(ran.exit).toBe(1);
    expect(ran.stderr).toContain('comes with');
  });
});

test('a directory in use is refused with its holder’s name', async () => {
  const error = new StudioError({ code: 'locked', message: 'In use by the desktop app (1234).' });
  const app = stubApp({
    'models.list': () => {
      throw error;
    },
  });
  const ran = await cli(['train', '--dataset', 'mnist', '--json'], { app });
  expect(ran.exit).toBe(1);
  expect(ran.stderr).toContain('desktop app (1234)');
  expect(ran.json()).toMatchObject({ error: { code: 'locked' } });
});

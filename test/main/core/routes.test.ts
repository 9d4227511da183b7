import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../../src/main/core/app';
import { readingRoutes } from '../../../src/main/core/router';
import { builtInMethods } from '../../../src/shared/catalogue/methods';
import { type EnginePort } from '../../../src/shared/engine';
import { StudioError, toErrorData } from '../../../src/shared/errors';
import { type RouteInput, type RouteName, routes } from '../../../src/shared/routes';
import { experiment, job, model, refusals, run, study } from './refusals';

/** No request of these tests may get as far as the engine. */
const noEngine = (): EnginePort => ({
  request: async () => {
    throw new StudioError({ code: 'engine-unavailable', message: 'There is no engine here.' });
  },
  close: async () => undefined,
});

const names = Object.keys(routes) as RouteName[];

describe('routes', () => {
  let dataDir: string;
  let app: App;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'studio-'));
    app = await createApp({ dataDir, shell: 'cli', startEngine: noEngine });
  });
  afterAll(async () => {
    await app.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const refusal = async (route: RouteName, input: unknown, over = app) => {
    try {
      await over.api.call(route, input as RouteInput<typeof route>);
    } catch (error) {
      expect(error).toBeInstanceOf(StudioError);
      return toErrorData(error);
    }
    throw new Error(`${route} accepted ${JSON.stringify(input)}`);
  };

  it.each(names)('%s refuses what is no object', async (route) => {
    for (const garbage of [undefined, null, 7, 'text', ['a'], true]) {
      const error = await refusal(route, garbage);
      expect(error).toMatchObject({ code: 'invalid-input', field: 'input' });
    }
  });

  const cases = Object.entries(refusals).flatMap(([route, rows]) =>
    rows.map((row) => [route as RouteName, JSON.stringify(row.input).slice(0, 60), row] as const),
  );
  it.each(cases)('%s refuses %s', async (route, _text, { input, field, value, accepted }) => {
    const error = await refusal(route, input);
    expect(error).toMatchObject({ code: 'invalid-input', field, value });
    expect(error.accepted).toMatch(accepted ?? /./);
    expect(error.message).toContain(field);
  });

  it('has a refusal for every route that takes anything', () => {
    const takesNothing = names.filter((route) => routes[route].input.safeParse({}).success);
    expect(new Set([...takesNothing, ...Object.keys(refusals)])).toEqual(new Set(names));
  });

  it('says that an unknown route or thing is not there', async () => {
    const unknown = 'roar.destroy' as RouteName;
    expect(await refusal(unknown, {})).toMatchObject({ code: 'not-found' });
    expect(await refusal('toString' as RouteName, {})).toMatchObject({ code: 'not-found' });
    for (const [route, input] of [
      ['models.get', { model }],
      ['models.remove', { model }],
      ['models.rename', { model, name: 'a' }],
      ['models.export', { model }],
      ['roar.result', { run }],
      ['roar.remove', { run }],
      ['roar.compare', { a: run, b: run }],
      ['roar.export', { run, format: 'curves.csv' }],
      ['roar.degraded', { run, method: 'random', level: 0.5, images: [0] }],
      ['experiments.result', { experiment }],
      ['experiments.export', { experiment, format: 'ranks.md' }],
      ['experiments.rename', { experiment, name: 'x' }],
      ['experiments.remove', { experiment }],
      ['experiments.setStudy', { experiment, study: null }],
      ['experiments.collect', { runs: [run] }],
      ['maps.sheet', { of: { kind: 'run', run } }],
      ['ratings.export', { study }],
      ['ratings.erase', { rater: 'rater_aaaaaaaaaaaaaaaa' }],
      ['backup.restore', { path: join(dataDir, 'nothing.sqlite') }],
      ['jobs.get', { job }],
      ['jobs.cancel', { job }],
      ['jobs.resume', { job }],
      ['methods.remove', { method: 'composed-smooth-guided' }],
    ] as const) {
      expect(await refusal(route, input), route).toMatchObject({ code: 'not-found' });
    }
  });

  it('answers without an engine where none is needed, and says so where one is', async () => {
    const status = await app.api.call('app.status', {});
    expect(status.engine).toMatchObject({ state: 'unavailable', available: false });
    expect(await app.api.call('models.list', {})).toEqual([]);
    expect(await app.api.call('roar.list', {})).toEqual([]);
    expect(await app.api.call('jobs.list', {})).toEqual([]);
    expect(await app.api.call('methods.list', {})).toHaveLength(builtInMethods.length);
    expect(await refusal('models.train', { dataset: 'mnist' })).toMatchObject({
      code: 'engine-unavailable',
    });
  });

  it('refuses to write when opened for reading, and names the route', async () => {
    const reader = await createApp({
      dataDir,
      shell: 'cli',
      startEngine: noEngine,
      access: 'read',
    });
    try {
      for (const route of names) {
        if (readingRoutes.has(route)) continue;
        const error = await refusal(route, {}, reader);
        expect(error.code, route).toBe('read-only');
        expect(error.message).toContain(route);
      }
      expect(await reader.api.call('methods.list', {})).toHaveLength(builtInMethods.length);
    } finally {
      await reader.close();
    }
  });

  it('finds nothing where nothing was made, and makes nothing', async () => {
    const elsewhere = join(dataDir, 'none');
    const options = { dataDir: elsewhere, shell: 'cli', startEngine: noEngine } as const;
    const reader = await createApp({ ...options, access: 'read' });
    expect(await reader.api.call('roar.list', {})).toEqual([]);
    await reader.close();
    expect(existsSync(elsewhere)).toBe(false);
  });

  it('refuses a second writer and names the first', async () => {
    const second = createApp({ dataDir, shell: 'cli', startEngine: noEngine });
    await expect(second).rejects.toMatchObject({ data: { code: 'locked' } });
  });
});

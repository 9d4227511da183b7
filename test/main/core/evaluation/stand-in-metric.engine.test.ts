import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInCatalogues } from '../../../../src/shared/catalogue/catalogues';
import { type RoarExportFormat } from '../../../../src/shared/export-formats';
import { type RouteInput } from '../../../../src/shared/routes';
import { centreDescriptor } from '../../../fixtures/stand-ins/metric';
import { standInCatalogues, standInMetrics } from '../../../fixtures/stand-ins/catalogues';
import { cli } from '../../cli/world';
import { harness, type Harness, type Opened } from '../jobs/harness';
import { contentOf } from '../transfers';

const catalogues = standInCatalogues;
const world = { catalogues, metrics: standInMetrics };

/** A metric of one value an image that no file of the product knows goes every way that its own go. */
describe('a metric that was added', { timeout: 240_000 }, () => {
  let studio: Harness;
  let opened: Opened;
  let run: string;

  beforeAll(async () => {
    studio = await harness('test/fixtures/stand-ins/engine.ts');
    opened = await studio.open(world);
  });
  afterAll(() => studio.remove());

  const settings = (changes: object = {}): RouteInput<'roar.start'>['settings'] => ({
    protocol: 'centre-share',
    images: 10,
    methods: ['vanilla-gradient', 'sobel', 'random'],
    parameters: { n: 2, steps: 2 },
    recipe: { epochs: 1, trainLimit: 200 },
    resamples: 100,
    ...changes,
  });
  const forecast = (changes: object = {}) =>
    opened.app.api.call('roar.forecast', { settings: settings(changes) });

  it('is told to pages with all that describes it', async () => {
    const { metrics } = await opened.app.api.call('app.catalogues', {});
    expect(metrics.at(-1)).toEqual(centreDescriptor);
  });

  it('is forecast with one model, maps and what is measured', async () => {
    const { stages } = await forecast();
    expect(stages.map(({ id, items }) => [id, items])).toEqual([
      ['train', 1],
      ['maps', 3],
      ['score', 1],
      ['report', 1],
    ]);
    expect(stages[2]?.work).toBe('30 maps measured');
  });

  it('refuses by name what it does not take', async () => {
    for (const [changes, field, accepted] of [
      [{ metric: { side: 1 } }, 'settings.metric.side', 'a whole number from 2 to 28'],
      [{ metric: { nope: 1 } }, 'settings.metric.nope', 'a setting of centre-share: side'],
      [
        { protocol: 'nope' },
        'settings.protocol',
        'one of: paper, retrain, keep-and-retrain, centre-share',
      ],
      [
        { protocol: 'paper', metric: { side: 2 } },
        'settings.metric.side',
        'nothing: paper has no settings of its own',
      ],
    ] as const) {
      await expect(forecast(changes)).rejects.toMatchObject({
        data: { code: 'invalid-input', field, accepted },
      });
    }
  });

  it('runs, stops and goes on, and gives a value of each method', async () => {
    const started = await opened.app.api.call('roar.start', { settings: settings() });
    run = started.run.id;
    expect(started.run.name).toBe('MNIST, centre-share, 10 images, seed 0');
    expect(started.run.settings).toMatchObject({ levels: [0], metric: { side: 14 } });
    await opened.until('job.changed', (event) => (event.job.progress?.stage ?? '') !== 'train');
    await opened.close();
    opened = await studio.open(world);
    await opened.reaches(started.job.id, 'done', 'failed');
    const result = await opened.app.api.call('roar.result', { run });
    expect(result).toMatchObject({ curves: [], claims: [], retrained: [] });
    expect(result.levels).toHaveLength(1);
    const { values = [] } = result;
    expect(values.map(({ method, n }) => [method.id, n])).toEqual([
      ['vanilla-gradient', 10],
      ['sobel', 10],
      ['random', 10],
    ]);
    for (const { mean, low, high } of values) {
      expect(low).toBeLessThanOrEqual(mean);
      expect(high).toBeGreaterThanOrEqual(mean);
    }
    const [gradient, sobel, random] = values;
    // A quarter of the pixels; a digit stands in the middle, which speaks for its edges.
    expect(random?.mean).toBeCloseTo(0.25, 1);
    expect(random?.advantage).toBe(0);
    expect(sobel?.advantage).toBeCloseTo((sobel?.mean ?? 0) - (random?.mean ?? 0), 12);
    expect(sobel?.advantageLow).toBeGreaterThan(0);
    expect(sobel?.rank).toBeLessThan(random?.rank ?? 0);
    expect(gradient?.tiedWith).not.toContain('random');
  });

  it('is keyed by its own settings alone: the maps stay', async () => {
    const reused = async (changes: object) => {
      const { stages } = await forecast(changes);
      return stages.map((stage) => stage.reused);
    };
    expect(await reused({})).toEqual([1, 3, 1, 0]);
    expect(await reused({ metric: { side: 14 } })).toEqual([1, 3, 1, 0]);
    expect(await reused({ metric: { side: 8 } })).toEqual([1, 3, 0, 0]);
    expect(await reused({ reduction: 'positive' })).toEqual([1, 3, 0, 0]);
    expect(await reused({ resamples: 200 })).toEqual([1, 3, 1, 0]);
  });

  it('comes out in tables, figure, report and manifest', async () => {
    const { api } = opened.app;
    const text = async (format: RoarExportFormat) =>
      (await contentOf(opened.app, await api.call('roar.export', { run, format }))).toString();
    const values = (await text('values.csv')).trimEnd().split('\n');
    expect(values[0]).toBe('method,mean,low,high,n');
    expect(values).toHaveLength(4);
    const scores = (await text('scores.csv')).trimEnd().split('\n');
    expect(scores[0]).toBe('method,level,image,score');
    expect(scores).toHaveLength(1 + 30);
    expect(scores[1]).toMatch(/^vanilla-gradient,,\d+,0\.\d+$/);
    const figure = await text('figure.svg');
    expect(figure).toContain('Mean share of the attribution in the centre');
    expect(figure).toContain('data-method="sobel" data-part="value"');
    const page = await text('report.html');
    for (const words of [
      'Share of attribution in the centre on MNIST',
      'Means, advantages and ranks',
      'mean of the method minus mean of the random map',
      'metric.side',
      '--protocol centre-share',
      '--set centre-share.side=14',
    ]) {
      expect(page).toContain(words);
    }
    const manifest = JSON.parse(await text('manifest.json')) as {
      settings: object;
      statistics: object;
    };
    expect(manifest.settings).toMatchObject({ metric: { side: 14 } });
    expect(manifest.statistics).toMatchObject({
      rank: expect.stringContaining('whose mean is larger'),
    });
    await expect(api.call('roar.export', { run, format: 'curves.csv' })).rejects.toMatchObject({
      data: { code: 'conflict' },
    });
    await expect(
      api.call('roar.degraded', { run, method: 'sobel', level: 0, images: [0] }),
    ).rejects.toMatchObject({ data: { code: 'conflict' } });
  });

  it('is compared with another run', async () => {
    const { api } = opened.app;
    const other = await api.call('roar.start', { settings: settings({ metric: { side: 8 } }) });
    await opened.reaches(other.job.id, 'done', 'failed');
    const both = await api.call('roar.compare', { a: run, b: other.run.id });
    expect(both.settings).toEqual([{ path: 'metric.side', a: '14', b: '8' }]);
    expect(both.methods.map(({ method }) => method.id)).toEqual([
      'vanilla-gradient',
      'sobel',
      'random',
    ]);
  });

  it('is in the command line’s help and refusals, and runs there', async () => {
    const command = (argv: string[]) =>
      cli(argv, {
        catalogues,
        openApp: async ({ access }) => (await studio.open({ ...world, access })).app,
      });
    const { stdout } = await command(['roar', '--help']);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'paper, retrain, keep-and-retrain or centre-share',
    );
    expect(stdout).toContain('--set centre-share.side');
    const roar = ['roar', '--dataset', 'mnist', '--preset', 'quick', '--out'];
    expect((await command([...roar, '/tmp/x', '--protocol', 'nope'])).stderr).toContain(
      '--protocol is "nope"; accepted: one of: paper, retrain, keep-and-retrain, centre-share.',
    );
    const measured = ['--protocol', 'centre-share', '--set'];
    expect(
      (await command([...roar, '/tmp/x', ...measured, 'centre-share.side=1'])).stderr,
    ).toContain('--set centre-share.side is 1; accepted: a whole number from 2 to 28.');

    await opened.close();
    const out = join(studio.dataDir, 'out');
    const some = ['--images', '10', '--methods', 'sobel', '--train-limit', '200', '--epochs', '1'];
    const argv = [...roar, out, ...measured, 'centre-share.side=10', ...some, '--json'];
    const ran = await command(argv);
    expect(ran.exit, ran.stderr).toBe(0);
    expect(ran.json()).toMatchObject({
      methods: [{ method: 'sobel', mean: expect.any(Number) as number }, { method: 'random' }],
    });
    expect((await readdir(out)).sort()).toEqual([...centreDescriptor.files].sort());
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as {
      repeat: { arguments: string[] };
    };
    const again = await command([
      ...manifest.repeat.arguments.map((word) => (word === 'DIR' ? out : word)),
      '--json',
    ]);
    expect(again.json()).toMatchObject({ how: 'stored' });
  });

  it('is missed where the engine has no such algorithm', async () => {
    const other = await harness();
    const { app } = await other.open({
      catalogues: { ...catalogues, operators: builtInCatalogues.operators },
      metrics: standInMetrics,
    });
    await expect(app.api.call('roar.forecast', { settings: settings() })).rejects.toMatchObject({
      data: {
        code: 'engine-unavailable',
        message: expect.stringContaining('no metric centre-share') as string,
      },
    });
    await other.remove();
  });
});

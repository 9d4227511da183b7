import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RoarExportFormat } from '../../../../src/shared/export-formats';
import { type RouteInput } from '../../../../src/shared/routes';
import { standInCatalogues, standInMetrics } from '../../../fixtures/stand-ins/catalogues';
import { cli } from '../../cli/world';
import { harness, type Harness, type Opened } from '../jobs/harness';
import { contentOf } from '../transfers';
import { roarSettings } from '../../../fixtures/datasets';

/** Operators that no file of the product knows go every way that its own go. */
describe('operators that were added', { timeout: 240_000 }, () => {
  let studio: Harness;
  let opened: Opened;
  const compositions = ['predicted', 'dimmed(smooth(predicted))', 'stripes', 'occluded'];
  const methods: string[] = [];
  const catalogues = standInCatalogues;

  beforeAll(async () => {
    studio = await harness('test/fixtures/stand-ins/engine.ts');
    opened = await studio.open({ catalogues, metrics: standInMetrics });
  });
  afterAll(() => studio.remove());

  const settings = (parameters: object = {}): RouteInput<'roar.start'>['settings'] => ({
    dataset: 'mnist',
    images: 10,
    levels: [0, 0.5],
    methods: [...methods, 'random'],
    parameters: { n: 2, steps: 2, shades: 2, ...parameters } as object,
    recipe: { epochs: 1, trainLimit: 200 },
    resamples: 100,
  });

  it('are told to pages with all that describes them', async () => {
    const { operators } = await opened.app.api.call('app.catalogues', {});
    expect(operators.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['gradient', 'predicted', 'dimmed', 'stripes', 'occluded']),
    );
  });

  it('compose methods, within what their families allow', async () => {
    for (const composition of compositions) {
      const { id } = await opened.app.api.call('methods.compose', {
        composition,
        name: `Our ${composition}`,
      });
      methods.push(id);
    }
    for (const composition of ['smooth(occluded)', 'dimmed(stripes)', 'stripes(gradient)']) {
      await expect(
        opened.app.api.call('methods.compose', { composition, name: 'No' }),
      ).rejects.toMatchObject({ data: { code: 'invalid-input', field: 'composition' } });
    }
  });

  it('are forecast by their cost', async () => {
    const forecast = await opened.app.api.call('roar.forecast', { settings: settings() });
    // predicted 1, dimmed 2 times smooth 2, occluded 2, on 10 images.
    expect(forecast.stages[1]?.work).toBe('70 input gradients (10 images, 5 methods)');
  });

  it('refuse parameters by name before anything begins', async () => {
    for (const [parameters, field] of [
      [{ shades: 99 }, 'settings.parameters.shades'],
      [{ nope: 1 }, 'settings.parameters.nope'],
    ] as const) {
      await expect(
        opened.app.api.call('roar.start', { settings: settings(parameters) }),
      ).rejects.toMatchObject({ data: { code: 'invalid-input', field } });
    }
  });

  it('run, stop and go on, and come out in figure, report and tables', async () => {
    const { job, run } = await opened.app.api.call('roar.start', { settings: settings() });
    // Also what was left to its default, which may be another one when the run goes on.
    expect(run.settings.parameters).toMatchObject({
      shades: 2,
      darkest: 0.5,
      stripe: 2,
      square: 14,
    });
    await opened.until('job.changed', (event) => (event.job.progress?.stage ?? '') !== 'train');
    await opened.close();
    opened = await studio.open({ catalogues, metrics: standInMetrics });
    await opened.reaches(job.id, 'done', 'failed');
    const result = await opened.app.api.call('roar.result', { run: run.id });
    expect(result.curves.map(({ method }) => method.composition)).toEqual(
      expect.arrayContaining(compositions),
    );
    const text = async (format: RoarExportFormat) => {
      const file = await opened.app.api.call('roar.export', { run: run.id, format });
      return (await contentOf(opened.app, file)).toString();
    };
    expect(await text('figure.svg')).toContain('Our stripes');
    const report = await text('report.html');
    for (const composition of compositions) expect(report).toContain(composition);
    expect(report).toContain('parameters.shades');
    expect(await text('curves.csv')).toContain(methods[1]);
  });

  it('are keyed by their own parameters', async () => {
    const stages = async (parameters: object) => {
      const { stages: planned } = await opened.app.api.call('roar.forecast', {
        settings: settings(parameters),
      });
      return planned.find(({ id }) => id === 'maps')?.reused;
    };
    expect(await stages({})).toBe(5);
    expect(await stages({ shades: 3 })).toBe(4);
    expect(await stages({ stripe: 3 })).toBe(4);
    expect(await stages({ square: 7, darkest: 0.1 })).toBe(3);
    expect(await stages({ steps: 9 })).toBe(5);
  });

  it('are in the command line’s help, and in its refusals', async () => {
    const { stdout } = await cli(['maps', '--help'], { catalogues });
    expect(stdout).toMatch(/square +a whole number from 4 to 28 \(default: 14\)/);
    const refused = await cli(
      ['maps', '--dataset', 'mnist', '--images', '0', '--out', '/tmp/x', '--set', 'square=1'],
      { catalogues },
    );
    expect(refused).toMatchObject({ exit: 2 });
    expect(refused.stderr).toContain('--set square is 1; accepted: a whole number from 4 to 28');
  });

  it('are missed where the engine has no such algorithm', async () => {
    const other = await harness();
    const { app } = await other.open({ catalogues, metrics: standInMetrics });
    await expect(
      app.api.call('roar.forecast', { settings: roarSettings({}) }),
    ).rejects.toMatchObject({
      data: {
        code: 'engine-unavailable',
        message: expect.stringContaining('no operator predicted'),
      },
    });
    await other.remove();
  });
});

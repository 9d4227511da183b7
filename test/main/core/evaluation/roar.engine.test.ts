import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeOutputFolder } from '../../../../src/main/core/export/folder/output-folder';
import { fromWire } from '../../../../src/shared/arrays';
import { type RunRecord } from '../../../../src/shared/records';
import { paperMetric } from '../../../../src/shared/catalogue/metrics';
import { harness, type Harness, type Opened, smallSettings } from '../jobs/harness';
import { contentOf } from '../transfers';

describe('a ROAR run on the real engine', { timeout: 240_000 }, () => {
  let studio: Harness;
  let opened: Opened;
  let first: RunRecord;
  let forecastBytes: number;

  beforeAll(async () => {
    studio = await harness();
    opened = await studio.open();
  });
  afterAll(() => studio.remove());

  const run = async (given: object, name: string | null = null) => {
    const { api } = opened.app;
    const settings = { dataset: 'mnist', ...given };
    const started = await api.call('roar.start', { settings, name });
    await opened.reaches(started.job.id, 'done', 'failed');
    const job = await api.call('jobs.get', { job: started.job.id });
    expect(job.error).toBeNull();
    const result = await api.call('roar.result', { run: started.run.id });
    return { result, job };
  };
  const csv = async (id: string, format: 'scores.csv' | 'curves.csv') => {
    const file = await opened.app.api.call('roar.export', { run: id, format });
    return (await contentOf(opened.app, file)).toString();
  };

  it('forecasts by measured rates, item by item', async () => {
    const forecast = await opened.app.api.call('roar.forecast', { settings: smallSettings });
    expect(forecast.stages.map(({ id, items, reused }) => [id, items, reused])).toEqual([
      ['train', 2, 0],
      ['maps', 4, 0],
      ['score', 2, 0],
      ['report', 1, 0],
    ]);
    expect(forecast.stages.map(({ work }) => work)).toEqual([
      '400 training images (2 models, 1 epoch)',
      '50 input gradients (10 images, 4 methods)',
      '80 degraded images scored',
      '100 bootstrap resamples',
    ]);
    const sum = forecast.stages.reduce((total, { seconds }) => total + seconds, 0);
    expect(forecast.seconds).toBeCloseTo(sum);
    expect(sum).toBeGreaterThan(0);
    expect(forecast.bytes).toBe(2 * 12 * 421_642 + 4 * 10 * 784 * 4 + 2 * 10 * 4 * 8);
    forecastBytes = forecast.bytes;
    expect(forecast.freeBytes).toBeGreaterThan(0);
    expect(forecast.measuredOn).toMatch(/1 thread$/);
  });

  it('trains, maps, scores and reports', async () => {
    const { result, job } = await run(smallSettings, 'The first');
    first = result.run;
    expect(job.stages.map(({ id, items, done, reused }) => [id, items, done, reused])).toEqual([
      ['train', 2, 2, 0],
      ['maps', 4, 4, 0],
      ['score', 2, 2, 0],
      ['report', 1, 1, 0],
    ]);
    expect(result.run).toMatchObject({ name: 'The first', state: 'done' });
    // What was forecast, and the headers of its files.
    const { disk } = await opened.app.api.call('app.status', {});
    expect(disk.bytes).toBeGreaterThanOrEqual(forecastBytes);
    expect(disk.bytes).toBeLessThan(1.001 * forecastBytes);
    expect(result.images).toHaveLength(10);
    expect(result.levels).toMatchObject([
      { level: 0, epochs: 1, reused: false },
      { level: 0.5, epochs: 1, reused: false },
    ]);
    expect(result.engine.versions['tensorflow']).toMatch(/^2\./);
    expect(result.claims.length).toBeGreaterThan(5);
    expect(result.curves.map(({ method }) => method.id)).toEqual(smallSettings.methods);
    // Nothing is removed at level 0: every method scores the same there.
    const starts = result.curves.map(({ points }) => points[0]?.mean);
    expect(new Set(starts).size).toBe(1);
    const random = result.curves.find(({ method }) => method.id === 'random');
    expect(random).toMatchObject({ advantage: 0 });

    const images = await opened.app.api.call('datasets.images', { dataset: 'mnist', limit: 1 });
    expect(images.total).toBe(10_000);
    const progress = opened.events.flatMap((event) =>
      event.type === 'job.progress' && event.progress.job === job.id ? [event.progress.share] : [],
    );
    expect(progress.length).toBeGreaterThan(5);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it('knows everything when it runs again, and scores the same', async () => {
    const forecast = await opened.app.api.call('roar.forecast', { settings: smallSettings });
    expect(forecast.stages.map(({ reused }) => reused)).toEqual([2, 4, 2, 0]);
    const again = await run(smallSettings);
    expect(again.job.stages.map(({ reused }) => reused)).toEqual([2, 4, 2, 0]);
    expect(again.result.levels.map(({ reused }) => reused)).toEqual([true, true]);
    expect(await csv(again.result.run.id, 'scores.csv')).toBe(await csv(first.id, 'scores.csv'));
    expect(await csv(again.result.run.id, 'curves.csv')).toBe(await csv(first.id, 'curves.csv'));
  });

  it('computes what a changed parameter touches alone, and compares the two runs', async () => {
    const settings = { ...smallSettings, parameters: { ...smallSettings.parameters, steps: 3 } };
    const changed = await run(settings);
    expect(changed.job.stages.map(({ reused }) => reused)).toEqual([2, 3, 0, 0]);
    const comparison = await opened.app.api.call('roar.compare', {
      a: first.id,
      b: changed.result.run.id,
    });
    expect(comparison.settings).toEqual([{ path: 'parameters.steps', a: '2', b: '3' }]);
    expect(comparison.methods.map(({ method }) => method.id)).toEqual(smallSettings.methods);
    for (const { method, advantageA, advantageB } of comparison.methods) {
      if (method.id !== 'integrated-gradients') expect(advantageB).toBe(advantageA);
    }
    expect(Math.abs(comparison.spearman ?? 2)).toBeLessThanOrEqual(1);
  });

  it('shows the degraded images', async () => {
    const ask = (level: number) =>
      opened.app.api.call('roar.degraded', {
        run: first.id,
        method: 'vanilla-gradient',
        level,
        images: [7, 2],
      });
    const [clean, half] = [await ask(0), await ask(0.5)];
    const { images } = await opened.app.api.call('roar.result', { run: first.id });
    expect(half.indices).toEqual([images[7], images[2]]);
    expect(half.pixels.shape).toEqual([2, 28, 28, 1]);
    const [before, after] = [fromWire(clean.pixels).data, fromWire(half.pixels).data];
    for (const image of [0, 1]) {
      let kept = 0;
      for (let i = image * 784; i < (image + 1) * 784; i += 1)
        if (before[i] === after[i]) kept += 1;
      // Half of the locations keep their value; of the others none need to.
      expect(kept).toBeGreaterThanOrEqual(392);
      expect(kept).toBeLessThan(784);
    }
    const rows = (await csv(first.id, 'scores.csv')).split('\n');
    const row = rows.find((line) => line.startsWith(`vanilla-gradient,0.5,${images[7]},`));
    expect(Number(row?.split(',')[3])).toBeCloseTo(half.scores[0] ?? -1, 6);
    expect((await ask(0.25)).scores).toEqual([null, null]);
  });

  it('refuses degraded images that a run does not have', async () => {
    const ask = (change: object) =>
      opened.app.api
        .call('roar.degraded', {
          run: first.id,
          method: 'random',
          level: 0,
          images: [0],
          ...change,
        })
        .then(
          () => null,
          (error: { data: unknown }) => error.data,
        );
    expect(await ask({ method: 'sobel' })).toMatchObject({ field: 'method', value: '"sobel"' });
    expect(await ask({ images: [0, 10] })).toMatchObject({ field: 'images.1', value: '10' });
  });

  it('writes every export', async () => {
    const outDir = join(studio.dataDir, 'out');
    const { files: paths } = await writeOutputFolder({ path: outDir, field: '--out' }, (out) =>
      opened.app.writeRoarOutputs(first.id, out),
    );
    expect(paths).toEqual(paperMetric.files.map((format) => join(outDir, format)));
    const lines = (await readFile(join(outDir, 'scores.csv'), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(1 + 4 * 2 * 10);
    const manifest: unknown = JSON.parse(await readFile(join(outDir, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ settings: smallSettings });
  });

  it('refuses settings that no dataset or catalogue can meet, naming the field', async () => {
    const refused = (change: object) =>
      opened.app.api.call('roar.start', { settings: { ...smallSettings, ...change } }).then(
        () => null,
        (error: { data: unknown }) => error.data,
      );
    expect(await refused({ methods: ['random', 'lime'] })).toMatchObject({
      field: 'settings.methods.1',
      value: '"lime"',
    });
    expect(await refused({ recipe: { trainLimit: 60_001 } })).toMatchObject({
      field: 'settings.recipe.trainLimit',
      accepted: expect.stringContaining('60000'),
    });
    expect(await refused({ parameters: { target: 11 } })).toMatchObject({
      field: 'settings.parameters.target',
    });
  });

  it('goes on by itself when the engine is killed at any moment', async () => {
    const settings = { ...smallSettings, seed: 1 };
    const { api } = opened.app;
    const started = await api.call('roar.start', { settings });
    const kills = ['train', 'maps', 'score'];
    for (const stage of kills) {
      await opened.until(
        'job.progress',
        ({ progress }) => progress.job === started.job.id && progress.stage === stage,
      );
      if (opened.engine.pid !== undefined) process.kill(opened.engine.pid, 'SIGKILL');
    }
    await opened.reaches(started.job.id, 'done', 'failed');
    expect((await api.call('jobs.get', { job: started.job.id })).error).toBeNull();
    const killed = await csv(started.run.id, 'scores.csv');
    const elsewhere = await harness();
    try {
      const other = await elsewhere.open();
      const whole = await other.app.api.call('roar.start', { settings });
      await other.reaches(whole.job.id, 'done', 'failed');
      const input = { run: whole.run.id, format: 'scores.csv' } as const;
      const file = await other.app.api.call('roar.export', input);
      expect(killed).toBe((await contentOf(other.app, file)).toString());
    } finally {
      await elsewhere.remove();
    }
  });

  it('is cancelled within two seconds, shows what there is, and goes on when resumed', async () => {
    const { api } = opened.app;
    const settings = { ...smallSettings, recipe: { epochs: 3, trainLimit: 200 } };
    const { run: record, job } = await api.call('roar.start', { settings });
    await opened.until(
      'job.progress',
      ({ progress }) => progress.job === job.id && progress.itemsDone >= 1,
    );
    const cancelledAt = performance.now();
    await api.call('jobs.cancel', { job: job.id });
    await opened.reaches(job.id, 'cancelled');
    expect(performance.now() - cancelledAt).toBeLessThan(2000);
    const partial = await api.call('roar.result', { run: record.id });
    expect(partial).toMatchObject({ run: { state: 'cancelled' }, curves: [], claims: [] });
    expect(partial.levels[0]?.epochs).toBeGreaterThanOrEqual(1);
    await expect(
      api.call('roar.export', { run: record.id, format: 'curves.csv' }),
    ).rejects.toMatchObject({ data: { code: 'conflict' } });
    await api.call('jobs.resume', { job: job.id });
    await opened.reaches(job.id, 'done', 'failed');
    const done = await api.call('jobs.get', { job: job.id });
    expect(done).toMatchObject({ state: 'done', attempt: 2 });
    expect(done.stages[0]).toMatchObject({ items: 6, done: 6, reused: 0 });
  });

  it('is renamed and removed, and frees what nothing names', async () => {
    const { api } = opened.app;
    const renamed = await api.call('roar.rename', { run: first.id, name: 'Another' });
    expect(renamed.name).toBe('Another');
    const { levels } = await api.call('roar.result', { run: first.id });
    const model = levels[0]?.model ?? '';
    await expect(api.call('models.remove', { model })).rejects.toMatchObject({
      data: { code: 'conflict', message: expect.stringContaining('Another') },
    });
    for (const { id } of await api.call('roar.list', {}))
      await api.call('roar.remove', { run: id });
    expect(await api.call('roar.list', {})).toEqual([]);
    await api.call('models.remove', { model });
    const { disk } = await api.call('app.status', {});
    expect(disk.unusedBytes).toBeGreaterThan(0);
    // Everything is younger than an hour, and stays.
    expect(await api.call('disk.collect', {})).toEqual({ artifacts: 0, bytes: 0 });
  });
});

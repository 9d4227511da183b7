import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeOutputFolder } from '../../../../src/main/core/export/folder/output-folder';
import { fromWire } from '../../../../src/shared/arrays';
import { type RunResult } from '../../../../src/shared/records';
import { retrainMetric } from '../../../../src/shared/catalogue/metrics';
import { harness, type Harness, type Opened } from '../jobs/harness';
import { roarSettings } from '../../../fixtures/datasets';

/** A grid of five models of two epochs that takes seconds. */
const settings = roarSettings({
  protocol: 'retrain',
  images: 20,
  levels: [0, 0.5],
  methods: ['vanilla-gradient', 'random'],
  repetitions: 2,
  recipe: { epochs: 2, trainLimit: 100 },
});

/** What a run found, without what is another each time. */
const findings = ({ retrained, curves, images }: RunResult) => ({
  images,
  curves,
  retrained: retrained.map(({ method, level, repetition, accuracy }) => [
    ...[method, level, repetition, accuracy],
  ]),
});

describe('a run that retrains on the real engine', { timeout: 240_000 }, () => {
  let studio: Harness;
  let opened: Opened;
  let whole: RunResult;

  beforeAll(async () => {
    studio = await harness();
    opened = await studio.open();
  });
  afterAll(() => studio.remove());

  const finish = async (job: string, run: string) => {
    await opened.reaches(job, 'done', 'failed');
    const { error } = await opened.app.api.call('jobs.get', { job });
    expect(error).toBeNull();
    return opened.app.api.call('roar.result', { run });
  };

  it('forecasts gradients, trainings and the disk at its fullest', async () => {
    const forecast = await opened.app.api.call('roar.forecast', { settings });
    expect(forecast.stages.map(({ id, items, reused, work }) => [id, items, reused, work])).toEqual(
      [
        ['train', 2, 0, '200 training images (1 model, 2 epochs)'],
        ['orders', 4, 0, '120 input gradients (120 images, 2 methods)'],
        ['retrain', 11, 0, '1,000 training images (5 models, 2 epochs)'],
        ['report', 1, 0, '6 accuracies'],
      ],
    );
    const parameters = 421_642;
    const orders = 2 * 120 * 784 * 2;
    const base = 4 * parameters * (2 + 2);
    expect(forecast.bytes).toBe(orders + base + 2 * 12 * parameters);
  });

  it('ranks, retrains and reports', async () => {
    const { api } = opened.app;
    const { job, run } = await api.call('roar.start', { settings, name: 'Whole' });
    whole = await finish(job.id, run.id);
    expect(whole.images).toHaveLength(20);
    expect(whole.levels).toMatchObject([{ level: 0, epochs: 2 }]);
    expect(
      findings(whole).retrained.map(([method, level, repetition]) => [method, level, repetition]),
    ).toEqual([
      [null, 0, 0],
      [null, 0, 1],
      ['random', 0.5, 0],
      ['random', 0.5, 1],
      ['vanilla-gradient', 0.5, 0],
      ['vanilla-gradient', 0.5, 1],
    ]);
    const [vanilla, random] = whole.curves;
    expect(vanilla?.points.map(({ n }) => n)).toEqual([2, 2]);
    expect(vanilla?.points[0]).toMatchObject({ mean: random?.points[0]?.mean, difference: 0 });
    const accuracies = whole.retrained.filter(({ method }) => method === 'random');
    const mean = accuracies.reduce((sum, { accuracy }) => sum + accuracy / 2, 0);
    expect(random?.points[1]?.mean).toBeCloseTo(mean, 12);
    expect(random).toMatchObject({ advantage: 0, rank: 1 });
    // Blank borders have no gradient: ties decide some of the removed half, of random maps none.
    expect(vanilla?.points[1]?.tied).toBeGreaterThanOrEqual(0);
    expect(random?.points[1]?.tied).toBe(0);
  });

  it('keeps orders and the base model on the disk, and no checkpoint of the grid', async () => {
    const { disk } = await opened.app.api.call('app.status', {});
    // Two epochs of the base model's weights, its optimiser's last state, and four files of orders.
    expect(disk.artifacts).toBe(7);
  });

  it('shows degraded images by the stored orders', async () => {
    const { api } = opened.app;
    const input = { run: whole.run.id, method: 'vanilla-gradient', images: [0, 19] };
    const at = async (level: number) => await api.call('roar.degraded', { ...input, level });
    const clean = fromWire((await at(0)).pixels);
    const { pixels, scores } = await at(0.5);
    const half = fromWire(pixels);
    expect(half.shape).toEqual([2, 28, 28, 1]);
    expect(scores).toEqual([null, null]);
    // Half of the pixels are the training images' mean, all others what they were.
    let other = 0;
    half.data.forEach((value, i) => {
      if (value === clean.data[i]) return;
      other += 1;
      expect(value).toBeCloseTo(0.1307, 3);
    });
    expect(other).toBeGreaterThan(784 - 2);
    expect(other).toBeLessThanOrEqual(784);
  });

  it('writes every export that its protocol has', async () => {
    const outDir = await mkdtemp(join(tmpdir(), 'retrain-'));
    const { files: paths } = await writeOutputFolder({ path: outDir, field: '--out' }, (out) =>
      opened.app.writeRoarOutputs(whole.run.id, out),
    );
    const formats = retrainMetric.files;
    expect(formats).not.toContain('scores.csv');
    expect((await readdir(outDir)).sort()).toEqual([...formats].sort());
    expect(paths).toHaveLength(formats.length);
    const read = (name: string) => readFile(join(outDir, name), 'utf8');
    const models = (await read('models.csv')).trimEnd().split('\n');
    expect(models[0]).toBe('method,level,repetition,epochs,validation_accuracy,seconds');
    expect(models).toHaveLength(1 + 6);
    expect((await read('curves.csv')).split('\n')[0]).toBe(
      'method,level,mean,low,high,n,tied,spread',
    );
    expect(await read('figure.svg')).toContain('>Validation accuracy<');
    expect(await read('manifest.json')).toContain('Student-t over repetitions');
    expect(await read('report.html')).toContain('Mean validation accuracy');
    await expect(
      opened.app.api.call('roar.export', { run: whole.run.id, format: 'scores.csv' }),
    ).rejects.toMatchObject({ data: { code: 'conflict' } });
    await rm(outDir, { recursive: true });
  });

  it('makes the orders of keep-and-retrain out of the stored ones', async () => {
    const kept = { ...settings, protocol: 'keep-and-retrain' as const };
    const forecast = await opened.app.api.call('roar.forecast', { settings: kept });
    expect(forecast.stages.map(({ reused }) => reused)).toEqual([2, 4, 0, 0]);
  });

  it('ends with the same figures wherever it is cancelled, killed and resumed', async () => {
    await opened.close();
    await studio.remove();
    studio = await harness();
    opened = await studio.open();
    const { api } = opened.app;
    const { job, run } = await api.call('roar.start', { settings, name: 'Broken' });
    // Items done when it stops: in the base model, in the orders, twice between a model's epochs.
    for (const [place, items] of [1, 9, 14].entries()) {
      await opened.until(
        'job.progress',
        ({ progress }) => progress.job === job.id && progress.itemsDone >= items,
      );
      if (place % 2 === 1) {
        if (opened.engine.pid !== undefined) process.kill(opened.engine.pid, 'SIGKILL');
        continue;
      }
      const at = performance.now();
      await api.call('jobs.cancel', { job: job.id });
      await opened.reaches(job.id, 'cancelled');
      expect(performance.now() - at).toBeLessThan(2000);
      await api.call('jobs.resume', { job: job.id });
    }
    const broken = await finish(job.id, run.id);
    expect(findings(broken)).toEqual(findings(whole));
  });
});

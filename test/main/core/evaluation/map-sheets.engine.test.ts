import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, harness, type Opened, smallSettings } from '../jobs/harness';
import { contentOf } from '../transfers';

let world: Harness;
let opened: Opened;
let run: string;

beforeAll(async () => {
  world = await harness();
  opened = await world.open();
  const started = await opened.app.api.call('roar.start', { settings: smallSettings });
  run = started.run.id;
  await opened.reaches(started.job.id, 'done');
}, 120_000);
afterAll(() => world.remove());

const pixelsOf = (png: string) =>
  sharp(Buffer.from(png, 'base64')).raw().toBuffer({ resolveWithObject: true });

describe('a sheet of maps', () => {
  it('shows the first image of each class of a run, with the maps that the run stored', async () => {
    const { api } = opened.app;
    const { blocks, notes } = await api.call('maps.sheet', { of: { kind: 'run', run } });
    expect(notes).toEqual([]);
    const [block] = blocks;
    expect(block?.run?.id).toBe(run);
    expect(block?.methods.map(({ id }) => id)).toEqual([
      'vanilla-gradient',
      'smoothgrad',
      'integrated-gradients',
    ]);
    const { images } = await api.call('roar.result', { run });
    const rows = block?.rows ?? [];
    expect(rows.map(({ label }) => label)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { image, maps } of rows) {
      expect(images).toContain(image);
      expect(maps).toHaveLength(3);
    }
    const picture = await pixelsOf(rows[0]?.picture ?? '');
    expect([picture.info.width, picture.info.height]).toEqual([28, 28]);
    const pixels = await api.call('datasets.images', { dataset: 'mnist', label: 0, limit: 200 });
    const at = pixels.indices.indexOf(rows[0]?.image ?? -1);
    if (at >= 0) {
      const bytes = pixels.pixels.data.subarray(at * 784, (at + 1) * 784);
      const red = Buffer.from(bytes.map((_, i) => picture.data[i * picture.info.channels] ?? 0));
      expect(red.equals(bytes)).toBe(true);
    }
  });

  it('of a dataset is that of the run on its newest model; missing datasets are noted', async () => {
    const { blocks, notes } = await opened.app.api.call('maps.sheet', {
      of: { kind: 'datasets', datasets: ['mnist', 'cifar10'] },
      images: 3,
    });
    expect(blocks.map(({ dataset, run: own, rows }) => [dataset, own?.id, rows.length])).toEqual([
      ['mnist', run, 3],
    ]);
    expect(notes).toEqual(['CIFAR-10: No model is trained on whole images yet.']);
  });

  it('of an experiment has a block for each member', async () => {
    const { api } = opened.app;
    const of = { kind: 'run' as const, run };
    const { id: experiment } = await api.call('experiments.collect', { runs: [run] });
    const sheet = await api.call('maps.sheet', { of: { kind: 'experiment', experiment } });
    expect(sheet.blocks).toEqual((await api.call('maps.sheet', { of })).blocks);
  });

  it('exports a page that prints, a drawing and a picture', async () => {
    const { api } = opened.app;
    const input = { of: { kind: 'run' as const, run }, images: 4 };
    const html = await api.call('maps.sheetExport', { ...input, format: 'maps.html' });
    const page = (await contentOf(opened.app, html)).toString();
    expect(page).toContain('size:A4 landscape');
    expect(page.match(/<img /g)).toHaveLength(4 * 4);
    expect(page).not.toMatch(/<script|src="http/);
    const svg = await api.call('maps.sheetExport', { ...input, format: 'maps.svg' });
    const drawing = (await contentOf(opened.app, svg)).toString();
    expect(drawing.match(/<image /g)).toHaveLength(4 * 4);
    const png = await api.call('maps.sheetExport', { ...input, format: 'maps.png' });
    const { width, height } = await sharp(await contentOf(opened.app, png)).metadata();
    expect([width, height]).toEqual([3369, 2382]);
  });

  it('without a run makes the paper’s maps of the newest model, once', async () => {
    const { api } = opened.app;
    await api.call('roar.remove', { run });
    const input = { of: { kind: 'datasets' as const, datasets: ['mnist' as const] }, images: 1 };
    const [block] = (await api.call('maps.sheet', input)).blocks;
    expect(block?.run).toBeNull();
    expect(block?.methods).toHaveLength(9);
    expect(block?.caption).toContain('15 noisy samples, noise σ 0.15, 50 integration steps');
    const startedAt = performance.now();
    expect((await api.call('maps.sheet', input)).blocks).toEqual([block]);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('is shown where nothing can be written, as are maps and forecasts, and nothing is kept', async () => {
    const of = { kind: 'datasets' as const, datasets: ['mnist' as const] };
    const made = async () => (await opened.app.api.call('app.status', {})).disk.artifacts;
    const [kept] = (await opened.app.api.call('maps.sheet', { of, images: 1 })).blocks;
    const before = await made();
    const reader = await world.open({ access: 'read' });
    const { api } = reader.app;
    const [block] = (await api.call('maps.sheet', { of, images: 2 })).blocks;
    expect(block?.rows).toHaveLength(2);
    expect(block?.rows[0]).toEqual(kept?.rows[0]);

    const { request } = await api.call('maps.explore', {
      ...{ model: block?.model.id ?? '', images: [7] },
      ...{ methods: ['vanilla-gradient'], parameters: {} },
    });
    const finished = await reader.until('maps.finished', (event) => event.request === request);
    expect(finished.error).toBeNull();
    const ready = await reader.until('maps.ready', (event) => event.request === request);
    expect([ready.image, ready.reused]).toEqual([7, false]);

    const { seconds } = await api.call('roar.forecast', { settings: smallSettings });
    expect(seconds).toBeGreaterThan(0);
    expect(await made()).toBe(before);
    await reader.close();
  });
});

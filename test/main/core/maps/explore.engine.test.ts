import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeOutputFolder } from '../../../../src/main/core/export/folder/output-folder';
import { fromWire } from '../../../../src/shared/arrays';
import { paperMethods } from '../../../../src/shared/catalogue/methods';
import { mapParametersSchema } from '../../../../src/shared/catalogue/parameters';
import { decodeNpy } from '../../../../src/shared/npy';
import { type RouteInput } from '../../../../src/shared/routes';
import { harness, type Harness, type Opened } from '../jobs/harness';

const parameters = mapParametersSchema.parse({ n: 2, steps: 2 });

describe('maps on request, on the real engine', { timeout: 180_000 }, () => {
  let studio: Harness;
  let opened: Opened;
  let model: string;

  beforeAll(async () => {
    studio = await harness();
    opened = await studio.open();
    const trained = await opened.app.api.call('models.train', {
      dataset: 'mnist',
      recipe: { epochs: 1, trainLimit: 100 },
    });
    model = trained.model.id;
    await opened.reaches(trained.job.id, 'done', 'failed');
  });
  afterAll(() => studio.remove());

  const explore = async (input: Partial<RouteInput<'maps.explore'>>, api = opened.app.api) => {
    const given = { model, images: [3, 1], methods: ['random'], parameters, ...input };
    const { request, images } = await api.call('maps.explore', given);
    const ready = () =>
      opened.events.flatMap((event) =>
        event.type === 'maps.ready' && event.request === request ? [event] : [],
      );
    const finished = () => opened.until('maps.finished', (event) => event.request === request);
    return { request, images, ready, finished };
  };

  it('answers with images and scores, then maps cheapest first', async () => {
    const methods = ['smoothgrad', 'vanilla-gradient', 'random', 'sobel', 'integrated-smoothgrad'];
    const { images, ready, finished } = await explore({ methods, seed: 5 });
    expect(ready()).toEqual([]);
    expect(images.map(({ image }) => image)).toEqual([3, 1]);
    for (const { pixels, label, target, predicted, probabilities } of images) {
      expect(pixels?.shape).toEqual([28, 28, 1]);
      expect(pixels?.dtype).toBe('uint8');
      expect(target).toBe(label);
      expect(probabilities).toHaveLength(10);
      expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
      expect(Math.max(...probabilities)).toBe(probabilities[predicted]);
    }
    expect(await finished()).toMatchObject({ error: null });
    const order = ready().map(({ method, image }) => `${method} ${image}`);
    expect(order).toEqual(
      ['random', 'sobel', 'vanilla-gradient', 'smoothgrad', 'integrated-smoothgrad'].flatMap(
        (method) => [`${method} 3`, `${method} 1`],
      ),
    );
    for (const { map, reused } of ready()) {
      expect(reused).toBe(false);
      expect(map.shape).toEqual([28, 28, 1]);
      expect(fromWire(map).data.some((value) => value !== 0)).toBe(true);
    }
  });

  it('knows maps that it made, of any image and of those parameters that matter alone', async () => {
    const methods = ['vanilla-gradient', 'smoothgrad'];
    const first = await explore({ images: [7, 8], methods });
    await first.finished();
    const again = await explore({ images: [8, 9], methods });
    await again.finished();
    const told = again.ready().map(({ method, image, reused }) => [method, image, reused]);
    expect(told).toEqual([
      ['vanilla-gradient', 8, true],
      ['vanilla-gradient', 9, false],
      ['smoothgrad', 8, true],
      ['smoothgrad', 9, false],
    ]);
    const map = (which: typeof first, image: number) =>
      which.ready().find((event) => event.image === image)?.map.data;
    expect(map(again, 8)).toEqual(map(first, 8));
    const noisier = await explore({ images: [8], methods, parameters: { ...parameters, n: 3 } });
    await noisier.finished();
    expect(noisier.ready().map(({ reused }) => reused)).toEqual([true, false]);
  });

  it('sends no pixels and no map that the caller has', async () => {
    const methods = ['vanilla-gradient', 'random'];
    const first = await explore({ images: [5, 6], methods });
    await first.finished();
    const held = { pixels: [5], maps: { random: [5, 6], 'vanilla-gradient': [6] } };
    const again = await explore({ images: [6, 5], methods, held });
    expect(await again.finished()).toMatchObject({ error: null });
    expect(again.ready().map(({ method, image }) => [method, image])).toEqual([
      ['vanilla-gradient', 5],
    ]);
    const of = (which: typeof first, wanted: number) =>
      which.images.find(({ image }) => image === wanted);
    expect(of(again, 6)).toEqual(of(first, 6));
    expect(of(again, 5)).toEqual({ ...of(first, 5), pixels: null });
  });

  it('makes a kept map again when its file was damaged', async () => {
    const once = await explore({ images: [20], methods: ['vanilla-gradient'] });
    await once.finished();
    const root = join(studio.dataDir, 'artifacts');
    for (const name of await readdir(root, { recursive: true })) {
      if (name.length < 60) continue;
      const path = join(root, name);
      const bytes = await readFile(path);
      if (bytes.length !== 28 * 28 * 4 + 128) continue;
      bytes[200] = (bytes[200] ?? 0) ^ 1;
      await writeFile(path, bytes);
    }
    const again = await explore({ images: [20], methods: ['vanilla-gradient'] });
    expect(await again.finished()).toMatchObject({ error: null });
    expect(again.ready()).toMatchObject([{ reused: false }]);
    expect(again.ready()[0]?.map).toEqual(once.ready()[0]?.map);
  });

  it('replaces an older request of the same client, and no other client’s', async () => {
    const slow = {
      images: [...Array(16).keys()],
      methods: ['integrated-smoothgrad'],
      parameters: { n: 40, steps: 40 },
    };
    const older = await explore({ ...slow, seed: 1 });
    const newer = await explore({ images: [0], methods: ['random'], seed: 1 });
    expect(await older.finished()).toMatchObject({ error: { code: 'cancelled' } });
    expect(await newer.finished()).toMatchObject({ error: null });
    expect(older.ready()).toEqual([]);

    const short = { images: [0], methods: ['smoothgrad'], seed: 2 };
    const [mine, theirs] = [
      await explore(short, opened.app.apiFor('a')),
      await explore(short, opened.app.apiFor('b')),
    ];
    expect(await mine.finished()).toMatchObject({ error: null });
    expect(await theirs.finished()).toMatchObject({ error: null });

    const unwanted = await explore({ ...slow, seed: 3 });
    await opened.app.api.call('maps.cancel', { request: unwanted.request });
    expect(await unwanted.finished()).toMatchObject({ error: { code: 'cancelled' } });
    await opened.app.api.call('maps.cancel', { request: 'nobody' });
  });

  it('takes the name that a client gives a request, over any connection', async () => {
    const [a, b] = [opened.app.apiFor('a'), opened.app.apiFor('b')];
    const slow = { images: [0], methods: ['integrated-smoothgrad'], seed: 4 };
    const parametersOf = { ...parameters, n: 40, steps: 400 };
    const older = await explore({ ...slow, parameters: parametersOf, request: 'view.1' }, a);
    expect(older.request).toBe('view.1');
    const again = explore({ ...slow, request: 'view.1' }, a);
    await expect(again).rejects.toMatchObject({ data: { field: 'request' } });
    // Sent at once, before the first is prepared: only the last one counts.
    const overtaken = explore({ images: [1], seed: 4, request: 'view.2' }, b);
    const newest = explore({ images: [2], seed: 4, request: 'view.3' }, b);
    await expect(overtaken).rejects.toMatchObject({ data: { code: 'cancelled' } });
    expect(await older.finished()).toMatchObject({ error: { code: 'cancelled' } });
    const { ready, finished } = await newest;
    expect(await finished()).toMatchObject({ error: null });
    expect(ready()).toHaveLength(1);
  });

  it('answers between the batches of a job', async () => {
    const { job } = await opened.app.api.call('models.train', {
      dataset: 'mnist',
      recipe: { epochs: 20, trainLimit: 20_000, seed: 9 },
    });
    await opened.until(
      'job.progress',
      ({ progress }) => progress.job === job.id && progress.itemShare > 0,
    );
    const startedAt = performance.now();
    const { ready, finished } = await explore({ images: [33], methods: ['vanilla-gradient'] });
    expect(await finished()).toMatchObject({ error: null });
    expect(ready()).toHaveLength(1);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect((await opened.app.api.call('jobs.get', { job: job.id })).state).toBe('running');
    const cancelledAt = performance.now();
    await opened.app.api.call('jobs.cancel', { job: job.id });
    await opened.reaches(job.id, 'cancelled');
    expect(performance.now() - cancelledAt).toBeLessThan(2000);
  });

  it('refuses what it cannot explore, naming the field', async () => {
    const refused = (input: Partial<RouteInput<'maps.explore'>>) =>
      explore(input).then(
        () => null,
        (error: { data: unknown }) => error.data,
      );
    expect(await refused({ images: [0, 10_000] })).toMatchObject({
      code: 'invalid-input',
      field: 'images.1',
      value: '10000',
      accepted: expect.stringContaining('0 to 9999'),
    });
    expect(await refused({ methods: ['random', 'lime'] })).toMatchObject({
      field: 'methods.1',
      value: '"lime"',
      accepted: expect.stringContaining('smoothgrad'),
    });
    expect(await refused({ parameters: { target: 10 } })).toMatchObject({
      field: 'parameters.target',
      accepted: expect.stringContaining('0 to 9'),
    });
    expect(await refused({ model: 'model_aaaaaaaaaaaaaaaa' })).toMatchObject({ code: 'not-found' });
  });

  it('writes maps with all that is needed to compute them elsewhere', async () => {
    const outDir = join(studio.dataDir, 'export');
    const input = {
      ...({ dataset: 'mnist', model: null, split: 'validation' } as const),
      images: [4, 2, 9],
      methods: paperMethods.map(({ id }) => id),
      ...{ parameters, seed: 1 },
    };
    const report = () => undefined;
    const exportMaps = (signal: AbortSignal, images = input.images) =>
      writeOutputFolder({ path: outDir, field: '--out' }, (out) =>
        opened.app.exportMaps({ ...input, images, out }, { signal, report }),
      );
    const exported = await exportMaps(new AbortController().signal);
    expect(exported.value.model).toBe(model);
    expect(exported.replaced).toBeNull();
    const read = async (name: string) => decodeNpy(await readFile(join(outDir, name)), name);
    expect((await read('inputs.npy')).shape).toEqual([3, 28, 28, 1]);
    expect((await read('noise.npy')).shape).toEqual([3, 2, 28, 28, 1]);
    expect((await read('logits.npy')).shape).toEqual([3, 10]);
    expect((await read('targets.npy')).data).toEqual((await read('labels.npy')).data);
    for (const { id } of paperMethods) {
      expect((await read(`${id}.npy`)).shape, id).toEqual([3, 28, 28, 1]);
    }
    const manifest: unknown = JSON.parse(await readFile(join(outDir, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ images: [4, 2, 9], parameters, seed: 1 });
    expect(exported.files.at(-1)).toBe(join(outDir, 'manifest.json'));
    const shown = await explore({ images: [2], methods: ['smoothgrad'], seed: 1 });
    await shown.finished();
    const map = fromWire(
      shown.ready()[0]?.map ?? { dtype: 'float32', shape: [0], data: new Uint8Array() },
    );
    const written = await read('smoothgrad.npy');
    expect(map.data).toEqual(written.data.slice(784, 1568));
    // One that is interrupted leaves what an earlier one wrote, as it was.
    const before = await readdir(outDir);
    await expect(exportMaps(AbortSignal.abort(), [1])).rejects.toThrow();
    expect(await readdir(outDir)).toEqual(before);
    expect((await read('inputs.npy')).shape).toEqual([3, 28, 28, 1]);
    // Other images are another result: its files are all of one run again.
    const other = await exportMaps(new AbortController().signal, [7]);
    expect(other.replaced).toMatchObject({ files: before.length, kept: [] });
    expect((await read('inputs.npy')).shape).toEqual([1, 28, 28, 1]);
  });
});

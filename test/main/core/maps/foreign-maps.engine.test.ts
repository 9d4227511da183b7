import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { datasetSource } from '../../../../src/main/core/datasets/folders';
import { trainingImages } from '../../../../src/main/core/evaluation/training-images';
import { writeOutputFolder } from '../../../../src/main/core/export/folder/output-folder';
import { openDatabase } from '../../../../src/main/core/storage/database';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { readZip } from '../../../../src/main/core/studies/archive/zip';
import { fromWire } from '../../../../src/shared/arrays';
import { builtInCatalogues } from '../../../../src/shared/catalogue/catalogues';
import { type Split } from '../../../../src/shared/catalogue/datasets';
import { mapParametersSchema } from '../../../../src/shared/catalogue/parameters';
import { decodeNpy } from '../../../../src/shared/npy';
import { resultFiltersSchema } from '../../../../src/shared/ratings/results';
import { type RouteInput } from '../../../../src/shared/routes';
import { npyFile } from '../../../fixtures/npy-files';
import { person, screen } from '../sessions/person';
import { contentOf, sent } from '../transfers';
import { harness, type Harness, type Opened, smallSettings } from '../jobs/harness';

const count = 40;
const images = Array.from({ length: count }, (_, image) => image);
const parameters = mapParametersSchema.parse({ n: 2, steps: 2 });

describe('maps of any method, on the real engine', { timeout: 180_000 }, () => {
  let studio: Harness;
  let opened: Opened;
  let model: string;
  let maps: string;
  let foreign: string;
  /** A run that measured it. */
  let ran: string;

  const api = () => opened.app.api;
  const adopt = async (path: string) => (await opened.app.files.adopt(path)).upload;
  type Asked = Partial<RouteInput<'methods.import'>>;
  const file = (name: string, bytes: Uint8Array) => {
    const path = join(studio.dataDir, name);
    writeFileSync(path, bytes);
    return path;
  };
  /** Import a file of validation maps; answers with the method, or throws what the job failed with. */
  async function take(path: string, indices: readonly number[], asked: Asked = {}) {
    const {
      files = [{ upload: await adopt(path), images: { kind: 'indices', indices: [...indices] } }],
    } = asked;
    const { job } = await api().call('methods.import', {
      ...{ name: 'Foreign', dataset: 'mnist' },
      ...asked,
      files,
    });
    await opened.reaches(job.id, 'done', 'failed');
    const ended = await api().call('jobs.get', { job: job.id });
    if (ended.error) throw new Error(ended.error.message);
    return ended.subject ?? '';
  }

  async function trainLabels(): Promise<ArrayLike<number>> {
    const files = installedFiles();
    const place = datasetSource(
      { catalogues: builtInCatalogues, dataDir: studio.dataDir, files },
      'mnist',
    );
    const outDir = studio.dataDir;
    const input = { ...place, split: 'train' as const, outDir };
    await opened.engine.request('dataset-labels', input, { lane: 'interactive' });
    return decodeNpy(readFileSync(join(outDir, 'labels.npy'))).data;
  }

  beforeAll(async () => {
    studio = await harness();
    opened = await studio.open();
    const { recipe } = smallSettings;
    const trained = await api().call('models.train', { dataset: 'mnist', recipe });
    model = trained.model.id;
    await opened.reaches(trained.job.id, 'done', 'failed');
    maps = join(studio.dataDir, 'maps');
    mkdirSync(maps);
    await writeOutputFolder({ path: maps, field: 'out' }, (out) =>
      opened.app.exportMaps(
        {
          dataset: 'mnist',
          model,
          split: 'validation',
          images,
          methods: ['vanilla-gradient'],
          parameters,
          seed: 0,
          out,
        },
        { signal: new AbortController().signal, report: () => undefined },
      ),
    );
    // In an order of its own, as big-endian doubles whose first axis runs fastest.
    const { data, shape } = decodeNpy(readFileSync(join(maps, 'vanilla-gradient.npy')));
    const turned = [...images].reverse();
    const values = turned.flatMap((image) => [...data.subarray(image * 784, (image + 1) * 784)]);
    const path = file('foreign.npy', npyFile({ descr: '>f8', fortran: true, shape, values }));
    foreign = await take(path, turned, { citation: 'Somebody 2026' });
  });
  afterAll(() => studio.remove());

  it('stands in the list with what it covers, and its id is that of its content', async () => {
    const methods = await api().call('methods.list', {});
    expect(methods.find(({ id }) => id === foreign)).toMatchObject({
      name: 'Foreign',
      group: 'imported',
      imported: {
        dataset: 'mnist',
        model: null,
        citation: 'Somebody 2026',
        file: 'foreign.npy',
        validation: count,
        train: 0,
      },
    });
    const covered = await api().call('methods.covered', { methods: ['sobel', foreign] });
    expect(covered.images).toEqual([[0, count - 1]]);
    const same = take(join(maps, 'vanilla-gradient.npy'), images, { name: 'The same' });
    await expect(same).rejects.toThrow('here already, as Foreign');
  });

  it('shows the maps that the original method makes, for covered images alone', async () => {
    const { request } = await api().call('maps.explore', {
      model,
      images: [3, 17, count],
      methods: ['vanilla-gradient', foreign],
      parameters,
    });
    await opened.until('maps.finished', (event) => event.request === request);
    const made = (method: string) =>
      opened.events.flatMap((event) =>
        event.type === 'maps.ready' && event.request === request && event.method === method
          ? [{ image: event.image, values: [...fromWire(event.map).data] }]
          : [],
      );
    expect(made(foreign).map(({ image }) => image)).toEqual([3, 17]);
    expect(made(foreign)).toEqual(made('vanilla-gradient').slice(0, 2));
  });

  it('scores as the original does, on images that it covers', async () => {
    const settings = { ...smallSettings, methods: ['vanilla-gradient', foreign, 'random'] };
    const { run, job } = await api().call('roar.start', { settings });
    await opened.reaches(job.id, 'done', 'failed');
    const { curves, images: measured } = await api().call('roar.result', { run: run.id });
    const [one, other] = ['vanilla-gradient', foreign].map((id) =>
      curves.find(({ method }) => method.id === id),
    );
    expect(other?.points).toEqual(one?.points);
    expect(other?.method.imported?.citation).toBe('Somebody 2026');
    ran = run.id;
    expect(measured).toHaveLength(smallSettings.images);
    expect(measured.every((image) => image < count)).toBe(true);

    const removing = api().call('methods.remove', { method: foreign });
    await expect(removing).rejects.toThrow(`used by ${run.name}`);
  });

  it('comes with a study and its run into an empty installation, to the same tables and bytes', async () => {
    const { id: study } = await api().call('studies.create', {
      name: 'With foreign maps',
      config: {
        datasets: [
          { dataset: 'mnist', model, run: ran, images: { kind: 'picked', indices: [3, 17] } },
        ],
        methods: ['vanilla-gradient', foreign, 'random'],
        design: { practice: 0 },
      },
    });
    const { job } = await api().call('studies.prepare', { study });
    await opened.reaches(job.id, 'done', 'failed');
    expect((await api().call('jobs.get', { job: job.id })).error).toBeNull();
    await api().call('annotator.begin', { study });
    const desk = opened.app.apiFor('desk');
    await desk.call('rating.enter', { code: null, screen });
    const { toTrials, rate, open } = person(desk);
    let state = await toTrials();
    for (let score = 1; state.current; score = (score % 5) + 1) {
      await rate(state.current, score);
      state = await open();
    }
    expect(state.phase).toBe('thanks');
    await desk.call('rating.end', { passphrase: null });
    await api().call('studies.close', { study });

    const archived = await contentOf(opened.app, await api().call('studies.export', { study }));
    const empty = mkdtempSync(join(tmpdir(), 'elsewhere-'));
    onTestFinished(() => rmSync(empty, { recursive: true, force: true }));
    const elsewhere = await studio.open({ dataDir: empty });
    const there = elsewhere.app.api;
    const { upload } = await sent(elsewhere.app, archived, 'study.zip');
    expect(await there.call('studies.import', { upload })).toMatchObject({ id: study, notes: [] });
    const filters = resultFiltersSchema.parse({});
    const [before, after] = [
      await api().call('results.get', { study, filters }),
      await there.call('results.get', { study, filters }),
    ];
    expect(before.counted).toBe(12);
    const ofMaps = ({ id: method }: { readonly id: string }) => method === foreign;
    expect(after.tables).toEqual(before.tables);
    expect(after.correlation).toEqual(before.correlation);
    expect(after.methods.find(ofMaps)?.known?.imported).toEqual({
      ...before.methods.find(ofMaps)?.known?.imported,
      // The pictures that were rated came, not the maps of all images.
      validation: 0,
    });
    const curves = async ({ call }: typeof there) =>
      (await call('roar.result', { run: ran })).curves.map(({ method, points }) => [
        method.id,
        points,
      ]);
    expect(await curves(there)).toEqual(await curves(api()));

    const again = await contentOf(elsewhere.app, await there.call('studies.export', { study }));
    const [first, second] = [await readZip(archived), await readZip(again)];
    expect([...second.keys()]).toEqual([...first.keys()]);
    const differs = [...first].filter(
      ([path, bytes]) => !Buffer.from(bytes).equals(second.get(path) ?? new Uint8Array()),
    );
    expect(first.has(`datasets/mnist/maps/${foreign}.npy`)).toBe(true);
    expect(differs.map(([path]) => path).sort()).toEqual(['log.csv', 'manifest.json']);
    await elsewhere.close();
  });

  it('retrains on maps that cover its training images as on those of the method itself', async () => {
    const settings = {
      ...smallSettings,
      ...{ protocol: 'retrain' as const, repetitions: 1 },
    };
    const labels = await trainLabels();
    const training = trainingImages(labels, settings);
    const all = Array.from({ length: 10_000 }, (_, image) => image);
    const sobel = async (split: Split, indices: readonly number[]) => {
      const folder = join(studio.dataDir, `sobel-${split}`);
      await writeOutputFolder({ path: folder, field: 'out' }, (out) =>
        opened.app.exportMaps(
          {
            ...{ dataset: 'mnist', model, split, images: indices, methods: ['sobel'] },
            ...{ parameters: mapParametersSchema.parse({ n: 1 }), seed: 0, out },
          },
          { signal: new AbortController().signal, report: () => undefined },
        ),
      );
      return adopt(join(folder, 'sobel.npy'));
    };
    const own = await take('', [], {
      name: 'Sobel of elsewhere',
      files: [
        { upload: await sobel('validation', all), images: { kind: 'all' } },
        {
          upload: await sobel('train', training),
          split: 'train',
          images: { kind: 'indices', indices: training },
        },
      ],
    });
    const methods = [own, 'sobel', 'random'];
    const { run, job } = await api().call('roar.start', { settings: { ...settings, methods } });
    await opened.reaches(job.id, 'done', 'failed');
    expect((await api().call('jobs.get', { job: job.id })).error).toBeNull();
    const { retrained } = await api().call('roar.result', { run: run.id });
    const accuracies = (method: string) =>
      retrained.flatMap(({ method: of, level, accuracy }) =>
        of === method ? [[level, accuracy]] : [],
      );
    expect(accuracies(own)).toHaveLength(1);
    expect(accuracies(own)).toEqual(accuracies('sobel'));
  });

  it('is refused for more images than it covers, and where models are trained anew', async () => {
    const forecast = (change: object) =>
      api().call('roar.forecast', {
        settings: { ...smallSettings, methods: [foreign, 'random'], ...change },
      });
    await expect(forecast({ images: count + 1 })).rejects.toThrow(
      `from 1 to ${count}; of the validation images Foreign has maps of images 0–${count - 1} alone`,
    );
    const retrain = forecast({ protocol: 'retrain', recipe: { ...smallSettings.recipe } });
    await expect(retrain).rejects.toThrow(/has maps of all 200 training images.*Foreign/);
    const jobs = await api().call('jobs.list', {});
    const settings = { ...smallSettings, methods: [foreign, 'random'] };
    const start = api().call('roar.start', { settings: { ...settings, protocol: 'retrain' } });
    await expect(start).rejects.toThrow(/has maps of all 200 training images.*Foreign/);
    expect(await api().call('jobs.list', {})).toEqual(jobs);
  });

  it('of one model is offered to no other', async () => {
    const flipped = decodeNpy(readFileSync(join(maps, 'vanilla-gradient.npy')));
    const values = [...flipped.data].map((value) => -value);
    const path = file('own.npy', npyFile({ shape: flipped.shape, values }));
    const own = await take(path, images, { name: 'Of one model', model });
    const forecast = (seed: number) =>
      api().call('roar.forecast', {
        settings: {
          ...smallSettings,
          methods: [own, 'random'],
          recipe: { ...smallSettings.recipe, seed },
        },
      });
    await expect(forecast(smallSettings.recipe.seed)).resolves.toMatchObject({});
    await expect(forecast(99)).rejects.toThrow(`those of Of one model were made elsewhere`);
    await expect(api().call('models.remove', { model })).rejects.toThrow('Of one model');
    await api().call('methods.remove', { method: own });
    const ids = (await api().call('methods.list', {})).map(({ id }) => id);
    expect(ids).not.toContain(own);
  });

  it('a study draws from the covered images, and refuses those that are not', async () => {
    type Chosen = RouteInput<'studies.preview'>['config']['datasets'][number]['images'];
    const preview = (chosen: Chosen) =>
      api().call('studies.preview', {
        config: {
          datasets: [{ dataset: 'mnist', model, run: null, images: chosen }],
          methods: [foreign, 'random'],
        },
      });
    const { images: drawn } = await preview({ kind: 'sampled', count: 12, seed: 1 });
    expect(drawn[0]?.indices.every((image) => image < count)).toBe(true);
    const picked = preview({ kind: 'picked', indices: [1, count] });
    await expect(picked).rejects.toThrow(`an image that Foreign has a map of: 0–${count - 1}`);
    const many = preview({ kind: 'sampled', count: count + 1, seed: 1 });
    await expect(many).rejects.toThrow(`from 1 to ${count}`);
  });

  it('what is broken, constant, or names no image is said before anything is stored', async () => {
    const shape = [2, 28, 28];
    const values = Array.from({ length: 2 * 784 }, (_, i) => i % 7);
    const before = await api().call('methods.list', {});
    const nan = file('nan.npy', npyFile({ shape, values: values.with(800, Number.NaN) }));
    await expect(take(nan, [4, 9], { name: 'A' })).rejects.toThrow('image 9: NaN at row 0');
    const flat = file(
      'flat.npy',
      npyFile({ shape, values: values.map((v, i) => (i < 784 ? 1 : v)) }),
    );
    await expect(take(flat, [4, 9], { name: 'A' })).rejects.toThrow('1 map (image 4)');
    await expect(take(flat, [4, 4], { name: 'A' })).rejects.toThrow('each image once');
    await expect(take(flat, [4, 10_000], { name: 'A' })).rejects.toThrow('from 0 to 9999');
    await expect(take(flat, [4, 9], { name: 'foreign' })).rejects.toThrow('no other method has');
    await expect(take(flat, [4, 9, 10], { name: 'A' })).rejects.toThrow('2 maps');
    const list = async (text: string) => {
      const upload = await adopt(file('list.csv', Buffer.from(text)));
      const sent = await adopt(flat);
      return api().call('methods.inspect', {
        upload: sent,
        dataset: 'mnist',
        images: { kind: 'list', upload },
      });
    };
    await expect(list('image\n4\nx.png\n')).rejects.toThrow('list.csv, line 2');
    const { found, samples } = await list('label;image\n3;9\n3;4\n');
    expect(found).toMatchObject({ constantMaps: 1, constant: [9] });
    expect(samples.map(({ image }) => image)).toEqual([4, 9]);
    const looking = api().call('methods.inspect', { upload: await adopt(flat), dataset: 'mnist' });
    await api().call('methods.cancelInspect', {});
    await expect(looking).rejects.toThrow('The look at the maps was given up.');
    expect(await api().call('methods.list', {})).toEqual(before);
    expect(await take(flat, [4, 9], { name: 'A', constant: true })).toMatch(/^imported-/);
  });

  it('are exported as those of the original method, in any order', async () => {
    const folder = join(studio.dataDir, 'both');
    await writeOutputFolder({ path: folder, field: 'out' }, (out) =>
      opened.app.exportMaps(
        {
          ...{ dataset: 'mnist', model, split: 'validation', images: [39, 3, 17, 4, 5] },
          ...{ methods: ['vanilla-gradient', foreign], parameters, seed: 0, out },
        },
        { signal: new AbortController().signal, report: () => undefined },
      ),
    );
    const bytes = (name: string) => readFileSync(join(folder, `${name}.npy`));
    expect(bytes(foreign).equals(bytes('vanilla-gradient'))).toBe(true);
  });

  it('that were lost are told by their images before any work, and come back with their file', async () => {
    const database = openDatabase({
      path: join(studio.dataDir, 'studio.sqlite'),
      migrations: installedFiles().migrations,
    });
    const files = database.all(
      z.object({ path: z.string() }),
      `SELECT a.path FROM imported_maps i JOIN artifacts a ON a.key = i.artifact WHERE i.method = @method`,
      { method: foreign },
    );
    database.close();
    expect(files).toHaveLength(1);
    for (const { path } of files) rmSync(join(studio.dataDir, 'artifacts', path));
    const jobs = await api().call('jobs.list', {});
    const settings = { ...smallSettings, seed: 5, methods: [foreign, 'random'] };
    const lost = `Maps of Foreign of validation images 0–${count - 1} were lost`;
    await expect(api().call('roar.start', { settings })).rejects.toThrow(lost);
    expect(await api().call('jobs.list', {})).toEqual(jobs);
    expect(await take(join(maps, 'vanilla-gradient.npy'), images, { name: 'Again' })).toBe(foreign);
    const { job } = await api().call('roar.start', { settings });
    await opened.reaches(job.id, 'done', 'failed');
    expect((await api().call('jobs.get', { job: job.id })).error).toBeNull();
    expect((await api().call('methods.list', {})).map(({ name }) => name)).not.toContain('Again');
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInCatalogues } from '../../../../src/shared/catalogue/catalogues';
import { factsOf } from '../../../../src/shared/dataset-facts';
import { presetSettings } from '../../../../src/shared/catalogue/roar-presets';
import { completeRecipe, suggestedNetwork } from '../../../../src/shared/catalogue/suggestions';
import { studyConfigSchema } from '../../../../src/shared/ratings/study';
import { type ModelRecord, type RunRecord } from '../../../../src/shared/records';
import { standInCatalogues, standInMetrics } from '../../../fixtures/stand-ins/catalogues';
import { standInDataset, writeMarks } from '../../../fixtures/stand-ins/dataset';
import { cli } from '../../cli/world';
import { type Harness, harness, type Opened } from '../jobs/harness';

const dataset = standInDataset.id;
const recipe = { architecture: 'small-residual', epochs: 2, trainLimit: null };
const refusing = (field: string) => ({
  data: {
    code: 'invalid-input',
    field,
    value: '"x8-marks"',
    accepted: `one of: ${standInCatalogues.datasets.list.map(({ id }) => id).join(', ')}`,
  },
});

/** A dataset whose importer tests alone know goes the whole way. */
describe('a dataset passed in with the catalogues', () => {
  let place: Harness;
  let opened: Opened;
  let model: ModelRecord;
  let run: RunRecord;
  const open = (known = standInCatalogues.datasets) =>
    place.open({
      catalogues: { ...standInCatalogues, datasets: known },
      metrics: standInMetrics,
    });

  beforeAll(async () => {
    place = await harness('test/fixtures/stand-ins/engine.ts');
    opened = await open();
  });
  afterAll(() => place.remove());

  const record = async () => {
    const all = await opened.app.api.call('datasets.list', {});
    const found = all.find(({ id }) => id === dataset);
    if (!found) throw new Error('it is not listed');
    return found;
  };

  it('is listed as one that can be installed, and refused until it is', async () => {
    expect(await record()).toMatchObject({
      state: 'missing',
      name: 'Marks',
      shape: [20, 24, 1],
      train: 60,
      known: { classes: 3, files: 'a folder with marks.json', suggestion: null },
    });
    const train = opened.app.api.call('models.train', { dataset });
    await expect(train).rejects.toThrow('Marks is not installed');
  });

  it('is imported, and has a row of its own', async () => {
    const { api } = opened.app;
    const path = writeMarks(join(place.dataDir, 'theirs'));
    const { job } = await api.call('datasets.install', { dataset, source: { kind: 'path', path } });
    expect(job.title).toBe('Import Marks');
    await opened.reaches(job.id, 'done', 'failed');
    expect(await record()).toMatchObject({
      state: 'installed',
      classes: ['bar', 'cross, thick', 'ring'],
      train: 60,
      validation: 24,
      origin: { kind: 'path', name: 'theirs' },
    });
  });

  it('is refused under another id, with those that there are', async () => {
    const { api } = opened.app;
    const other = 'x8-marks';
    await expect(api.call('models.train', { dataset: other })).rejects.toMatchObject(
      refusing('dataset'),
    );
    await expect(api.call('roar.forecast', { settings: { dataset: other } })).rejects.toMatchObject(
      refusing('settings.dataset'),
    );
    await expect(api.call('datasets.verify', { dataset: other })).rejects.toMatchObject(
      refusing('dataset'),
    );
    const experiment = api.call('experiments.forecast', { datasets: ['mnist', other] });
    await expect(experiment).rejects.toMatchObject(refusing('datasets.1'));
    await expect(api.call('datasets.verify', { dataset: 'No such id' })).rejects.toMatchObject({
      data: { field: 'dataset', accepted: expect.stringContaining('small letters') },
    });
  });

  it('gives forms what they need: what takes its images, and settings that are accepted', async () => {
    const { api } = opened.app;
    const { networks } = await api.call('app.catalogues', {});
    const { metrics, operators } = standInCatalogues;
    const of = { dataset: factsOf(await record()), networks, metrics, operators };
    // The first of the catalogue that takes images of 20 x 24 pixels and three classes.
    expect(suggestedNetwork(of).id).toBe('resnet18');
    const settings = presetSettings('paper', of);
    expect(settings).toMatchObject({ images: 24, recipe: { architecture: 'resnet18' } });
    expect(settings.recipe).toEqual(completeRecipe(of));
    const forecast = await api.call('roar.forecast', { settings: { dataset } });
    expect(forecast.stages).toEqual((await api.call('roar.forecast', { settings })).stages);
    await expect(
      api.call('roar.forecast', { settings: { dataset, levels: [0, 0.5, 0.5001] } }),
    ).rejects.toThrow('0.5 and 0.5001 both remove 240 of 480');
    await expect(api.call('models.train', { dataset, removal: { level: 0.001 } })).rejects.toThrow(
      '0.001 and 0 both remove 0 of 480',
    );
  });

  it('trains, is known by its row alone from then on, and gives maps', async () => {
    const started = await opened.app.api.call('models.train', { dataset, recipe });
    expect(started.model.name).toBe('Marks, small-residual, t = 0');
    await opened.reaches(started.job.id, 'done', 'failed');
    await opened.close();
    opened = await open(builtInCatalogues.datasets);
    expect(await record()).toMatchObject({ state: 'installed', name: 'Marks', known: null });
    model = await opened.app.api.call('models.get', { model: started.model.id });
    expect(model).toMatchObject({ state: 'ready', dataset, architecture: 'small-residual' });
    expect(model.validationAccuracy).toBeGreaterThan(0.5);
    await opened.app.api.call('maps.explore', {
      ...{ model: model.id, images: [3], methods: ['vanilla-gradient'], request: 'a.1' },
    });
    const { error } = await opened.until('maps.finished', ({ request }) => request === 'a.1');
    expect(error).toBeNull();
    const [ready] = opened.events.filter((event) => event.type === 'maps.ready');
    expect(ready?.map.shape).toEqual([20, 24, 1]);
  });

  it('is measured by a run that goes on after the application was closed under it', async () => {
    const started = await opened.app.api.call('roar.start', {
      settings: {
        dataset,
        ...{ images: 12, levels: [0, 0.5], methods: ['vanilla-gradient', 'random'] },
        ...{ recipe, resamples: 100 },
      },
    });
    expect(started.run.name).toBe('Marks, 12 images, 2 levels, seed 0');
    await opened.until('model.epoch', () => true);
    await opened.close();
    opened = await open();
    await opened.reaches(started.job.id, 'done', 'failed');
    const result = await opened.app.api.call('roar.result', { run: started.run.id });
    run = result.run;
    expect(run.state).toBe('done');
    // The model that was trained before is the run's own.
    expect(result.levels[0]).toMatchObject({ model: model.id, reused: true, paperAccuracy: null });
    expect(result.curves).toHaveLength(2);
    expect(result.cuts).toContain('12 of 24 images');
    expect(result.claims.every(({ verdict }) => verdict === 'undecided')).toBe(true);
    const { blocks } = await opened.app.api.call('maps.sheet', {
      of: { kind: 'run', run: run.id },
    });
    expect(blocks[0]).toMatchObject({ name: 'Marks', rows: [{ class: 'bar' }, {}, {}] });
  });

  it('stands in an experiment and in a study beside the others', async () => {
    const { api } = opened.app;
    const collected = await api.call('experiments.collect', { runs: [run.id] });
    expect(collected).toMatchObject({ name: 'Runs on Marks', members: [{ dataset }] });
    const config = studyConfigSchema.parse({
      methods: ['vanilla-gradient', 'smoothgrad'],
      datasets: [
        {
          ...{ dataset, model: model.id, run: run.id },
          images: { kind: 'sampled', count: 3, seed: 0 },
        },
      ],
    });
    const preview = await api.call('studies.preview', { config });
    expect(preview.images).toMatchObject([{ dataset }]);
    expect(preview.images[0]?.indices).toHaveLength(3);
  });

  it('is told on the command line like the others', async () => {
    await opened.close();
    const world = standInCatalogues;
    const command = (argv: string[]) =>
      cli(argv, {
        catalogues: world,
        openApp: async ({ access }) =>
          (await place.open({ catalogues: world, metrics: standInMetrics, access })).app,
      });
    const listed = await command(['datasets', 'list']);
    expect(listed.stdout).toMatch(/x9-marks +installed +60 +24 +3 +theirs +Public domain/);
    const refused = await command(['train', '--dataset', 'x8-marks']);
    expect(refused.exit).toBe(2);
    expect(refused.stderr).toContain(`--dataset is "x8-marks"; accepted: one of: mnist, cifar10`);
    const out = join(place.dataDir, 'out');
    const roar = ['roar', '--dataset', dataset, '--images', '12', '--levels', '0,0.5'];
    const own = ['--methods', 'vanilla-gradient,random', '--network', 'small-residual'];
    const cut = ['--epochs', '2', '--train-limit', 'all', '--resamples', '100'];
    const ran = await command([...roar, ...own, ...cut, '--out', out, '--json']);
    expect(ran.exit, ran.stderr).toBe(0);
    expect(ran.json()).toMatchObject({ how: 'stored', run: { id: run.id } });
    const report = readFileSync(join(out, 'report.html'), 'utf8');
    expect(report).toContain('Marks: 60 training and 24\n      validation images');
    expect(existsSync(join(out, 'figure.svg'))).toBe(true);
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as {
      repeat: { arguments: string[] };
    };
    const again = manifest.repeat.arguments.map((word) => (word === 'DIR' ? out : word));
    expect((await command([...again, '--json'])).json()).toMatchObject({ how: 'stored' });
  });
});

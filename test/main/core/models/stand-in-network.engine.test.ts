import { existsSync, readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../../../src/engine/models/safetensors';
import { fetched } from '../../../../src/main/cli/files';
import { stateTensors } from '../../../../src/shared/catalogue/network-size';
import { builtInNetworks } from '../../../../src/shared/catalogue/networks';
import { type ModelRecord } from '../../../../src/shared/records';
import { standInCatalogues, standInMetrics } from '../../../fixtures/stand-ins/catalogues';
import { standInNetwork } from '../../../fixtures/stand-ins/network';
import { cli } from '../../cli/world';
import { type Harness, harness, type Opened } from '../jobs/harness';
import { defaultRecipe, roarSettings } from '../../../fixtures/datasets';

const entry = 'test/fixtures/stand-ins/engine.ts';
const known = standInCatalogues.networks.list.map(({ id }) => id).join(', ');
const dataset = 'mnist' as const;
const recipe = {
  ...defaultRecipe(dataset, standInNetwork),
  options: { width: 'wide' },
};

/** A network that tests alone know goes the whole way. */
describe('a network passed in with the catalogues', () => {
  let place: Harness;
  let elsewhere: Harness;
  let opened: Opened;
  let model: ModelRecord;
  const open = (where: Harness) =>
    where.open({ catalogues: standInCatalogues, metrics: standInMetrics });

  beforeAll(async () => {
    place = await harness(entry);
    elsewhere = await harness(entry);
    opened = await open(place);
  });
  afterAll(async () => {
    await place.remove();
    await elsewhere.remove();
  });

  it('is listed beside the others, as data', async () => {
    const { networks: listed } = await opened.app.api.call('app.catalogues', {});
    const own = listed.at(-1);
    expect(listed.map(({ id }) => id)).toEqual([...builtInNetworks.map(({ id }) => id), own?.id]);
    expect(own).toMatchObject({ label: 'Small residual', batches: { gradient: 30 } });
    expect(own).not.toHaveProperty('tensors');
  });

  it('trains, goes on after the application was closed under it, and is what it would have been', async () => {
    const started = await opened.app.api.call('models.train', { dataset, recipe });
    await opened.until('model.epoch', ({ epoch }) => epoch.epoch === 0);
    await opened.close();
    opened = await open(place);
    await opened.reaches(started.job.id, 'done');
    model = await opened.app.api.call('models.get', { model: started.model.id });
    expect(model).toMatchObject({ architecture: 'small-residual', state: 'ready', recipe });
    expect(model.name).toBe('MNIST, small-residual, t = 0');
    expect(model.epochs).toHaveLength(3);
    expect(model.validationAccuracy).toBeGreaterThan(0.2);
    // The paper says nothing of it.
    expect(model.paperAccuracy).toBeNull();

    const other = await open(elsewhere);
    const whole = await other.app.api.call('models.train', { dataset, recipe });
    await other.reaches(whole.job.id, 'done');
    const same = await other.app.api.call('models.get', { model: whole.model.id });
    expect(same.sha256).toBe(model.sha256);
    await other.close();
  });

  it('is another model than one of another network or with another option', async () => {
    const { api } = opened.app;
    const narrow = { ...recipe, options: {}, epochs: 1 };
    const first = await api.call('models.train', { dataset, recipe: narrow });
    await opened.reaches(first.job.id, 'done');
    expect(first.model.recipe?.options).toEqual({ width: 'narrow' });
    const paper = await api.call('models.train', {
      dataset,
      recipe: { epochs: 1, batchSize: 20, learningRate: 0.01, trainLimit: 200 },
    });
    expect(paper.model).toMatchObject({ architecture: 'mnist-cnn', recipe: { options: {} } });
    await api.call('jobs.cancel', { job: paper.job.id });
    const ids = new Set([model.id, first.model.id, paper.model.id]);
    expect(ids.size).toBe(3);
  });

  it('gives maps', async () => {
    const { images } = await opened.app.api.call('maps.explore', {
      model: model.id,
      images: [3, 5],
      methods: ['vanilla-gradient', 'guided-backprop'],
      request: 'a.1',
    });
    expect(images).toHaveLength(2);
    const finished = await opened.until('maps.finished', ({ request }) => request === 'a.1');
    expect(finished.error).toBeNull();
    const ready = opened.events.filter((event) => event.type === 'maps.ready');
    expect(ready).toHaveLength(4);
    expect(ready.every(({ map }) => map.shape.join() === '28,28,1')).toBe(true);
  });

  it('is exported with the tensors of its descriptor, and imported again', async () => {
    const { api, files } = opened.app;
    const path = join(place.dataDir, 'theirs.safetensors');
    const file = await api.call('models.export', { model: model.id });
    await fetched(files, file, (from) => copyFile(from, path));
    const { tensors, metadata } = decodeSafetensors(readFileSync(path), 'exported');
    const form = { inputShape: [28, 28, 1], classes: 10, options: { width: 'wide' } } as const;
    const stated = stateTensors(standInNetwork, form).map(({ name, shape }) => [name, shape]);
    expect([...tensors].map(([name, { shape }]) => [name, shape]).sort()).toEqual(stated.sort());
    expect(metadata).toMatchObject({ architecture: 'small-residual', size: '[28,28]' });
    const { upload } = await files.adopt(path);
    const about = { dataset, name: 'Theirs', upload };
    const other = { ...about, architecture: 'mnist-cnn' };
    await expect(api.call('models.import', other)).rejects.toThrow('small-residual');
    const again = await api.call('models.import', { ...about, architecture: 'small-residual' });
    expect(again).toMatchObject({ architecture: 'small-residual', origin: 'imported' });
    expect(again.validationAccuracy).toBe(model.validationAccuracy);
  });

  it('is forecast by its own speed and size', async () => {
    const forecast = async (width: string) => {
      const settings = roarSettings({
        ...{ dataset, images: 20, levels: [0, 0.5], methods: ['vanilla-gradient', 'random'] },
        recipe: { ...recipe, options: { width }, seed: 9 },
      });
      return opened.app.api.call('roar.forecast', { settings });
    };
    const [narrow, wide] = [await forecast('narrow'), await forecast('wide')];
    expect(narrow.seconds).toBeGreaterThan(0);
    // Of two models: weights of three epochs and Adam's state, twice them, at three times at most.
    const numbers = (count: number) =>
      count * 9 + count + count * count * 9 + count + 10 * (count * 196 + 1);
    const bytes = 4 * (2 * (3 * 1 + 2) + 2 * 2) * (numbers(4) - numbers(2));
    expect(wide.bytes - narrow.bytes).toBe(bytes);
  });

  it('is refused in words where it does not fit', async () => {
    const { api } = opened.app;
    const train = (change: object) =>
      api.call('models.train', { dataset, recipe: { ...recipe, ...change } });
    await expect(train({ architecture: 'vgg', options: {} })).rejects.toMatchObject({
      data: {
        field: 'recipe.architecture',
        value: '"vgg"',
        accepted: known,
      },
    });
    await expect(train({ options: { width: 'huge' } })).rejects.toMatchObject({
      data: { field: 'recipe.options.width', accepted: 'one of: narrow, wide' },
    });
    await expect(train({ options: { stem: 'small' } })).rejects.toMatchObject({
      data: { field: 'recipe.options.stem', accepted: 'nothing: small-residual has width' },
    });
    const settings = roarSettings({
      ...{ dataset, recipe: { ...recipe, architecture: 'vgg' } },
    });
    await expect(api.call('roar.forecast', { settings })).rejects.toMatchObject({
      data: { field: 'settings.recipe.architecture' },
    });
  });

  describe('on the command line', () => {
    const run = (argv: string[]) =>
      cli(argv, {
        catalogues: standInCatalogues,
        openApp: async ({ access }) =>
          (await place.open({ catalogues: standInCatalogues, metrics: standInMetrics, access }))
            .app,
      });

    it('is named in the help with its option', async () => {
      for (const command of ['train', 'roar']) {
        const { stdout } = await run([command, '--help']);
        const text = stdout.replaceAll(/\s+/g, ' ');
        expect(text).toContain(known);
        expect(text).toContain(
          '--width <name> of Small residual: narrow or wide (default: narrow)',
        );
      }
    });

    it('is refused before anything is opened', async () => {
      const train = ['train', '--dataset', 'mnist', '--network'];
      expect((await run([...train, 'vgg'])).stderr).toContain(
        `--network is "vgg"; accepted: ${known}.`,
      );
      expect((await run([...train, 'small-residual', '--width', 'huge'])).stderr).toContain(
        '--width is "huge"; accepted: one of: narrow, wide.',
      );
      expect((await run([...train, 'mnist-cnn', '--width', 'wide'])).stderr).toContain(
        '--width is "wide"; accepted: nothing: mnist-cnn has no options.',
      );
      const digits = await run(['train', '--dataset', 'mnist', '--network', 'vgg16']);
      expect(digits.exit).toBe(2);
      expect(digits.stderr).toContain(
        '--network is "vgg16"; accepted: mnist-cnn, resnet18, resnet34, resnet50, small-residual',
      );
      expect(digits.stderr).toContain('vgg16 takes images of 32 to 1024 x 32 to 1024 pixels');
    });

    it('trains what the application trained, and measures it with RemOve And Retrain', async () => {
      await opened.close();
      const train = [
        'train',
        '--dataset',
        'mnist',
        '--network',
        'small-residual',
        '--width',
        'wide',
      ];
      const stored = await run([...train, '--json']);
      expect(stored.stderr).toContain('has been trained with these settings already');
      expect(stored.json()).toMatchObject({ how: 'stored', model: { id: model.id } });

      const out = join(place.dataDir, 'out');
      const some = ['--images', '10', '--levels', '0,0.5', '--methods', 'vanilla-gradient'];
      const roar = ['roar', '--dataset', 'mnist', '--preset', 'quick', ...some];
      const own = ['--network', 'small-residual', '--width', 'wide', '--train-limit', '200'];
      const ran = await run([...roar, ...own, '--resamples', '100', '--out', out, '--json']);
      expect(ran.exit, ran.stderr).toBe(0);
      const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as {
        settings: { recipe: object };
        repeat: { arguments: string[] };
      };
      expect(manifest.settings.recipe).toMatchObject({
        ...{ architecture: 'small-residual', options: { width: 'wide' } },
        // The preset's cuts, the network's own recipe.
        ...{ epochs: 2, batchSize: 20, learningRate: 0.01 },
      });
      expect(existsSync(join(out, 'report.html'))).toBe(true);
      const again = await run([
        ...manifest.repeat.arguments.map((word) => (word === 'DIR' ? out : word)),
        '--json',
      ]);
      expect(again.exit, again.stderr).toBe(0);
      expect(again.json()).toMatchObject({ how: 'stored' });
    });
  });
});

import { cp, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeSafetensors, encodeSafetensors } from '../../../../src/engine/models/safetensors';
import { fromWire } from '../../../../src/shared/arrays';
import { modelInputSchema } from '../../../../src/shared/model-input';
import { type ModelRecord } from '../../../../src/shared/records';
import { type RouteInput } from '../../../../src/shared/routes';
import { shapesFolder } from '../../../fixtures/own';
import { cli } from '../../cli/world';
import { type Harness, harness, type Opened } from '../jobs/harness';
import { contentOf, sent } from '../transfers';

/** Steps of no length: what is trained is what it started from. */
const still = { optimiser: 'sgd', learningRate: 1e-38, epochs: 1, trainLimit: 100 } as const;
const architecture = 'mnist-cnn';
const head = ['linear2.bias', 'linear2.weight'];

describe('training that starts from weights', { timeout: 180_000 }, () => {
  let studio: Harness;
  let opened: Opened;
  let dataset: string;
  let base: ModelRecord;

  const api = () => opened.app.api;
  const ended = async (job: string) => {
    await opened.reaches(job, 'done', 'failed');
    expect((await api().call('jobs.get', { job })).error).toBeNull();
  };
  const train = async (input: RouteInput<'models.train'>) => {
    const { model, job } = await api().call('models.train', input);
    await ended(job.id);
    return api().call('models.get', { model: model.id });
  };
  const from = (model: ModelRecord, more: object = {}) => ({
    ...{ ...still, architecture },
    init: { weights: model.sha256 ?? '', ...more },
  });
  const weightsOf = async ({ id }: ModelRecord) => {
    const file = await api().call('models.export', { model: id });
    const bytes = await contentOf(opened.app, file);
    return { bytes, ...decodeSafetensors(bytes, file.name) };
  };
  const refusal = (input: RouteInput<'models.train'>) =>
    api()
      .call('models.train', input)
      .then(
        () => null,
        (error: { data: unknown }) => error.data,
      );

  const importShapes = async (name: string, grayscale: boolean, path = shapesFolder) => {
    const input = { name, path, size: 28, grayscale };
    const { job } = await api().call('datasets.importImages', input);
    await ended(job.id);
    return (await api().call('jobs.get', { job: job.id })).subject ?? '';
  };

  beforeAll(async () => {
    studio = await harness();
    opened = await studio.open();
    dataset = await importShapes('Gray shapes', true);
    const first = await train({ dataset, recipe: { architecture, epochs: 1 } });
    // As another program's, with a normalisation of its own.
    base = await api().call('models.import', {
      ...{ dataset, architecture, name: 'Theirs', mean: [0.1307], std: [0.3081] },
      ...(await sent(opened.app, (await weightsOf(first)).bytes, 'theirs.safetensors')),
    });
  });
  afterAll(() => studio.remove());

  it('starts from all of them, normalised as they are, to the bit', async () => {
    const same = await train({ dataset, recipe: from(base) });
    expect(same).toMatchObject({
      recipe: { init: { weights: base.sha256, head: 'keep' } },
      sha256: base.sha256,
      input: { mean: [0.1307], std: [0.3081] },
      validationAccuracy: base.validationAccuracy,
    });
    expect(same.id).not.toBe(base.id);
    // Whose seed is another has nothing drawn of it.
    const other = await train({ dataset, recipe: { ...from(base), seed: 5 } });
    expect(other.sha256).toBe(base.sha256);
    expect(other.id).not.toBe(same.id);
  });

  it('draws the last layer alone from the seed where it is to be anew', async () => {
    const anew = await train({ dataset, recipe: from(base, { head: 'anew' }) });
    const drawn = await train({ dataset, recipe: { ...still, architecture } });
    const [before, after, fresh] = await Promise.all([base, anew, drawn].map(weightsOf));
    expect(after?.metadata).toEqual(before?.metadata);
    for (const [name, { data }] of after?.tensors ?? []) {
      const source = head.includes(name) ? fresh : before;
      expect(data, name).toEqual(source?.tensors.get(name)?.data);
    }
    expect(anew.sha256).not.toBe(base.sha256);
  });

  it('makes it anew where there are other classes, on one’s own images', async () => {
    const digits = await train({ dataset: 'mnist', recipe: { ...still, architecture, seed: 3 } });
    expect(await api().call('models.startFrom', { dataset, model: digits.id })).toEqual({
      ...{ architecture, options: {}, resize: null, crop: null },
      init: { weights: digits.sha256, head: 'anew', layers: 'all' },
      otherHead: 'it tells 10 classes apart, not 4',
    });
    const tuned = await train({ dataset, recipe: from(digits) });
    expect(tuned.recipe?.init).toMatchObject({ weights: digits.sha256, head: 'anew' });
    const [before, after] = await Promise.all([digits, tuned].map(weightsOf));
    expect(after?.tensors.get('linear2.weight')?.shape).toEqual([4, 128]);
    expect(after?.tensors.get('linear1.weight')).toEqual(before?.tensors.get('linear1.weight'));
  });

  it('makes it anew where there are as many classes, and others', async () => {
    const folder = join(studio.dataDir, 'renamed');
    await cp(shapesFolder, folder, { recursive: true });
    for (const split of ['train', 'validation']) {
      await rename(join(folder, split, 'disc'), join(folder, split, 'a dot'));
    }
    const renamed = await importShapes('Other shapes', true, folder);
    const otherHead = 'class 1 is cross there, and a dot here';
    expect(await api().call('models.startFrom', { dataset: renamed, model: base.id })).toEqual({
      ...{ architecture, options: {}, resize: null, crop: null, otherHead },
      init: { weights: base.sha256, head: 'anew', layers: 'all' },
    });
    // An exported file names its classes, so that others in their places are noticed.
    const { bytes, metadata } = await weightsOf(base);
    const names = ['cross', 'disc', 'square', 'triangle'];
    expect(JSON.parse(metadata['classes'] ?? '')).toEqual({
      ...{ names, labels: names.map((name, output) => [name, output]) },
    });
    const again = async (to: string) =>
      api().call('models.import', {
        ...{ dataset: to, name: 'Again', measure: false },
        ...(await sent(opened.app, bytes, 'again.safetensors')),
      });
    await expect(again(renamed)).rejects.toMatchObject({
      data: { field: 'labels', message: expect.stringContaining('no output is called a dot') },
    });
    expect(await again(dataset)).toMatchObject({ sha256: base.sha256, classes: null });
    const asked = { ...from(base, { head: 'keep' }) };
    const tuned = await train({ dataset: renamed, recipe: asked });
    expect(tuned.recipe?.init).toMatchObject({ weights: base.sha256, head: 'anew' });
    const app = { ...opened.app, close: () => Promise.resolve() };
    const argv = ['train', '--dataset', renamed, '--init', base.id, '--init-head', 'keep'];
    const { exit, json } = await cli([...argv, '--json'], { app });
    expect(exit).toBe(2);
    expect(json()['error']).toMatchObject({
      ...{ field: '--init-head', value: '"keep"' },
      accepted: expect.stringContaining(`anew: of the weights that --init names ${otherHead}`),
    });
    // Of these classes, in another order: a person said which output is which.
    const labels = [1, 0, 2, 3];
    const turned = await api().call('models.import', {
      ...{ dataset, architecture, name: 'Turned', labels, classes: ['b', 'a', 'c', 'd'] },
      ...(await sent(opened.app, (await weightsOf(base)).bytes, 'turned.safetensors')),
    });
    expect(await api().call('models.startFrom', { dataset, model: turned.id })).toMatchObject({
      ...{ init: { head: 'anew' }, otherHead: 'class 1 is disc there, and cross here' },
    });
  });

  it('gives every model of a run that retrains the same start', async () => {
    const settings = {
      ...{ dataset, protocol: 'retrain', images: 20, levels: [0, 0.5], methods: ['random'] },
      ...{ repetitions: 2, recipe: from(base) },
    };
    const { job, run } = await api().call('roar.start', { settings });
    await ended(job.id);
    const { retrained, levels } = await api().call('roar.result', { run: run.id });
    const whole = retrained.filter(({ level }) => level === 0).map(({ accuracy }) => accuracy);
    // Nothing is learned: another seed's model is the same.
    expect(whole).toHaveLength(2);
    expect(new Set(whole).size).toBe(1);
    expect(levels[0]?.validationAccuracy).toBe(base.validationAccuracy);
    const half = retrained.filter(({ level }) => level === 0.5).map(({ accuracy }) => accuracy);
    expect(new Set(half).size).toBe(1);
  });

  it('goes on with what a model sees of images, through maps and every way of removing pixels', async () => {
    const sight = { resize: 32, crop: 20 };
    const cropping = await train({ dataset, recipe: { architecture, epochs: 1, ...sight } });
    const input = { mean: [0], std: [1], ...sight };
    expect(cropping.input).toEqual(input);
    const { init, ...started } = await api().call('models.startFrom', {
      ...{ dataset, model: cropping.id },
    });
    expect(started).toEqual({ architecture, options: {}, ...sight, otherHead: null });
    expect(await refusal({ dataset, recipe: from(cropping) })).toMatchObject({
      ...{ field: 'recipe.init.weights' },
      accepted: expect.stringContaining('sees images resized to 32, the centre 20 × 20') as string,
    });
    expect(await refusal({ dataset, recipe: { ...started, init, crop: 36 } })).toMatchObject({
      ...{ field: 'recipe.crop' },
      accepted: 'at most 32, the shorter side of the images once they are resized',
    });
    const recipe = { ...still, architecture, ...sight, init: { ...init, layers: 'last' as const } };
    const same = await train({ dataset, recipe });
    expect(same).toMatchObject({ input, sha256: cropping.sha256 });
    const shapeOf = async (run: string, method: string) => {
      const { pixels } = await api().call('roar.degraded', {
        ...{ run, method, level: 0.5, images: [0] },
      });
      return fromWire(pixels).shape;
    };
    for (const protocol of ['paper', 'retrain']) {
      const settings = {
        ...{ dataset, protocol, images: 10, levels: [0, 0.5], repetitions: 1, recipe },
        ...{ methods: ['vanilla-gradient', 'random'], fill: 'dataset-mean' as const },
      };
      const { job, run } = await api().call('roar.start', { settings });
      await ended(job.id);
      const { curves, levels } = await api().call('roar.result', { run: run.id });
      expect(curves).toHaveLength(2);
      // The base model is the one that was trained before.
      expect(levels[0]).toMatchObject({ model: same.id, reused: true });
      expect(await shapeOf(run.id, 'random')).toEqual([1, 20, 20, 1]);
      const file = await api().call('roar.export', { run: run.id, format: 'manifest.json' });
      const { models } = z
        .object({ models: z.array(z.object({ input: modelInputSchema })) })
        .parse(JSON.parse((await contentOf(opened.app, file)).toString()));
      expect(models[0]?.input).toEqual(input);
    }
    const { images } = await api().call('maps.explore', {
      ...{ model: same.id, images: [0], methods: ['sobel'] },
    });
    expect(images.map(({ pixels }) => pixels && fromWire(pixels).shape)).toEqual([[20, 20, 1]]);
  });

  it('refuses by field what does not fit, before any work', async () => {
    const jobs = await api().call('jobs.list', {});
    const unknown = { ...still, architecture, init: { weights: '0'.repeat(64) } };
    expect(await refusal({ dataset, recipe: unknown })).toMatchObject({
      ...{ code: 'invalid-input', field: 'recipe.init.weights' },
      accepted: 'the SHA-256 of the weights of a model that is here and ready',
    });
    const resnet = { ...from(base), architecture: 'resnet18' };
    expect(await refusal({ dataset, recipe: resnet })).toMatchObject({
      ...{ field: 'recipe.architecture', value: '"resnet18"' },
      accepted: 'mnist-cnn, the network of Theirs, from which it is to start',
    });
    const colour = await importShapes('Colour shapes', false);
    const accepted = expect.stringContaining(
      'weights of a mnist-cnn for images of 28 x 28 x 3, as those of Colour shapes are seen (of Theirs conv1.weight is of shape [32, 1, 3, 3] there, and is to be [32, 3, 3, 3])',
    ) as string;
    expect(await refusal({ dataset: colour, recipe: from(base) })).toMatchObject({
      ...{ field: 'recipe.init.weights', accepted },
    });
    const after = await api().call('jobs.list', {});
    expect(after).toHaveLength(jobs.length + 1);
  });

  it('is told by the command line, of a model or of a file', async () => {
    const app = { ...opened.app, close: () => Promise.resolve() };
    const trainCommand = async (...more: string[]) =>
      cli(
        [
          ...['train', '--dataset', dataset, '--json', '--optimiser', 'sgd', '--epochs', '1'],
          ...['--learning-rate', '1e-38', '--train-limit', '100', ...more],
        ],
        { app },
      );
    for (const init of [base.id, 'Theirs', base.sha256 ?? '']) {
      const { exit, json } = await trainCommand('--init', init);
      expect(exit).toBe(0);
      expect(json()).toMatchObject({ how: 'stored', model: { sha256: base.sha256 } });
    }
    const path = join(studio.dataDir, 'again.safetensors');
    await writeFile(path, (await weightsOf(base)).bytes);
    const models = await api().call('models.list', {});
    const file = await trainCommand(
      '--init',
      path,
      '--network',
      architecture,
      '--init-head',
      'anew',
    );
    expect(file.json()).toMatchObject({
      ...{ how: 'stored', model: { recipe: { init: { weights: base.sha256, head: 'anew' } } } },
    });
    // The file is a model already.
    expect(await api().call('models.list', {})).toHaveLength(models.length);
    const refused = async (...more: string[]) => {
      const { exit, json } = await trainCommand(...more);
      expect(exit).toBe(2);
      return json()['error'];
    };
    expect(await refused('--init', 'nothing-such')).toMatchObject({
      ...{ field: '--init', accepted: expect.stringContaining('a file of weights, or the id') },
    });
    expect(await refused('--init-head', 'anew')).toMatchObject({
      ...{ field: '--init-head', accepted: 'nothing without --init' },
    });
    expect(await refused('--init', base.id, '--init-head', 'off')).toMatchObject({
      ...{ field: '--init-head', accepted: 'one of: keep, anew' },
    });
    expect(await refused('--init', base.id, '--network', 'resnet18')).toMatchObject({
      ...{ field: '--network', accepted: 'mnist-cnn, as --init has it' },
    });
  });

  it('takes of a file that says nothing of it what it is told, and guesses nothing', async () => {
    const app = { ...opened.app, close: () => Promise.resolve() };
    const { tensors } = await weightsOf(base);
    const path = join(studio.dataDir, 'told.safetensors');
    await writeFile(path, encodeSafetensors({ tensors, metadata: {} }));
    const trainFrom = (init: string, ...more: string[]) =>
      cli(
        [
          ...['train', '--dataset', dataset, '--json', '--optimiser', 'sgd', '--epochs', '1'],
          ...['--learning-rate', '1e-38', '--train-limit', '100', '--init', init, ...more],
        ],
        { app },
      );
    const told = ['--mean', '0.2', '--std', '0.4'];
    const models = await api().call('models.list', {});
    const silent = await trainFrom(path);
    expect([silent.exit, silent.json()['error']]).toEqual([
      2,
      expect.objectContaining({
        ...{ field: '--init', accepted: expect.stringContaining('with --mean and --std, or --i') },
      }),
    ]);
    const known = await trainFrom(base.id, ...told);
    expect([known.exit, known.json()['error']]).toEqual([
      2,
      expect.objectContaining({
        ...{ field: '--mean', accepted: expect.stringContaining('Theirs has its own') },
      }),
    ]);
    expect(await api().call('models.list', {})).toHaveLength(models.length);
    // Images of 28 as they are resized: the network's size, which the file is imported for.
    const { exit, json } = await trainFrom(path, ...told, '--resize', '32', '--crop', '28');
    expect(exit, JSON.stringify(json())).toBe(0);
    const input = { mean: [0.2], std: [0.4], resize: 32, crop: 28 };
    expect(json()).toMatchObject({ model: { input, recipe: { resize: 32, crop: 28 } } });
    const after = await api().call('models.list', {});
    expect(after.find(({ name }) => name === 'told')).toMatchObject({ origin: 'imported', input });
  });

  it('keeps what others start from, and says which they are', async () => {
    const trained = await train({ dataset, recipe: { ...still, architecture } });
    const tuned = await train({ dataset, recipe: from(trained) });
    // They have the same weights: one of the two will do.
    expect(tuned.sha256).toBe(trained.sha256);
    const further = await train({
      ...{ dataset, recipe: { ...from(trained), learningRate: 0.01 } },
    });
    await api().call('models.remove', { model: tuned.id });
    await expect(api().call('models.remove', { model: trained.id })).rejects.toThrow(
      `${trained.name} is used by ${further.name}: remove these runs, studies and models first.`,
    );
    await api().call('models.remove', { model: further.id });
    await api().call('models.remove', { model: trained.id });
  });
});

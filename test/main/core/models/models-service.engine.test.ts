import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { withWeights } from '../../../../src/engine/models/open-weights';
import { decodeSafetensors } from '../../../../src/engine/models/safetensors';
import { fromWire } from '../../../../src/shared/arrays';
import { type RouteInput } from '../../../../src/shared/routes';
import { coarse, foreignFile } from '../../../engine/models/foreign-weights';
import { cli } from '../../cli/world';
import { harness, type Harness, type Opened } from '../jobs/harness';
import { contentOf, sent } from '../transfers';

const ownWeights = new URL('../../../fixtures/own-weights/', import.meta.url);

const refusalOf = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error: { data: unknown }) => error.data,
  );

describe('models, datasets and methods, on the real engine', { timeout: 180_000 }, () => {
  let studio: Harness;
  let opened: Opened;

  beforeAll(async () => {
    studio = await harness();
    opened = await studio.open();
  });
  afterAll(() => studio.remove());

  const train = async (input: Partial<RouteInput<'models.train'>> = {}) => {
    const recipe = { epochs: 2, trainLimit: 100 };
    const given = { dataset: 'mnist' as const, recipe, ...input };
    const { model, job } = await opened.app.api.call('models.train', given);
    await opened.reaches(job.id, 'done', 'failed');
    const ended = await opened.app.api.call('jobs.get', { job: job.id });
    expect(ended.error).toBeNull();
    return opened.app.api.call('models.get', { model: model.id });
  };

  it('trains a model epoch by epoch, with the paper’s accuracy beside it', async () => {
    const model = await train();
    expect(model).toMatchObject({
      name: 'MNIST, t = 0',
      state: 'ready',
      origin: 'trained',
      paperAccuracy: 0.98,
    });
    expect(model.epochs.map(({ epoch }) => epoch)).toEqual([0, 1]);
    expect(model.validationAccuracy).toBe(model.epochs[1]?.validationAccuracy);
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
    const told = opened.events.filter((event) => event.type === 'model.epoch');
    expect(told.map((event) => event.epoch)).toEqual(model.epochs);
    expect(Object.keys(model)).not.toContain('key');
  });

  it('is the same model at level 0 whatever is said of removal', async () => {
    const models = await opened.app.api.call('models.list', {});
    const same = await train({ removal: { level: 0, fill: 'random' }, removalSeed: 7 });
    expect(same.id).toBe(models[0]?.id);
    const other = await train({ removal: { level: 0.5 }, removalSeed: 7 });
    expect(other).toMatchObject({ removal: { level: 0.5 }, removalSeed: 7, paperAccuracy: 0.97 });
    expect(other.sha256).not.toBe(same.sha256);
  });

  it('gives weights that come back as they are', async () => {
    const { api } = opened.app;
    const [model] = await api.call('models.list', {});
    if (!model) throw new Error('no model');
    const file = await api.call('models.export', { model: model.id });
    expect(file.name).toBe('mnist-t-0.5.safetensors');
    const weights = await sent(opened.app, await contentOf(opened.app, file), file.name);
    const wrong = (input: object) =>
      refusalOf(api.call('models.import', { dataset: 'mnist', name: 'a', ...weights, ...input }));
    // What is refused is there for another try; what was taken is not.
    expect(await wrong({ mean: [0, 0] })).toMatchObject({ code: 'invalid-input', field: 'mean' });
    expect(await wrong({ std: [0] })).toMatchObject({ code: 'invalid-input', field: 'std' });
    const imported = await api.call('models.import', {
      ...{ dataset: 'mnist', name: 'From elsewhere', ...weights },
    });
    expect(await wrong({})).toMatchObject({ code: 'invalid-input', field: 'upload' });
    expect(imported).toMatchObject({
      name: 'From elsewhere',
      origin: 'imported',
      state: 'ready',
      recipe: null,
      paperAccuracy: null,
    });
    const explore = async (id: string) => {
      const images = [0, 1, 2];
      const { request, images: answers } = await api.call('maps.explore', {
        model: id,
        images,
        methods: ['vanilla-gradient'],
      });
      await opened.until('maps.finished', (event) => event.request === request);
      return answers.map(({ probabilities }) => probabilities);
    };
    expect(await explore(imported.id)).toEqual(await explore(model.id));
    const text = await sent(opened.app, 'no weights at all', 'text.safetensors');
    expect(await wrong(text)).toMatchObject({
      code: 'corrupt-file',
      message: expect.stringContaining('text.safetensors') as string,
    });
  });

  it('takes weights as other programs write them, with the accuracy of the plain file', async () => {
    const { api } = opened.app;
    const model = await train();
    const file = await api.call('models.export', { model: model.id });
    const { tensors } = decodeSafetensors(await contentOf(opened.app, file), file.name);
    const plain = new Map([...tensors].map(([name, tensor]) => [name, coarse(tensor)]));
    const typed = (type: 'F16' | 'BF16', prefix: string) =>
      new Map([...plain].map(([name, tensor]) => [prefix + name, { ...tensor, type }]));
    const take = async (bytes: Uint8Array, leaveOutExtra = false) =>
      api.call('models.import', {
        ...{ dataset: 'mnist', name: 'Theirs', leaveOutExtra },
        ...(await sent(opened.app, bytes, 'theirs.safetensors')),
      });
    const reference = await take(foreignFile(plain));
    expect(reference.adapted).toEqual([]);
    expect(reference.validationAccuracy).toBeGreaterThan(0.2);
    const half = await take(foreignFile(typed('F16', 'module._orig_mod.'), { author: 'them' }));
    const { validationAccuracy, sha256 } = reference;
    expect(half).toMatchObject({ validationAccuracy, sha256 });
    expect(half.adapted).toEqual([
      'The prefix module._orig_mod. was taken off 8 names.',
      '8 tensors were of type F16 and turned into float32 exactly.',
      'Metadata of the file was passed over: author.',
    ]);
    // It stays with the model.
    expect(await api.call('models.get', { model: half.id })).toEqual(half);
    const more = typed('BF16', 'model.').set('criterion.weight', {
      ...{ shape: [1], data: Float32Array.of(1), type: 'BF16' },
    });
    const models = await api.call('models.list', {});
    expect(await refusalOf(take(foreignFile(more)))).toMatchObject({
      ...{ code: 'invalid-input', field: 'leaveOutExtra' },
      message: expect.stringContaining('theirs.safetensors has tensors that mnist-cnn lacks: crit'),
      details: { extra: 'criterion.weight' },
    });
    expect(await api.call('models.list', {})).toEqual(models);
    expect(await take(foreignFile(more), true)).toMatchObject({ validationAccuracy, sha256 });

    // The same by the command line, which needs the same agreement.
    const path = join(studio.dataDir, 'their weights.safetensors');
    await writeFile(path, foreignFile(more));
    // A command closes what it opened; this one goes on.
    const app = { ...opened.app, close: () => Promise.resolve() };
    const command = ['models', 'import', path, '--dataset', 'mnist', '--network', 'mnist-cnn'];
    const refused = await cli([...command, '--json'], { app });
    expect(refused.exit).toBe(1);
    expect(refused.json()).toMatchObject({
      error: {
        field: '--leave-out-extra',
        message: expect.stringContaining('criterion.weight. Give --leave-out-extra'),
      },
    });
    const done = await cli([...command, '--leave-out-extra', '--json'], { app });
    expect(done.exit).toBe(0);
    expect(done.json()).toMatchObject({
      ...{ command: 'models import' },
      model: {
        ...{ name: 'their weights', origin: 'imported', validationAccuracy, sha256 },
        adapted: expect.arrayContaining(['1 tensor was left out: criterion.weight.']),
      },
    });
    const { id } = done.json()['model'] as { id: string };
    const out = join(studio.dataDir, 'out.safetensors');
    expect(await cli(['models', 'export', id, '--out', out, '--json'], { app })).toMatchObject({
      exit: 0,
    });
    const again = decodeSafetensors(await readFile(out), out).tensors;
    for (const [name, { data }] of plain) expect(again.get(name)?.data).toEqual(data);
    const listed = await cli(['models', 'list'], { app });
    expect(listed.stdout).toContain(`${id}  mnist    mnist-cnn  imported`);
  });

  it('takes the state_dict that torch.save wrote, in a checkpoint, and gives its values', async () => {
    const { api } = opened.app;
    const path = fileURLToPath(new URL('sound/mnist-cnn.pth', ownWeights));
    const app = { ...opened.app, close: () => Promise.resolve() };
    const command = ['models', 'import', path, '--dataset', 'mnist', '--json'];
    const done = await cli(command, { app });
    expect(done.exit).toBe(0);
    expect(done.json()).toMatchObject({
      model: { name: 'mnist-cnn', origin: 'imported', architecture: 'mnist-cnn' },
    });
    const { id } = z.object({ model: z.object({ id: z.string() }) }).parse(done.json()).model;
    const exported = await contentOf(opened.app, await api.call('models.export', { model: id }));
    const kept = decodeSafetensors(exported, 'exported').tensors;
    const given = await withWeights(path, { name: 'given', weightsKey: null }, ({ tensors }) =>
      [...tensors].map(([name, tensor]) => ({ name, values: tensor.read().data })),
    );
    expect(given).toHaveLength(8);
    for (const { name, values } of given) {
      expect(kept.get(name.replace('module.', ''))?.data).toEqual(values);
    }
    const several = fileURLToPath(new URL('sound/ema-beside.pth', ownWeights));
    const refused = await cli(['models', 'import', several, '--dataset', 'mnist', '--json'], {
      app,
    });
    expect(refused.json()).toMatchObject({
      error: {
        field: '--weights-key',
        message: expect.stringContaining('state_dict, state_dict_ema') as string,
      },
    });
    // It is read then, and is another network's.
    const asked = ['--weights-key', 'state_dict_ema'];
    const other = await cli(
      ['models', 'import', several, '--dataset', 'mnist', ...asked, '--json'],
      {
        app,
      },
    );
    expect(other.json()).toMatchObject({
      error: { message: expect.stringContaining('conv1.weight of shape [4, 1, 3, 3]') as string },
    });
  });

  it('is renamed and removed, its training with it', async () => {
    const { api } = opened.app;
    const model = await train({ recipe: { epochs: 1, trainLimit: 50 } });
    const renamed = await api.call('models.rename', { model: model.id, name: ' Small ' });
    expect(renamed.name).toBe('Small');
    await api.call('models.remove', { model: model.id });
    expect(await refusalOf(api.call('models.get', { model: model.id }))).toMatchObject({
      code: 'not-found',
    });
    const jobs = await api.call('jobs.list', {});
    expect(jobs.map(({ id }) => id)).not.toContain(model.job);
  });

  it('refuses a limit beyond the split and a model in training', async () => {
    const { api } = opened.app;
    const recipe = { trainLimit: 60_001 };
    expect(await refusalOf(api.call('models.train', { dataset: 'mnist', recipe }))).toMatchObject({
      field: 'recipe.trainLimit',
      accepted: expect.stringContaining('60000'),
    });
    const { model, job } = await api.call('models.train', {
      dataset: 'mnist',
      recipe: { epochs: 5, seed: 3 },
    });
    expect(await refusalOf(api.call('models.export', { model: model.id }))).toMatchObject({
      code: 'conflict',
    });
    expect(await refusalOf(api.call('models.remove', { model: model.id }))).toMatchObject({
      code: 'conflict',
    });
    await api.call('jobs.cancel', { job: job.id });
    await opened.reaches(job.id, 'cancelled');
    await api.call('models.remove', { model: model.id });
  });

  it('shows datasets, their images by class, and checks their files', async () => {
    const { api } = opened.app;
    const [mnist] = await api.call('datasets.list', {});
    expect(mnist).toMatchObject({
      id: 'mnist',
      state: 'installed',
      train: 60_000,
      validation: 10_000,
      shape: [28, 28, 1],
    });
    expect(mnist?.files).toHaveLength(4);
    expect(await api.call('datasets.verify', { dataset: 'mnist' })).toEqual(mnist);
    const page = await api.call('datasets.images', { dataset: 'mnist', label: 3, limit: 5 });
    expect(page.labels).toEqual([3, 3, 3, 3, 3]);
    expect(page.total).toBe(mnist?.validationPerClass[3]);
    expect(page.pixels.shape).toEqual([5, 28, 28, 1]);
    const last = await api.call('datasets.images', {
      dataset: 'mnist',
      split: 'train',
      offset: 59_999,
    });
    expect(last.indices).toEqual([59_999]);
    expect(fromWire(last.pixels).data).toHaveLength(784);
    const past = await api.call('datasets.images', { dataset: 'mnist', offset: 10_000 });
    expect(past).toMatchObject({ indices: [], labels: [] });
    expect(
      await refusalOf(api.call('datasets.images', { dataset: 'mnist', label: 10 })),
    ).toMatchObject({ field: 'label', value: '10' });
  });

  it('composes a tenth method, runs it like any other, and keeps it while a run uses it', async () => {
    const { api } = opened.app;
    const method = await api.call('methods.compose', {
      composition: 'integrate( smooth(guided) )',
      name: 'Integrated Smoothed Guided',
    });
    expect(method).toMatchObject({
      id: 'composed-integrate-smooth-guided',
      composition: 'integrate(smooth(guided))',
      group: 'composed',
    });
    expect(await api.call('methods.list', {})).toContainEqual(method);
    const compose = (composition: string, name: string) =>
      refusalOf(api.call('methods.compose', { composition, name }));
    expect(await compose('integrate(smooth(guided))', 'Again')).toMatchObject({ code: 'conflict' });
    expect(await compose('smooth(gradient)', 'Mine')).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('SmoothGrad'),
    });
    expect(await compose('times-input(guided)', 'smoothgrad')).toMatchObject({ field: 'name' });

    const settings = {
      dataset: 'mnist',
      images: 10,
      levels: [0, 0.5],
      methods: [method.id, 'random'],
      parameters: { n: 2, steps: 2 },
      recipe: { epochs: 1, trainLimit: 100 },
      resamples: 100,
    };
    const { run, job } = await api.call('roar.start', { settings });
    await opened.reaches(job.id, 'done', 'failed');
    const { curves } = await api.call('roar.result', { run: run.id });
    expect(curves[0]?.method).toEqual(method);
    expect(await refusalOf(api.call('methods.remove', { method: method.id }))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(run.name),
    });
    await api.call('roar.remove', { run: run.id });
    await api.call('methods.remove', { method: method.id });
    expect(await refusalOf(api.call('methods.remove', { method: 'random' }))).toMatchObject({
      code: 'invalid-input',
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeSafetensors, type NamedTensor } from '../../../../src/engine/models/safetensors';
import { fromWire } from '../../../../src/shared/arrays';
import { mnistCnn } from '../../../../src/shared/catalogue/networks';
import { type RouteInput } from '../../../../src/shared/routes';
import { harness, type Harness, type Opened } from '../jobs/harness';
import { cli } from '../../cli/world';
import { contentOf, fileIn, sent } from '../transfers';

const refusalOf = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error: { data: unknown }) => error.data,
  );

type Tensors = ReadonlyMap<string, NamedTensor>;

/** Made weights of a network for images of one channel; the same ones every time. */
function madeWeights(side: number, classes: number): Map<string, NamedTensor> {
  const form = { inputShape: [side, side, 1] as const, classes, options: {} };
  const tensors = mnistCnn.tensors({ ...form, inputShape: [side, side, 1] });
  return new Map(
    tensors.map(({ name, shape }, at) => {
      const count = shape.reduce((product, size) => product * size, 1);
      const fan = Math.sqrt(count / (shape[0] ?? 1));
      const data = Float32Array.from({ length: count }, (_, i) =>
        shape.length === 1 ? 0 : Math.sin((at + 1) * 12.9898 * (i + 1)) / fan,
      );
      return [name, { shape, data }];
    }),
  );
}

/** The same network with its outputs in another order: output i is what `order[i]` was. */
function permuted(tensors: Tensors, order: readonly number[]): Map<string, NamedTensor> {
  return new Map(
    [...tensors].map(([name, { shape, data }]) => {
      if (!name.startsWith('linear2')) return [name, { shape, data }];
      const width = data.length / order.length;
      const rows = order.flatMap((row) => [...data.slice(row * width, (row + 1) * width)]);
      return [name, { shape, data: Float32Array.from(rows) }];
    }),
  );
}

const fileOf = (tensors: Tensors) => encodeSafetensors({ tensors, metadata: {} });
const order = [3, 0, 7, 1, 9, 2, 8, 4, 6, 5];

describe('imports of networks from elsewhere', { timeout: 120_000 }, () => {
  let studio: Harness;
  let opened: Opened;
  const plain = madeWeights(20, 10);

  beforeAll(async () => {
    studio = await harness();
    opened = await studio.open();
  });
  afterAll(() => studio.remove());

  const take = async (bytes: Uint8Array, input: Partial<RouteInput<'models.import'>> = {}) =>
    opened.app.api.call('models.import', {
      ...{ dataset: 'mnist', name: 'Theirs', measure: false, ...input },
      ...(await sent(opened.app, bytes, 'theirs.safetensors')),
    });
  const explore = async (model: string, target: 'label' | 'predicted' = 'label') => {
    const { request, images } = await opened.app.api.call('maps.explore', {
      ...{ model, images: [0, 1, 2], methods: ['vanilla-gradient', 'sobel'] },
      parameters: { target },
    });
    await opened.until('maps.finished', (event) => event.request === request);
    const maps = opened.events
      .filter((event) => event.type === 'maps.ready')
      .filter((event) => event.request === request)
      .sort((a, b) => a.method.localeCompare(b.method) || a.image - b.image)
      .map(({ map }) => fromWire(map));
    return { images, maps };
  };

  it('show the network the centre of images, and keep that through an export', async () => {
    const { api } = opened.app;
    const model = await take(fileOf(plain), { crop: 20 });
    expect(model.input).toEqual({ mean: [0], std: [1], crop: 20 });
    const { images, maps } = await explore(model.id);
    const shown = images.flatMap(({ pixels }) => (pixels ? [fromWire(pixels)] : []));
    expect(shown.map(({ shape }) => shape)).toEqual(Array(3).fill([20, 20, 1]));
    // A control owes nothing to the model, and its map is still of what the model sees.
    expect(new Set(maps.map(({ shape }) => shape.join()))).toEqual(new Set(['20,20,1']));
    const whole = await api.call('datasets.images', { dataset: 'mnist', limit: 1 });
    const { data } = fromWire(whole.pixels);
    const centre = Array.from({ length: 400 }, (_, i) => {
      return data[(4 + Math.floor(i / 20)) * 28 + 4 + (i % 20)];
    });
    expect([...(shown[0]?.data ?? [])]).toEqual(centre);
    const uncropped = await take(fileOf(madeWeights(28, 10)));
    const larger = await explore(uncropped.id);
    expect(new Set(larger.maps.map(({ shape }) => shape.join()))).toEqual(new Set(['28,28,1']));

    const file = await api.call('models.export', { model: model.id });
    const again = await take(await contentOf(opened.app, file));
    const { input, classes, sha256, validationAccuracy } = model;
    expect(again).toMatchObject({ input, classes, sha256, validationAccuracy });
    expect(await refusalOf(take(fileOf(plain), { crop: 29 }))).toMatchObject({ field: 'crop' });
    // A person may say that there is none: these weights are of images of 20 x 20, then.
    const bytes = await contentOf(opened.app, await api.call('models.export', { model: model.id }));
    expect(await refusalOf(take(bytes, { crop: 'none' }))).toMatchObject({
      message: expect.stringContaining('linear1') as string,
    });
    const said = { architecture: 'mnist-cnn', input: '{"mean":[0.5],"std":[0.25],"crop":20}' };
    const cropped = encodeSafetensors({ tensors: madeWeights(28, 10), metadata: said });
    expect((await take(cropped, { crop: 'none' })).input).toEqual({ mean: [0.5], std: [0.25] });
  });

  it('show the network images resized first, as an export says too', async () => {
    const { api } = opened.app;
    const sight = { resize: 40, crop: 36 };
    const model = await take(fileOf(madeWeights(36, 10)), sight);
    expect(model.input).toEqual({ mean: [0], std: [1], ...sight });
    const { images, maps } = await explore(model.id);
    expect(new Set(images.map(({ pixels }) => pixels?.shape.join()))).toEqual(new Set(['36,36,1']));
    expect(new Set(maps.map(({ shape }) => shape.join()))).toEqual(new Set(['36,36,1']));
    const exported = await api.call('models.export', { model: model.id });
    const weights = await fileIn(studio.dataDir, await contentOf(opened.app, exported));
    const app = { ...opened.app, close: () => Promise.resolve() };
    const bring = (...more: string[]) =>
      cli(['models', 'import', weights.path, '--dataset', 'mnist', '--json', ...more], { app });
    expect((await bring()).json()).toMatchObject({ model: { input: model.input } });
    const other = await bring('--resize', 'none', '--crop', 'none');
    expect(other.json()['error']).toMatchObject({ message: expect.stringContaining('linear1') });
    const large = await bring('--resize', '30', '--crop', '36');
    expect(large.json()['error']).toMatchObject({
      ...{ field: '--crop', accepted: expect.stringContaining('from 8 to 30') },
    });
  });

  it('map the classes of a network in another order by their names', async () => {
    const own = await take(fileOf(plain), { crop: 20, measure: true });
    const names = order.map(String);
    const bytes = fileOf(permuted(plain, order));
    const theirs = await take(bytes, { crop: 20, classes: names, measure: true });
    const outputs = order.map((_, label) => order.indexOf(label));
    expect(theirs.classes).toEqual({ count: 10, names, outputs });
    expect(theirs.validationAccuracy).toBe(own.validationAccuracy);
    const [a, b] = [await explore(own.id), await explore(theirs.id)];
    expect(b.images.map(({ target }) => order[target])).toEqual(
      a.images.map(({ target }) => target),
    );
    for (const [i, map] of b.maps.entries()) {
      map.data.forEach((value, at) => expect(value).toBeCloseTo(a.maps[i]?.data[at] ?? NaN, 6));
    }
    // By a table as by names, and the file keeps both.
    const byTable = await take(bytes, { crop: 20, classes: names, labels: outputs });
    expect(byTable.sha256).toBe(theirs.sha256);
    const file = await opened.app.api.call('models.export', { model: theirs.id });
    const { classes, sha256 } = await take(await contentOf(opened.app, file));
    expect({ classes, sha256 }).toEqual({ classes: theirs.classes, sha256: theirs.sha256 });
    // A mapping file names them as the file does, if nobody gives other names.
    const exported = await opened.app.api.call('models.export', { model: theirs.id });
    const weights = await fileIn(studio.dataDir, await contentOf(opened.app, exported));
    const next = names.map((_, label) => (label + 1) % 10);
    const turned = next.map((output, label) => `${label},${names[output]}`);
    const table = await fileIn(studio.dataDir, ['dataset,network', ...turned].join('\n'));
    const argv = ['models', 'import', weights.path, '--dataset', 'mnist', '--json'];
    const app = { ...opened.app, close: () => Promise.resolve() };
    const mapped = await cli([...argv, '--map-classes', table.path], { app });
    expect(mapped.json()).toMatchObject({ model: { classes: { outputs: next } } });
    const other = await refusalOf(take(bytes, { crop: 20, classes: ['ten', ...names.slice(1)] }));
    expect(other).toMatchObject({ field: 'labels', details: { classes: '3' } });
    const twice = outputs.map((output) => (output === 1 ? 2 : output));
    expect(await refusalOf(take(bytes, { crop: 20, labels: twice }))).toMatchObject({
      accepted: 'each output once',
    });
  });

  it('explain a network of other classes by its own, and refuse what needs the label', async () => {
    const { api } = opened.app;
    const bytes = fileOf(madeWeights(28, 30));
    expect(await refusalOf(take(bytes))).toMatchObject({
      ...{ field: 'classes', message: expect.stringContaining('30 classes apart') as string },
    });
    const names = Array.from({ length: 30 }, (_, i) => `thing ${i}`);
    const model = await take(bytes, { classes: names });
    expect(model).toMatchObject({
      validationAccuracy: null,
      classes: { count: 30, names, outputs: null },
    });
    const why = expect.stringContaining('tells other classes apart') as string;
    const asked = { model: model.id, images: [0], methods: ['vanilla-gradient'] };
    expect(await refusalOf(api.call('maps.explore', asked))).toMatchObject({
      ...{ field: 'parameters.target', message: why },
    });
    expect(await refusalOf(api.call('models.test', { model: model.id }))).toMatchObject({
      message: why,
    });
    const { images } = await explore(model.id, 'predicted');
    expect(images[0]?.probabilities).toHaveLength(30);
    const said = await api.call('models.predictions', { model: model.id, images: 4 });
    expect(said.images).toHaveLength(4);
    expect(said.images[0]).toMatchObject({ output: null });
    expect(said.images[0]?.top[0]?.name).toMatch(/^thing \d+$/);
  });

  it('look into a file before anything of it is taken', async () => {
    const { api } = opened.app;
    const models = await api.call('models.list', {});
    const look = async (tensors: Tensors, input: object = {}) =>
      api.call('models.inspectFile', {
        ...(await sent(opened.app, fileOf(tensors), 'theirs.safetensors')),
        ...input,
      });
    const found = await look(plain, { dataset: 'mnist' });
    expect(found).toMatchObject({ form: 'safetensors', tensorCount: 8, undecided: false });
    expect(found.guesses[0]).toMatchObject({
      ...{ architecture: 'mnist-cnn', classes: 10, channels: 1, side: 20, fits: true },
    });
    const damaged = new Map(plain);
    damaged.delete('conv2.bias');
    damaged.set('head.scale', { shape: [1], data: Float32Array.of(1) });
    damaged.set('conv1.weight', { shape: [16, 1, 3, 3], data: new Float32Array(144) });
    expect((await look(damaged)).guesses[0]).toMatchObject({
      ...{ fits: false, missing: ['conv2.bias'], extra: ['head.scale'] },
      otherShape: [{ name: 'conv1.weight', has: [16, 1, 3, 3], needs: [32, 1, 3, 3] }],
    });
    const under = (prefix: string, tensors: Tensors) =>
      [...tensors].map(([name, tensor]): [string, NamedTensor] => [prefix + name, tensor]);
    const two = new Map([
      ...under('student.', plain),
      ...under('teacher.', permuted(plain, order)),
    ]);
    const both = await look(two);
    expect(both.undecided).toBe(true);
    expect(both.sets.map(({ key }) => key)).toEqual(['student.', 'teacher.']);
    const teacher = await look(two, { weightsKey: 'teacher.' });
    expect(teacher.guesses[0]).toMatchObject({ architecture: 'mnist-cnn', fits: true });
    const crop = { crop: 20 };
    expect(await refusalOf(take(fileOf(two), crop))).toMatchObject({
      ...{ field: 'weightsKey', details: { choices: 'student.\nteacher.' } },
    });
    expect(await api.call('models.list', {})).toEqual(models);
    const student = await take(fileOf(two), { ...crop, weightsKey: 'student.' });
    expect(student.sha256).toBe((await take(fileOf(plain), crop)).sha256);
  });
});

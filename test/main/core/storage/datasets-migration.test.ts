import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createServices } from '../../../../src/main/core/services';
import { listMigrations } from '../../../../src/main/core/storage/migrations';
import { defaultRecipe, roarSettings } from '../../../fixtures/datasets';
import { coreOn } from '../core-on';
import { id, migrations, newJob, newModel, newRun, temporaryFolder } from './helpers';

/** The version before. */
const before = listMigrations(migrations).findIndex(({ name }) => name.endsWith('-datasets.sql'));

function migrationsOfBefore(): string {
  const folder = join(temporaryFolder(), 'migrations');
  mkdirSync(folder);
  for (const { name, path } of listMigrations(migrations).slice(0, before)) {
    copyFileSync(path, join(folder, name));
  }
  return folder;
}

/** A recipe as it was stored before networks could be chosen. */
function old(dataset: string, stem?: string): object {
  const { architecture, options, ...rest } = defaultRecipe(dataset);
  expect([architecture, options]).not.toContain(undefined);
  return { ...rest, ...(stem === undefined ? {} : { stem }) };
}

/** What an import wrote of a cut of CIFAR-10. */
const list = {
  format: 1,
  dataset: 'cifar10',
  shape: [32, 32, 3],
  classes: [
    { id: '3', name: 'cat' },
    { id: '5', name: 'dog' },
  ],
  train: 40,
  validation: 10,
  complete: false,
  files: ['train.images', 'train.labels', 'validation.images', 'validation.labels'].map((name) => ({
    name,
    bytes: 1,
    sha256: 'ab'.repeat(32),
  })),
  source: {
    kind: 'archive',
    name: 'cifar-10-binary.tar.gz',
    bytes: 9,
    md5: 'cd'.repeat(16),
    published: true,
    publishedAt: null,
  },
};
const origin = {
  kind: 'path',
  name: 'cifar-10-binary.tar.gz',
  published: true,
  installedAt: '2026-01-01T00:00:00.000Z',
  subset: { classes: ['cat', 'dog'], perClass: 20 },
} as const;

/** A data directory of the version before: runs and models of any time, and an installed dataset. */
function ofBefore(): string {
  const folder = temporaryFolder();
  const { core, close } = coreOn(folder, migrationsOfBefore());
  const recipes = {
    a: old('mnist', 'imagenet'),
    b: old('cifar10'),
    c: old('tiny-imagenet', 'small'),
    d: { ...defaultRecipe('cifar10'), options: { stem: 'small' } },
  };
  const datasets = { a: 'mnist', b: 'cifar10', c: 'tiny-imagenet', d: 'cifar10' } as const;
  for (const letter of ['a', 'b', 'c', 'd'] as const) {
    const [dataset, recipe] = [datasets[letter], recipes[letter]];
    const settings = roarSettings({ dataset, images: 50 });
    core.jobs.insert(newJob(letter));
    core.runs.insert(newRun(letter, { settings: { ...settings, recipe: recipe as never } }));
    const { architecture } = defaultRecipe(dataset);
    core.models.insert(newModel(letter, { dataset, architecture, recipe: recipe as never }));
  }
  core.models.insert(newModel('e', { origin: 'imported', recipe: null }));
  close();
  const place = join(folder, 'datasets', 'cifar10');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'dataset.json'), JSON.stringify(list));
  writeFileSync(join(place, 'origin.json'), JSON.stringify(origin));
  return folder;
}

describe('a data directory of before datasets had rows', () => {
  it('opens with the networks of its runs and models named', () => {
    const { core } = coreOn(ofBefore());
    const stems = { a: {}, b: { stem: 'imagenet' }, c: { stem: 'small' }, d: { stem: 'small' } };
    for (const [letter, options] of Object.entries(stems)) {
      const run = core.runs.get(id('run', letter));
      const dataset = run?.settings.dataset ?? '';
      const recipe = { ...defaultRecipe(dataset), options };
      expect(run?.settings).toEqual({ ...roarSettings({ dataset, images: 50 }), recipe });
      expect(core.models.get(id('model', letter))?.recipe).toEqual(recipe);
    }
    expect(core.models.get(id('model', 'e'))?.recipe).toBeNull();
  });

  it('gives what is installed its row when the application opens, once', async () => {
    const { core } = coreOn(ofBefore());
    expect(core.datasets.list()).toEqual([]);
    const service = createServices(core).datasets;
    // Read from its folder until then, as where nothing can be written.
    expect(service.facts('cifar10')).toMatchObject({ train: 40, validation: 10, classes: 2 });
    await service.adopt();
    const [row, ...others] = core.datasets.list();
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      id: 'cifar10',
      name: 'CIFAR-10',
      shape: [32, 32, 3],
      classes: ['cat', 'dog'],
      train: 40,
      validation: 10,
      origin,
      files: list.files.map(({ name, sha256 }) => ({ name, sha256 })),
    });
    await service.adopt();
    expect(core.datasets.get('cifar10')).toEqual(row);
    expect(service.facts('cifar10')).toMatchObject({ classes: 2, suggestion: { images: 100 } });
    expect(service.whole('cifar10')).toMatchObject({ classes: 10, train: 50_000 });
    expect(service.facts('tiny-imagenet')).toMatchObject({ classes: 200 });
  });

  it('refuses an id that is neither known nor here, with those that are', () => {
    const { core } = coreOn(ofBefore());
    expect(() => createServices(core).datasets.facts('svhn', 'settings.dataset')).toThrow(
      /settings\.dataset is "svhn"; accepted: one of: mnist, cifar10, tiny-imagenet/,
    );
  });
});

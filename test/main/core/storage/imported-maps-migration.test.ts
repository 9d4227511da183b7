import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MethodsService } from '../../../../src/main/core/maps/methods';
import { listMigrations } from '../../../../src/main/core/storage/migrations';
import { coreOn } from '../core-on';
import { migrations, temporaryFolder } from './helpers';

/** The version before. */
const before = listMigrations(migrations).findIndex(({ name }) =>
  name.endsWith('-imported-maps.sql'),
);

function migrationsOfBefore(): string {
  const folder = join(temporaryFolder(), 'migrations');
  mkdirSync(folder);
  for (const { name, path } of listMigrations(migrations).slice(0, before)) {
    copyFileSync(path, join(folder, name));
  }
  return folder;
}

it('methods of the version before stay, and maps from elsewhere come beside them', async () => {
  const dataDir = temporaryFolder();
  const old = coreOn(dataDir, migrationsOfBefore());
  old.core.database.run(
    `INSERT INTO methods (id, name, composition, created_at)
     VALUES ('composed-smooth-guided', 'Mine', 'smooth(integrate(guided))', '2026-01-01')`,
  );
  old.close();
  const { core } = coreOn(dataDir);
  const methods = new MethodsService({ ...core, methodUsers: () => [] });
  expect(methods.list().at(-1)).toEqual({
    id: 'composed-smooth-guided',
    name: 'Mine',
    composition: 'smooth(integrate(guided))',
    group: 'composed',
    equations: '',
  });
  const map = await core.artifacts.put({
    bytes: Uint8Array.of(1),
    kind: 'map',
    key: 'ab'.repeat(32),
  });
  const composition = `imported-${'cd'.repeat(32)}`;
  const id = composition.slice(0, 25);
  core.methods.insert({ id, name: 'LIME', composition }, '2026-01-02');
  const about = { dataset: 'mnist', model: null, citation: 'A paper', file: 'lime.npy', files: [] };
  core.imported.put(id, about, [
    { split: 'validation', images: [[0, 9]], block: 10, artifacts: [map.key] },
  ]);
  expect(methods.list().at(-1)).toMatchObject({
    id,
    group: 'imported',
    imported: { dataset: 'mnist', citation: 'A paper', validation: 10, train: 0 },
  });
  // What a method names is kept, and goes with it.
  await core.artifacts.collectGarbage(-1);
  expect(await core.artifacts.has(map.key)).toBe(true);
  methods.remove({ method: id });
  expect(core.imported.get(id)).toBeUndefined();
  await core.artifacts.collectGarbage(-1);
  expect(await core.artifacts.has(map.key)).toBe(false);
});

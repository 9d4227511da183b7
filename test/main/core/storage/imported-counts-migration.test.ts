import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ImportedRepository } from '../../../../src/main/core/maps/imported-repository';
import { openDatabase } from '../../../../src/main/core/storage/database';
import { listMigrations } from '../../../../src/main/core/storage/migrations';
import { migrations, temporaryFolder } from './helpers';

/** The version before. */
const before = listMigrations(migrations).findIndex(({ name }) =>
  name.endsWith('-imported-counts.sql'),
);

it('how many images maps cover is counted for methods of the version before', () => {
  const folder = temporaryFolder();
  const earlier = join(folder, 'migrations');
  mkdirSync(earlier);
  for (const { name, path } of listMigrations(migrations).slice(0, before)) {
    copyFileSync(path, join(earlier, name));
  }
  const path = join(folder, 'studio.db');
  const old = openDatabase({ path, migrations: earlier });
  old.run(
    `INSERT INTO methods (id, name, composition, created_at)
     VALUES ('lime', 'LIME', 'imported-a', '2026'), ('shap', 'SHAP', 'imported-b', '2026')`,
    {},
  );
  old.run(
    `INSERT INTO imported_methods (method, dataset, model, citation, file, dataset_files)
     VALUES ('lime', 'mnist', NULL, '', 'lime.npy', '[]'), ('shap', 'mnist', NULL, '', 'shap.npy', '[]')`,
    {},
  );
  old.run(
    `INSERT INTO imported_images (method, split, images, block)
     VALUES ('lime', 'train', '[[0,9],[12,12]]', 4), ('lime', 'validation', '[]', 4)`,
    {},
  );
  old.close();

  const database = openDatabase({ path, migrations });
  const imported = new ImportedRepository(database);
  const counts = [...imported.facts(null)].map(([id, { train, validation }]) => [
    id,
    train,
    validation,
  ]);
  expect(counts).toEqual([
    ['lime', 11, 0],
    ['shap', 0, 0],
  ]);
  expect([...imported.facts('shap').keys()]).toEqual(['shap']);
  expect(imported.images('lime', 'train')).toMatchObject({
    images: [
      [0, 9],
      [12, 12],
    ],
    block: 4,
  });
  database.close();
});

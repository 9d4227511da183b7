import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ModelsRepository } from '../../../../src/main/core/models/models-repository';
import { openDatabase } from '../../../../src/main/core/storage/database';
import { listMigrations } from '../../../../src/main/core/storage/migrations';
import { migrations, newModel, temporaryFolder } from './helpers';

/** The version before. */
const before = listMigrations(migrations).findIndex(({ name }) =>
  name.endsWith('-model-inputs.sql'),
);

describe('the migration that keeps what models see and tell apart', () => {
  it('leaves models of before as they are, and keeps both of new ones', () => {
    const folder = temporaryFolder();
    const earlier = join(folder, 'migrations');
    mkdirSync(earlier);
    for (const { name, path } of listMigrations(migrations).slice(0, before)) {
      copyFileSync(path, join(earlier, name));
    }
    const path = join(folder, 'studio.db');
    const old = openDatabase({ path, migrations: earlier });
    const { id, key, name, dataset, architecture, state, createdAt } = newModel('a');
    old.run(
      `INSERT INTO models (id, key, name, dataset, architecture, origin, removal_level, removal_fill,
         removal_mask, removal_seed, validation_accuracy, state, created_at)
       VALUES (@id, @key, @name, @dataset, @architecture, 'imported', 0, 'image-mean', 'fixed', 0,
         0.5, @state, @createdAt)`,
      { id, key, name, dataset, architecture, state, createdAt },
    );
    old.run(
      `INSERT INTO model_adaptations (model, position, sentence) VALUES (@id, 0, 'As it was.')`,
      { id },
    );
    old.close();

    const database = openDatabase({ path, migrations });
    const models = new ModelsRepository(database);
    expect(models.get(id)).toMatchObject({
      ...{ name, validationAccuracy: 0.5, adapted: ['As it was.'] },
      ...{ input: null, classes: null },
    });
    const input = { mean: [0.5], std: [0.25], crop: 20 };
    const classes = { count: 3, names: ['x', 'y', 'x'], outputs: [2, 0] };
    models.insert(newModel('b', { input, classes }));
    expect(models.get(newModel('b').id)).toMatchObject({ input, classes });
    models.insert(newModel('c', { classes: { count: 1000, names: null, outputs: null } }));
    expect(models.get(newModel('c').id)?.classes).toEqual({
      ...{ count: 1000, names: null, outputs: null },
    });
    models.remove(newModel('b').id);
    const left = database.get(z.object({ n: z.int() }), 'SELECT count(*) AS n FROM model_outputs');
    expect(left).toEqual({ n: 0 });
    database.close();
  });
});

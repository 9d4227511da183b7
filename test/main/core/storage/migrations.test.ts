import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RunsRepository } from '../../../../src/main/core/evaluation/runs-repository';
import { ModelsRepository } from '../../../../src/main/core/models/models-repository';
import { RatesRepository } from '../../../../src/main/core/models/rates-repository';
import { RatingEventsRepository } from '../../../../src/main/core/ratings/events-repository';
import { openDatabase, openReadOnly } from '../../../../src/main/core/storage/database';
import { listMigrations } from '../../../../src/main/core/storage/migrations';
import { StudiesRepository } from '../../../../src/main/core/studies/studies-repository';
import { id, migrations, newModel, newRun, temporaryFolder } from './helpers';
import { newLabel, newStudy } from './rating-helpers';

const anyRow = z.record(z.string(), z.unknown());
const code = (value: string) =>
  expect.objectContaining({ data: expect.objectContaining({ code: value }) });

/** One of everything that a database of version 1 holds. */
const version1 = `
  INSERT INTO methods VALUES ('a', 'A', 'gradient', 'now');
  INSERT INTO artifacts VALUES ('weights', 'weights', 'x', 4, 'we/weights', 'now');
  INSERT INTO artifacts VALUES ('map', 'map', 'y', 4, 'ma/map', 'now');
  INSERT INTO jobs VALUES ('${id('job', 'a')}', 'roar', 'ROAR', 'done', '${id('run', 'a')}', '{}',
    NULL, 1, 'now', 'now', 'later');
  INSERT INTO job_stages VALUES ('${id('job', 'a')}', 0, 'maps', 'Maps', 1);
  INSERT INTO job_items VALUES ('${id('job', 'a')}', 'maps', '0', 'done', 0, 3.0, 'later');
  INSERT INTO job_item_artifacts VALUES ('${id('job', 'a')}', 'maps', '0', 0, 'map');
  INSERT INTO models VALUES ('${id('model', 'a')}', 'key', 'Model', 'mnist', 'mnist-cnn', 'trained',
    NULL, 0, 'image-mean', 'fixed', 0, 0.98, 'weights', '${id('job', 'a')}', 'ready', 'now');
  INSERT INTO model_epochs VALUES ('${id('model', 'a')}', 0, 1, 0.9, 0.9, 2, 'weights', NULL);
  INSERT INTO runs VALUES ('${id('run', 'a')}', 'Run', 'mnist', 'paper',
    '${JSON.stringify(newRun('a').settings)}', NULL, '${id('job', 'a')}', 'now');
  INSERT INTO run_images VALUES ('${id('run', 'a')}', 0, 12, 3);
  INSERT INTO run_levels VALUES ('${id('run', 'a')}', 0, '${id('model', 'a')}', 0, 2);
  INSERT INTO run_maps VALUES ('${id('run', 'a')}', 'smoothgrad', 0, 'map');
  INSERT INTO run_scores VALUES ('${id('run', 'a')}', 'smoothgrad', 0.5, 0, 0.25, 0);
  INSERT INTO rates VALUES ('mnist-cnn', 'A processor', 2, 1, 1, 1, 'now');
  INSERT INTO explore_cache VALUES ('map', 'now');
  PRAGMA user_version = 1`;

/** A database of version 2: what version 1 held, and a study with a rating. */
function version2(path: string): void {
  const connection = new SQLite(path);
  const known = listMigrations(migrations);
  connection.exec(readFileSync(known[0]?.path ?? '', 'utf8'));
  connection.exec(version1);
  connection.exec(readFileSync(known[1]?.path ?? '', 'utf8'));
  connection.exec('PRAGMA user_version = 2');
  connection.close();
  const { folder, copy } = firstMigrations(2);
  const database = openDatabase({ path, migrations: copy });
  new StudiesRepository(database).insert(newStudy('a', { job: id('job', 'a') }));
  new RatingEventsRepository(database).append(newLabel());
  database.close();
  rmSync(folder, { recursive: true, force: true });
}

/** A copy of the first so many migrations. */
function firstMigrations(count: number): { folder: string; copy: string } {
  const folder = temporaryFolder();
  const copy = join(folder, 'migrations');
  mkdirSync(copy);
  const known = listMigrations(migrations).slice(0, count);
  for (const { name, path } of known) copyFileSync(path, join(copy, name));
  return { folder, copy };
}

/** A copy of the migrations, with one more. */
function withNext(sql: string): { folder: string; copy: string } {
  const folder = temporaryFolder();
  const copy = join(folder, 'migrations');
  mkdirSync(copy);
  const known = listMigrations(migrations);
  for (const { name, path } of known) copyFileSync(path, join(copy, name));
  const number = String(known.length + 1).padStart(4, '0');
  writeFileSync(join(copy, `${number}-next.sql`), sql);
  return { folder, copy };
}

describe('migrations', () => {
  it('are numbered without a gap', () => {
    expect(listMigrations(migrations).map(({ number }) => number)).toEqual(
      readdirSync(migrations).map((_, i) => i + 1),
    );
  });

  it('bring a fresh database to this version', () => {
    const path = join(temporaryFolder(), 'studio.sqlite');
    const database = openDatabase({ path, migrations });
    const version = listMigrations(migrations).length;
    expect(database.get(anyRow, 'PRAGMA user_version')).toEqual({ user_version: version });
    const tables = database
      .all(z.object({ name: z.string() }), `SELECT name FROM sqlite_schema WHERE type = 'table'`)
      .map(({ name }) => name);
    expect(tables).toEqual(
      expect.arrayContaining([
        'artifacts',
        'jobs',
        'job_items',
        'models',
        'runs',
        'run_scores',
        'studies',
        'raters',
        'trials',
        'rating_events',
        'run_orders',
        'run_retrained',
        'experiments',
        'experiment_runs',
        'datasets',
        'dataset_classes',
      ]),
    );
    database.close();
  });

  it('open a database of version 1 with its data, and give it what ratings need', () => {
    const path = join(temporaryFolder(), 'studio.sqlite');
    const first = listMigrations(migrations)[0];
    const connection = new SQLite(path);
    connection.exec(readFileSync(first?.path ?? '', 'utf8'));
    connection.exec(version1);
    connection.close();
    const database = openDatabase({ path, migrations });
    expect(database.get(anyRow, 'PRAGMA user_version')).toEqual({
      user_version: listMigrations(migrations).length,
    });
    expect(database.all(anyRow, 'SELECT id, name FROM methods')).toEqual([{ id: 'a', name: 'A' }]);
    const model = new ModelsRepository(database).get(id('model', 'a'));
    expect(model).toMatchObject({ state: 'ready', name: 'Model', epochs: [{ epoch: 0 }] });
    const runs = new RunsRepository(database);
    expect(runs.list()).toMatchObject([{ id: id('run', 'a'), state: 'done', seconds: 3 }]);
    expect(runs.maps(id('run', 'a'), 'smoothgrad')).toEqual([{ shard: 0, artifact: 'map' }]);
    expect(runs.scores(id('run', 'a'))).toEqual([
      { method: 'smoothgrad', level: 0.5, scores: [0.25], tied: [0] },
    ]);
    expect(database.all(anyRow, 'PRAGMA foreign_key_check')).toEqual([]);
    new StudiesRepository(database).insert(newStudy('a', { job: id('job', 'a') }));
    const events = new RatingEventsRepository(database);
    expect(events.append(newLabel())).toBe('added');
    expect(() => database.run('DELETE FROM rating_events')).toThrow(code('conflict'));
    database.close();
    const again = openDatabase({ path, migrations });
    expect(new RatingEventsRepository(again).count(id('study', 'a'))).toBe(1);
    again.close();
  });

  it('open a database of version 2 with its data, and measure its rates anew', () => {
    const path = join(temporaryFolder(), 'studio.sqlite');
    version2(path);
    const database = openDatabase({ path, migrations });
    expect(database.get(anyRow, 'PRAGMA user_version')).toEqual({
      user_version: listMigrations(migrations).length,
    });
    expect(database.all(anyRow, 'SELECT * FROM rates')).toEqual([]);
    const runs = new RunsRepository(database);
    const run = id('run', 'a');
    expect(runs.get(run)).toMatchObject({ state: 'done', settings: newRun('a').settings });
    expect(runs.maps(run, 'smoothgrad')).toEqual([{ shard: 0, artifact: 'map' }]);
    expect(runs.scores(run)).toHaveLength(1);
    expect(runs.datasetKey(run)).toBeNull();
    const content = { dataset: 'mnist' as const, files: [{ name: 'train', sha256: 'ab' }] };
    runs.setDatasetKey(run, content);
    expect(runs.datasetKey(run)).toEqual(content);
    expect(new StudiesRepository(database).get(id('study', 'a'))).toMatchObject({ state: 'draft' });
    expect(new RatingEventsRepository(database).count(id('study', 'a'))).toBe(1);
    expect(database.all(anyRow, 'PRAGMA foreign_key_check')).toEqual([]);
    const form = '32x32x3, 10 classes, small';
    const key = { architecture: 'resnet18', form, device: 'A processor', threads: 2 } as const;
    const measured = { trainImagesPerSecond: 1, gradientsPerSecond: 1, forwardImagesPerSecond: 1 };
    new RatesRepository(database).put(key, measured, 'now');
    expect(new RatesRepository(database).get(key)).toMatchObject(measured);
    database.run(`INSERT INTO run_orders VALUES (@run, 'smoothgrad', 'train', 0, 'map', '[]')`, {
      run,
    });
    database.run(`INSERT INTO run_retrained VALUES (@run, 'smoothgrad', 0.5, 0, 0.75, 9)`, { run });
    const experiment = id('experiment', 'a');
    database.run(
      `INSERT INTO experiments VALUES (@experiment, 'reproduction', 'Paper', @study, 'now')`,
      { experiment, study: id('study', 'a') },
    );
    database.run('INSERT INTO experiment_runs VALUES (@experiment, 0, @run, NULL, NULL)', {
      experiment,
      run,
    });
    // What a run made goes with it; the experiment stays.
    runs.remove(run);
    for (const table of ['run_orders', 'run_retrained', 'experiment_runs']) {
      expect(database.all(anyRow, `SELECT * FROM ${table}`)).toEqual([]);
    }
    expect(database.all(anyRow, 'SELECT id FROM experiments')).toEqual([{ id: experiment }]);
    database.close();
  });

  it('open a database of version 3 with its data, and keep what of a model was adapted', () => {
    const path = join(temporaryFolder(), 'studio.sqlite');
    version2(path);
    const { folder, copy } = firstMigrations(3);
    const third = openDatabase({ path, migrations: copy });
    const [run, experiment] = [id('run', 'a'), id('experiment', 'a')];
    third.run(`INSERT INTO run_orders VALUES (@run, 'smoothgrad', 'train', 0, 'map', '[]')`, {
      run,
    });
    third.run(
      `INSERT INTO experiments VALUES (@experiment, 'reproduction', 'Paper', NULL, 'now')`,
      {
        experiment,
      },
    );
    third.close();
    rmSync(folder, { recursive: true, force: true });
    const database = openDatabase({ path, migrations });
    expect(database.get(anyRow, 'PRAGMA user_version')).toEqual({
      user_version: listMigrations(migrations).length,
    });
    for (const table of ['run_orders', 'experiments', 'run_levels', 'rating_events']) {
      expect(database.all(anyRow, `SELECT * FROM ${table}`), table).toHaveLength(1);
    }
    const models = new ModelsRepository(database);
    const [model] = models.list();
    expect(model).toMatchObject({ id: id('model', 'a'), state: 'ready', adapted: [] });
    const adapted = ['The prefix module. was taken off 8 names.', '1 tensor was left out: head.'];
    models.insert(newModel('b', { recipe: null, origin: 'imported', adapted }));
    expect(models.get(id('model', 'b'))?.adapted).toEqual(adapted);
    expect(models.get(id('model', 'a'))?.adapted).toEqual([]);
    models.remove(id('model', 'b'));
    expect(database.all(anyRow, 'SELECT * FROM model_adaptations')).toEqual([]);
    expect(database.all(anyRow, 'PRAGMA foreign_key_check')).toEqual([]);
    database.close();
  });

  it('refuse a newer database and leave it untouched', () => {
    const { folder, copy } = withNext('CREATE TABLE later (x INTEGER) STRICT;');
    const path = join(folder, 'studio.sqlite');
    openDatabase({ path, migrations: copy }).close();
    const before = readFileSync(path);
    for (const open of [openDatabase, openReadOnly]) {
      expect(() => open({ path, migrations })).toThrow(code('newer-database'));
    }
    const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    expect(hash(readFileSync(path))).toBe(hash(before));
    expect(readdirSync(folder).sort()).toEqual(['migrations', 'studio.sqlite']);
  });

  it('leave the database as it was where one fails', () => {
    const { folder, copy } = withNext('CREATE TABLE half (x INTEGER); SELECT nonsense;');
    const path = join(folder, 'studio.sqlite');
    openDatabase({ path, migrations }).close();
    expect(() => openDatabase({ path, migrations: copy })).toThrow();
    const database = openDatabase({ path, migrations });
    expect(database.all(anyRow, `SELECT name FROM sqlite_schema WHERE name = 'half'`)).toEqual([]);
    database.close();
  });

  it('are applied to a copy where a reader finds an older version', () => {
    const { folder, copy } = withNext('CREATE TABLE later (x INTEGER) STRICT;');
    const path = join(folder, 'studio.sqlite');
    openDatabase({ path, migrations }).close();
    const before = readFileSync(path);
    const reader = openReadOnly({ path, migrations: copy });
    expect(reader.path).toBe(path);
    expect(reader.all(anyRow, 'SELECT * FROM later')).toEqual([]);
    expect(() => reader.run('DELETE FROM later')).toThrow(code('read-only'));
    reader.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

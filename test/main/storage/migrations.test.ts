import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openDatabase, openReadOnly } from '../../../src/main/core/storage/database';
import { listMigrations } from '../../../src/main/core/storage/migrations';
import { migrations, temporaryFolder } from './helpers';

const anyRow = z.record(z.string(), z.unknown());
const code = (value: string) =>
  expect.objectContaining({ data: expect.objectContaining({ code: value }) });

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
      expect.arrayContaining(['artifacts', 'jobs', 'job_items', 'models', 'runs', 'run_scores']),
    );
    database.close();
  });

  it('open a database of version 1 with its data', () => {
    const path = join(temporaryFolder(), 'studio.sqlite');
    const first = listMigrations(migrations)[0];
    const connection = new SQLite(path);
    connection.exec(readFileSync(first?.path ?? '', 'utf8'));
    connection.exec(
      `INSERT INTO methods VALUES ('a', 'A', 'gradient', 'now'); PRAGMA user_version = 1`,
    );
    connection.close();
    const database = openDatabase({ path, migrations });
    expect(database.all(anyRow, 'SELECT id, name FROM methods')).toEqual([{ id: 'a', name: 'A' }]);
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

  it('ask for a writer where a reader finds an older version', () => {
    const { folder, copy } = withNext('CREATE TABLE later (x INTEGER) STRICT;');
    const path = join(folder, 'studio.sqlite');
    openDatabase({ path, migrations }).close();
    expect(() => openReadOnly({ path, migrations: copy })).toThrow(code('conflict'));
  });
});

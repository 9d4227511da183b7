import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { z } from 'zod';
import { StudioError } from '../../../shared/errors';
import { digestOf, shapeOf } from './table-digest';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly path: string;
}

/** The numbered files of a folder, in order: 0001-….sql, 0002-….sql, without a gap. */
export function listMigrations(folder: string): readonly Migration[] {
  const migrations = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ number: Number(name.slice(0, 4)), name, path: join(folder, name) }));
  migrations.forEach(({ number, name }, i) => {
    if (number !== i + 1) throw new RangeError(`migration ${name} should have number ${i + 1}`);
  });
  return migrations;
}

/** The version of an existing database; throws `newer-database` without touching the file. */
export function refuseNewer(path: string, folder: string): { found: number; newest: number } {
  const newest = listMigrations(folder).length;
  const found = existsSync(`${path}-wal`) ? versionThroughLog(path) : versionInHeader(path);
  if (found <= newest) return { found, newest };
  throw new StudioError({
    code: 'newer-database',
    message: `The database ${path} was made by a newer version of Saliency Studio (${found}, this one knows ${newest}): update the app, or choose another data directory. Nothing was changed.`,
    details: { path, found: String(found), known: String(newest) },
  });
}

/** A database that nobody has open: the header tells, and even reading through SQLite leaves files. */
function versionInHeader(path: string): number {
  const header = Buffer.alloc(100);
  const file = openSync(path, 'r');
  try {
    const read = readSync(file, header, 0, header.length, 0);
    const magic = 'SQLite format 3\0';
    // Something else, or nothing yet: opening it says what is wrong.
    if (read < header.length || header.toString('latin1', 0, 16) !== magic) return 0;
    return header.readInt32BE(60);
  } finally {
    closeSync(file);
  }
}

/** A database in use, or left by a killed process: the newest header may be in the log. */
function versionThroughLog(path: string): number {
  const connection = new SQLite(path, { readonly: true, fileMustExist: true, timeout: 5000 });
  try {
    return versionOf(connection);
  } finally {
    connection.close();
  }
}

/** Tables whose every row a migration keeps, as it says in a line `-- keeps: one, another`. */
function keptTables(sql: string): string[] {
  const [, list = ''] = /^-- keeps: (.+)$/m.exec(sql) ?? [];
  return list.split(',').flatMap((name) => name.trim() || []);
}

/**
 * Apply what is missing, each migration with its number in one transaction. One that rebuilds tables
 * and keeps their rows is undone, and refused, where a row came through changed.
 *
 * @param before called once, before anything is changed, where such a migration is to come and there
 *   is data already
 */
export function migrate(
  connection: SQLite.Database,
  folder: string,
  before: () => void = () => undefined,
): void {
  const found = versionOf(connection);
  const missing = listMigrations(folder)
    .filter(({ number }) => number > found)
    .map((migration) => {
      const sql = readFileSync(migration.path, 'utf8');
      return { ...migration, sql, keeps: keptTables(sql) };
    });
  if (found > 0 && missing.some(({ keeps }) => keeps.length > 0)) before();
  for (const { number, name, sql, keeps } of missing) {
    // A migration may rebuild a table that others refer to: references are checked at its end.
    connection.pragma('foreign_keys = OFF');
    connection
      .transaction(() => {
        const shapes = keeps.map((table) => shapeOf(connection, table));
        const rows = digestOf(connection, shapes);
        connection.exec(sql);
        if (digestOf(connection, shapes) !== rows) throw changedRows(connection.name, name, keeps);
        const broken = connection.pragma('foreign_key_check');
        if (Array.isArray(broken) && broken.length > 0) {
          throw new Error(`migration ${name} leaves references that point nowhere`);
        }
        connection.pragma(`user_version = ${number}`);
      })
      .immediate();
  }
}

function changedRows(path: string, migration: string, tables: readonly string[]): StudioError {
  return new StudioError({
    code: 'internal',
    message: `The database ${path} was not brought to this version: rows of ${tables.join(', ')} would not have come through as they are. It is as it was before: go on with the version of Saliency Studio that made it, and report this.`,
    details: { path, migration },
  });
}

function versionOf(connection: SQLite.Database): number {
  return z.int().parse(connection.pragma('user_version', { simple: true }));
}

import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { z } from 'zod';
import { StudioError } from '../../../shared/errors';
import { freshBackupPath, removeDatabase, settleBackup } from './backup-file';
import { type Database } from './database';
import { renameDurably } from './durable';
import { refuseNewer } from './migrations';
import { storageError } from './storage-error';

/**
 * A copy of the database alone. Artifacts (maps, weights, pictures) stay where they are: what a
 * backup names is computed again where it was collected meanwhile.
 */
export interface Backup {
  readonly path: string;
  readonly bytes: number;
  readonly createdAt: string;
}

const pattern =
  /^(?:studio|before-restore|before-update)-(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3}Z)(?:-\d+)?\.sqlite$/;

/** Back up while the database is in use; the file is there only once it is whole and checked. */
export async function makeBackup(database: Database, folder: string, at: Date): Promise<Backup> {
  let part: string | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    const path = freshBackupPath(folder, 'studio', at);
    part = `${path}.part`;
    rmSync(part, { force: true });
    await database.backup(part);
    settleBackup(part);
    renameDurably(part, path);
    return { path, bytes: statSync(path).size, createdAt: at.toISOString() };
  } catch (error) {
    if (part !== undefined) removeDatabase(part);
    throw storageError(error, folder);
  }
}

/** Newest first. Files of other names count too: somebody may have put them there. */
export function listBackups(folder: string): Backup[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.sqlite'));
  } catch {
    return [];
  }
  return names
    .flatMap((name) => {
      const path = join(folder, name);
      const found = statSync(path, { throwIfNoEntry: false });
      if (!found?.isFile()) return [];
      const [, day, hour, minute, second] = pattern.exec(name) ?? [];
      const named = day === undefined ? null : `${day}${hour}:${minute}:${second}`;
      return [{ path, bytes: found.size, createdAt: named ?? found.mtime.toISOString() }];
    })
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.path.localeCompare(a.path));
}

/**
 * Refuse a file that is no whole database of this application, or one of a newer version. The file
 * must be nobody's but the caller's: its journal is folded in.
 */
export function verifyBackup(path: string, migrations: string): void {
  refuseNewer(path, migrations);
  let tables: Set<string>;
  try {
    settleBackup(path);
    const connection = new SQLite(path, { readonly: true });
    try {
      const rows = connection.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
      tables = new Set(
        z
          .array(z.object({ name: z.string() }))
          .parse(rows)
          .map(({ name }) => name),
      );
    } finally {
      connection.close();
    }
  } catch (error) {
    throw storageError(error, path);
  }
  if (['artifacts', 'jobs', 'models', 'runs'].every((name) => tables.has(name))) return;
  throw new StudioError({
    code: 'corrupt-file',
    message: 'This file is an SQLite database, but none of Saliency Studio: choose a backup.',
    details: { path },
  });
}

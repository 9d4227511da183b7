import { mkdirSync } from 'node:fs';
import SQLite from 'better-sqlite3';
import { StudioError } from '../../../shared/errors';
import { freshBackupPath, removeDatabase, settleBackup } from './backup-file';
import { renameDurably } from './durable';
import { digestOf, shapeOf, tablesOf } from './table-digest';

/**
 * A whole copy of a database among the backups, before it is brought to a newer version: there only
 * once every row of it was found to be that of the database. Answers with its path.
 */
export function copyBeforeUpdate(connection: SQLite.Database, folder: string, at: Date): string {
  mkdirSync(folder, { recursive: true });
  const path = freshBackupPath(folder, 'before-update', at);
  const part = `${path}.part`;
  removeDatabase(part);
  try {
    connection.prepare('VACUUM INTO ?').run(part);
    settleBackup(part);
    requireEqual(connection, part);
    renameDurably(part, path);
    return path;
  } catch (error) {
    removeDatabase(part);
    throw error;
  }
}

function requireEqual(connection: SQLite.Database, copy: string): void {
  const opened = new SQLite(copy, { readonly: true, fileMustExist: true });
  try {
    if (rowsOf(opened) === rowsOf(connection)) return;
  } finally {
    opened.close();
  }
  throw new StudioError({
    code: 'corrupt-file',
    message: `The copy of ${connection.name} that is kept before an update differs from it: check the disk and start again. Nothing was changed.`,
    details: { path: connection.name },
  });
}

const rowsOf = (connection: SQLite.Database): string =>
  digestOf(
    connection,
    tablesOf(connection).map((table) => shapeOf(connection, table)),
  );

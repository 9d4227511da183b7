import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { StudioError } from '../../../shared/errors';
import { syncPath } from './durable';

/** A path in the folder that is not taken: `<prefix>-<time>.sqlite`. */
export function freshBackupPath(folder: string, prefix: string, at: Date): string {
  const taken = new Set(readdirSync(folder));
  const name = `${prefix}-${at.toISOString().replaceAll(':', '-')}`;
  let path = `${name}.sqlite`;
  for (let i = 2; taken.has(path); i += 1) path = `${name}-${i}.sqlite`;
  return join(folder, path);
}

/** A database file with whatever SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal'])
    rmSync(`${path}${suffix}`, { force: true });
}

/** Fold the log in so that the file stands alone, check it all, flush it. */
export function settleBackup(path: string): void {
  const connection = new SQLite(path, { fileMustExist: true });
  try {
    connection.pragma('journal_mode = DELETE');
    const result = connection.pragma('integrity_check(5)', { simple: true });
    if (result !== 'ok') {
      throw new StudioError({
        code: 'corrupt-file',
        message: `The backup ${path} is damaged: choose another one.`,
        details: { path, check: String(result) },
      });
    }
  } finally {
    connection.close();
  }
  syncPath(path);
}

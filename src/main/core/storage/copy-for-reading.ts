import { accessSync, constants, copyFileSync, existsSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { StudioError } from '../../../shared/errors';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder';

/** Whether files can be made beside this one. On a read-only medium nobody can, root included. */
export function canWriteBeside(path: string): boolean {
  return canWrite(dirname(path));
}

/** Whether a database that is there can be written: it, its log and beside it. */
export function canWriteDatabase(path: string): boolean {
  const files = [path, `${path}-wal`].filter((file) => existsSync(file));
  return canWriteBeside(path) && files.every(canWrite);
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export interface CopyForReading {
  readonly path: string;
  remove(): void;
}

/**
 * A temporary copy of a database whose own folder cannot be written (SQLite reads a database with a
 * write-ahead log only where it can keep an index of the log beside it), or that a reader has to bring
 * to this version. The log comes along, since the newest rows may be in it alone.
 */
export function copyForReading(path: string): CopyForReading {
  const { path: folder, remove } = roomFor(path);
  try {
    const copy = join(folder, basename(path));
    // A writer who has more rights than we may be at work: both files must be of one moment.
    for (let tries = 0; tries < 5; tries += 1) {
      const before = marks(path);
      copyFileSync(path, copy);
      rmSync(`${copy}-wal`, { force: true });
      if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
      if (marks(path) === before) return { path: copy, remove };
    }
    throw new StudioError({
      code: 'busy',
      message: `The database ${path} was written each time that it was copied to be read: try again when the program that writes it is done.`,
      details: { path },
    });
  } catch (error) {
    remove();
    throw noRoom(error, path);
  }
}

function roomFor(path: string): TemporaryFolder {
  try {
    return temporaryFolder();
  } catch (error) {
    throw noRoom(error, path, ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS']);
  }
}

/** What the folder for temporary files refuses, which must not be blamed on the database's own. */
function noRoom(error: unknown, path: string, others: readonly string[] = []): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  if (!full && !others.includes(code)) return error;
  return new StudioError(
    {
      code: full ? 'disk-full' : 'read-only',
      message: `${path} is read as a copy, because it cannot be written here or is of an older version, but the folder for temporary files, ${tmpdir()}, ${full ? 'has no room: free some space there' : 'cannot be written: give your user the right to write there'}, or set TMPDIR to another folder.`,
      details: { path },
    },
    error,
  );
}

/** Size and time of change of a database and its log. */
function marks(path: string): string {
  return [path, `${path}-wal`]
    .map((file) => statSync(file, { bigint: true, throwIfNoEntry: false }))
    .map((found) => (found ? `${found.size}:${found.mtimeNs}` : 'none'))
    .join(' ');
}

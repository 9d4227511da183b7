import SQLite from 'better-sqlite3';
import { StudioError } from '../../../shared/errors';

/**
 * An error of SQLite or of the file system in words that a person can act on. What it does not know
 * it gives back as it came.
 */
export function storageError(error: unknown, path: string): unknown {
  if (error instanceof StudioError) return error;
  const code = codeOf(error);
  if (code === undefined) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const details = { path, code, reason };
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') {
    return new StudioError(
      {
        code: 'disk-full',
        message: `The disk that holds ${path} is full: free some space (Overview, Disk), then go on; nothing done so far is lost.`,
        details,
      },
      error,
    );
  }
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return new StudioError(
      {
        code: 'read-only',
        message: `${path} is a file, or lies in one, where a folder is needed: choose another data directory.`,
        details,
      },
      error,
    );
  }
  if (
    code.startsWith('SQLITE_READONLY') ||
    code.startsWith('SQLITE_CANTOPEN') ||
    ['EROFS', 'EACCES', 'EPERM'].includes(code)
  ) {
    return new StudioError(
      {
        code: 'read-only',
        message: `${path} cannot be written: give your user the right to write there, or choose another data directory.`,
        details,
      },
      error,
    );
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return new StudioError(
      {
        code: 'corrupt-file',
        message: `The database ${path} is damaged: restore it from a backup, or move it away and start with a new one.`,
        details,
      },
      error,
    );
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new StudioError(
      {
        code: 'busy',
        message: `The database ${path} is busy with another program: try again when that one is done.`,
        details,
      },
      error,
    );
  }
  if (code.startsWith('SQLITE_CONSTRAINT')) {
    return new StudioError(
      {
        code: 'conflict',
        message: `The change was refused because it contradicts what is stored: ${reason}.`,
        details,
      },
      error,
    );
  }
  return error;
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof SQLite.SqliteError) return error.code;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string')
    return error.code;
  return undefined;
}

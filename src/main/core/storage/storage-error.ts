import SQLite from 'better-sqlite3';
import { fileFailure, StudioError } from '../../../shared/errors';
import { diskFull, fileError } from '../../../shared/system-error';

/**
 * An error of SQLite or of the file system in the data directory, in words that a person can act on.
 * What it does not know it gives back as it came.
 */
export function storageError(error: unknown, path: string): unknown {
  const known = directoryError(error, path) ?? ofStorage(error, path);
  if (!(known instanceof SQLite.SqliteError)) return known;
  const { code, message: reason } = known;
  const details = { path, reason };
  if (code === 'SQLITE_FULL') {
    return new StudioError({ ...diskFull(path), details }, error);
  }
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) {
    return new StudioError({ ...notWritable(path), details }, error);
  }
  if (code.startsWith('SQLITE_IOERR')) {
    return new StudioError(
      {
        code: 'corrupt-file',
        message: `The disk failed while ${path} was read or written: check that it is connected, whole and not full, then try again.`,
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

const notWritable = (path: string) => ({
  code: 'read-only' as const,
  message: `${path} cannot be written: give your user the right to write there, or choose another data directory.`,
});

/** A full disk is the directory's; of anything else the error knows best which file it was. */
function ofStorage(error: unknown, path: string): unknown {
  const known = fileError(error);
  const whole = known?.subject == null || known.code === 'disk-full';
  return fileFailure(error, whole ? path : undefined);
}

/** What is to be done is another thing where the data directory itself is the matter. */
function directoryError(error: unknown, path: string): StudioError | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const { code } = error;
  const named: unknown = Reflect.get(error, 'path');
  if (typeof named === 'string' && !named.startsWith(path)) return null;
  const details = { path };
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
  // Where nothing can be made, some file systems say that nothing is there.
  const unmade = code === 'ENOENT' && Reflect.get(error, 'syscall') === 'mkdir';
  if (unmade || code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return new StudioError({ ...notWritable(path), details }, error);
  }
  return null;
}

import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Whether files can be made beside this one. On a read-only medium nobody can, root included. */
export function canWriteBeside(path: string): boolean {
  try {
    accessSync(dirname(path), constants.W_OK);
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
 * A temporary copy of a database whose own folder cannot be written: SQLite reads a database with a
 * write-ahead log only where it can keep an index of the log beside it. The log comes along, since
 * the newest rows may be in it alone.
 */
export function copyForReading(path: string): CopyForReading {
  const folder = mkdtempSync(join(tmpdir(), 'saliency-studio-read-'));
  const remove = () => {
    process.off('exit', remove);
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', remove);
  try {
    const copy = join(folder, basename(path));
    // A writer who has more rights than we may be at work: both files must be of one moment.
    for (let tries = 0; tries < 5; tries += 1) {
      const before = marks(path);
      copyFileSync(path, copy);
      rmSync(`${copy}-wal`, { force: true });
      if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
      if (marks(path) === before) break;
    }
    return { path: copy, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Size and time of change of a database and its log. */
function marks(path: string): string {
  return [path, `${path}-wal`]
    .map((file) => statSync(file, { bigint: true, throwIfNoEntry: false }))
    .map((found) => (found ? `${found.size}:${found.mtimeNs}` : 'none'))
    .join(' ');
}

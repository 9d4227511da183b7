import SQLite from 'better-sqlite3';
import { closeConnection, keepOpen } from './open-connections';

/** Milliseconds that whoever else does it may take. */
const patience = 10_000;

/**
 * Do something short while nobody else does, in whatever process, who names the same file: an empty one that
 * stays. The operating system ends it with the process.
 */
export function alone<T>(path: string, work: () => T): T {
  const lock = keepOpen(new SQLite(path, { timeout: patience }));
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return work();
  } finally {
    closeConnection(lock);
  }
}

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { z } from 'zod';
import { StudioError } from '../../../shared/errors';
import { closeConnection, keepOpen } from './open-connections';
import { storageError } from './storage-error';

const holderSchema = z.object({ pid: z.int(), shell: z.string(), since: z.string() });
export type LockHolder = z.infer<typeof holderSchema>;

export interface DirectoryLock {
  release(): void;
}

/**
 * Become the one writer of a data directory: an exclusive SQLite transaction on lock.sqlite, which
 * the operating system ends with the process. lock.json only names the holder to others; its
 * presence means nothing. Throws `locked`.
 */
export function acquireLock(directory: string, holder: LockHolder): DirectoryLock {
  const path = join(directory, 'lock.sqlite');
  const note = join(directory, 'lock.json');
  let connection: SQLite.Database | undefined;
  try {
    connection = new SQLite(path, { timeout: 200 });
    connection.exec('BEGIN EXCLUSIVE');
    writeFileSync(note, JSON.stringify(holder));
  } catch (error) {
    connection?.close();
    const refusal = storageError(error, path);
    if (!(refusal instanceof StudioError) || refusal.code !== 'busy') throw refusal;
    throw lockedBy(directory, readHolder(directory));
  }
  const held = keepOpen(connection);
  let released = false;
  return {
    release() {
      if (released) return;
      released = true;
      rmSync(note, { force: true });
      held.exec('ROLLBACK');
      closeConnection(held);
    },
  };
}

/** Who says that it holds the directory (it may be gone already). */
export function readHolder(directory: string): LockHolder | null {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(join(directory, 'lock.json'), 'utf8')));
  } catch {
    return null;
  }
}

function lockedBy(directory: string, holder: LockHolder | null): StudioError {
  const who = holder
    ? `the ${holder.shell} with process id ${holder.pid}, since ${holder.since}`
    : 'another process';
  return new StudioError({
    code: 'locked',
    message: `The data directory ${directory} is in use by ${who}: close it first, or choose another directory with --data.`,
    details: holder
      ? { pid: String(holder.pid), shell: holder.shell, since: holder.since }
      : { directory },
  });
}

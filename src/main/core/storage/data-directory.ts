import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { refuse, StudioError } from '../../../shared/errors';
import { canWriteBeside, canWriteDatabase } from './copy-for-reading';
import { type Database, isOlder, openDatabase, openReadOnly } from './database';
import { folderProblem } from './folder-problem';
import { acquireLock, type DirectoryLock } from './lock';
import { makeFolder } from './make-folder';
import { applyRestore, finishRestore, type PendingRestore } from './restore';
import { storageError } from './storage-error';

/**
 * Everything that the studio keeps: studio.sqlite, artifacts/, backups/, datasets/, downloads/ (under
 * way, and sent archives of datasets), imports/ (of images, under way), work/ (scratch, and files in transit), the lock.
 */
export interface DataDirectory {
  readonly path: string;
  readonly database: Database;
  /** The folder of stored artifacts. */
  readonly artifacts: string;
  /** Scratch space on the same file system as artifacts/; emptied when a writer opens. */
  readonly work: string;
  close(): void;
}

export interface OpenDirectoryOptions {
  readonly path: string;
  /** Folder of the numbered migrations. */
  readonly migrations: string;
  readonly mode: 'write' | 'read';
  /** The program that opens, named to a second writer: 'desktop app', 'command roar'. */
  readonly shell: string;
  readonly now: () => Date;
  /**
   * Tells a database that was restored just now what it must know. A crash may repeat it.
   */
  readonly settleRestored?: (database: Database, restored: PendingRestore) => void;
}

/**
 * Open a data directory, made where it is missing. Mode 'write' takes the lock (`locked` names its
 * holder); mode 'read' works beside a writer and changes nothing, but that it brings a database of an
 * older version to this one where nobody else writes.
 */
export function openDataDirectory(options: OpenDirectoryOptions): DataDirectory {
  const path = resolve(options.path);
  const file = join(path, 'studio.sqlite');
  const work = join(path, 'work');
  const artifacts = join(path, 'artifacts');
  const { migrations, mode, shell, now } = options;
  if (mode === 'read') {
    updateForReading(options, path, file);
    const database = openReadOnly({ path: file, migrations });
    return { path, database, artifacts, work, close: () => database.close() };
  }
  let lock: DirectoryLock | undefined;
  try {
    makeFolder(path);
    lock = acquireLock(path, { pid: process.pid, shell, since: now().toISOString() });
    const held = lock;
    if (existsSync(work)) rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    mkdirSync(artifacts, { recursive: true });
    const restored = applyRestore(path, migrations);
    const database = openDatabase({ path: file, migrations, now });
    if (restored) {
      options.settleRestored?.(database, restored);
      finishRestore(path);
    }
    const close = () => {
      database.close();
      held.release();
    };
    return { path, database, artifacts, work, close };
  } catch (error) {
    lock?.release();
    throw storageError(error, path);
  }
}

/** Brings a database of an older version to this one; beside a writer a copy of it is read instead. */
function updateForReading(
  { migrations, shell, now }: OpenDirectoryOptions,
  path: string,
  file: string,
): void {
  if (!existsSync(file) || !canWriteDatabase(file) || !isOlder(file, migrations)) return;
  let lock: DirectoryLock;
  try {
    lock = acquireLock(path, { pid: process.pid, shell, since: now().toISOString() });
  } catch (error) {
    if (error instanceof StudioError && error.code === 'locked') return;
    throw error;
  }
  try {
    openDatabase({ path: file, migrations, now }).close();
  } finally {
    lock.release();
  }
}

/**
 * Where a shell keeps files of its own (log, window, browser profile): in the data directory or, where
 * that is there and cannot be written, in a temporary folder, which no other user and no other data
 * directory shares.
 */
export function ownFilesOf(dataDir: string): string {
  const path = resolve(dataDir);
  if (!existsSync(path) || canWriteBeside(join(path, 'studio.sqlite'))) return dataDir;
  const of = createHash('sha256').update(`${userInfo().uid} ${path}`).digest('hex').slice(0, 12);
  return join(tmpdir(), `saliency-studio-reader-${of}`);
}

/** A data directory, and what named it: an option, or a variable of the environment. */
export interface DataPlace {
  readonly path: string;
  readonly from: string;
}

const ownVariable = 'SALIENCY_STUDIO_DATA';

/**
 * Where each operating system keeps an application's data.
 *
 * @throws StudioError `invalid-input` naming the variable that would mean a folder of wherever the
 *   program happens to be started
 */
export function defaultDataPlace(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
): DataPlace {
  const whole = (from: string, path: string): string => {
    if (isAbsolute(path)) return path;
    throw refuse(from, path, 'the whole path of a folder, from its root');
  };
  const below = (from: string, base: string, ...path: string[]): DataPlace => ({
    path: join(whole(from, base), ...path, 'saliency-studio'),
    from,
  });
  const own = env[ownVariable];
  if (own !== undefined) return { path: whole(ownVariable, own), from: ownVariable };
  if (platform === 'darwin') return below('HOME', home, 'Library', 'Application Support');
  if (platform === 'win32') {
    const local = env['LOCALAPPDATA'];
    return local ? below('LOCALAPPDATA', local) : below('HOME', home, 'AppData', 'Local');
  }
  const base = env['XDG_DATA_HOME'];
  return base ? below('XDG_DATA_HOME', base) : below('HOME', home, '.local', 'share');
}

/**
 * The data directory that a shell is given with --data, or the default one.
 *
 * @throws StudioError `invalid-input` naming the option or variable, where it is no folder and cannot
 *   become one
 */
export function chooseDataPlace(
  given: string | null,
  otherwise: () => DataPlace = defaultDataPlace,
): DataPlace {
  if (given?.trim() === '') throw refuse('--data', given, 'the path of a folder');
  const place = given === null ? otherwise() : { path: resolve(given), from: '--data' };
  const why = folderProblem(place.path);
  if (why === null) return place;
  throw refuse(place.from, place.path, `a folder, there or to be made (${why})`);
}

/** What opening refused for its place's sake, naming what named the place. */
export function namingDataPlace(error: unknown, { path, from }: DataPlace): unknown {
  if (!(error instanceof StudioError) || error.code !== 'read-only') return error;
  const named = error.data.details?.['path'];
  if (named === undefined || !named.startsWith(resolve(path))) return error;
  const { message, details } = error.data;
  return new StudioError(
    {
      code: 'invalid-input',
      message: `${from}: ${message}`,
      field: from,
      value: JSON.stringify(path),
      ...(details && { details }),
    },
    error,
  );
}

import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Null for what is not there, and for links, pipes and folders, which workers may put in its place; also
 * for what lies behind a link that they put in the place of its folder.
 */
export async function plainFile(path: string): Promise<Stats | null> {
  if (!(await isFolder(dirname(path)))) return null;
  const found = await lstat(path).catch(() => null);
  return found?.isFile() === true ? found : null;
}

/**
 * Open a plain file to read: no link is followed, to it or its folder, and a pipe not waited for.
 *
 * @throws the system's error; ENOENT for what is no plain file, too
 */
export async function openPlain(path: string): Promise<FileHandle> {
  if (!(await isFolder(dirname(path)))) throw notPlain(path);
  const file = await open(path, constants.O_RDONLY | noLink | constants.O_NONBLOCK);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw notPlain(path);
}

/** Open a file to write, from its end on or anew; a link is not followed. */
export function openOwn(path: string, mode: 'append' | 'anew'): Promise<FileHandle> {
  const from = mode === 'append' ? constants.O_APPEND : constants.O_TRUNC;
  return open(path, constants.O_WRONLY | constants.O_CREAT | noLink | from, 0o600);
}

/** Delete what is there; behind a link that took the place of its folder, nothing. */
export async function removeOwn(path: string): Promise<void> {
  if (await isFolder(dirname(path))) await rm(path, { force: true });
}

/** Not where a link to one is. */
export async function isFolder(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found?.isDirectory() === true;
}

/** Whether a file could not be opened because it is not for this user, or no file: waiting opens neither. */
export const mayNotRead = (error: unknown): boolean =>
  ['EACCES', 'EPERM', 'ELOOP', 'ENXIO'].includes(String(Reflect.get(Object(error), 'code')));

const notPlain = (path: string) =>
  Object.assign(new Error(`${path} is no plain file`), { code: 'ENOENT', path });

/** Windows has none. */
const noLink = constants.O_NOFOLLOW ?? 0;

import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';

/** Null for what is not there, and for links, pipes and folders, which workers may put in its place. */
export async function plainFile(path: string): Promise<Stats | null> {
  const found = await lstat(path).catch(() => null);
  return found?.isFile() === true ? found : null;
}

/**
 * Open a plain file to read: a link is not followed, and a pipe not waited for.
 *
 * @throws the system's error; ENOENT for what is no plain file, too
 */
export async function openPlain(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | noLink | constants.O_NONBLOCK);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw Object.assign(new Error(`${path} is no plain file`), { code: 'ENOENT', path });
}

/** Open a file to write, from its end on or anew; a link is not followed. */
export function openOwn(path: string, mode: 'append' | 'anew'): Promise<FileHandle> {
  const from = mode === 'append' ? constants.O_APPEND : constants.O_TRUNC;
  return open(path, constants.O_WRONLY | constants.O_CREAT | noLink | from, 0o600);
}

/** Windows has none. */
const noLink = constants.O_NOFOLLOW ?? 0;

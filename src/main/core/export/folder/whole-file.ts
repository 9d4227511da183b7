import { copyFile, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileFailure } from '../../../../shared/errors';
import { makeFolder, removeMade } from '../../storage/make-folder';
import { isAlive } from '../../storage/process-alive';
import { stagingName, stagings } from './owned';

/** What a file holds, or the path of the file that it is a copy of. */
export type WholeSource =
  | {
      readonly bytes: Uint8Array;
      /** Who may read it; default what the user’s umask says. */
      readonly mode?: number;
    }
  | { readonly copyOf: string };

/**
 * A file whole or not at all: gathered under another name beside its place, then renamed. Folders
 * above it are made; nothing of them, or of it, stays behind where that fails.
 *
 * @throws StudioError that names the path
 */
export async function writeWholeFile(path: string, source: WholeSource): Promise<void> {
  const folder = dirname(path);
  const part = join(folder, stagingName());
  let made: string | null = null;
  try {
    made = makeFolder(folder);
    await sweep(folder);
    if ('bytes' in source) {
      const { bytes, mode = 0o666 } = source;
      await writeFile(part, bytes, { flag: 'wx', flush: true, mode });
    } else await copyWhole(source.copyOf, part);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    if (made !== null) removeMade(folder, made);
    throw fileFailure(error, path);
  }
}

async function copyWhole(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const handle = await open(to, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Parts of files that killed processes left; what they gathered of a folder is the folder's matter. */
async function sweep(folder: string): Promise<void> {
  for (const { path, pid } of await stagings(folder)) {
    if (isAlive(pid)) continue;
    const found = await stat(path).catch(() => null);
    if (found?.isFile()) await rm(path, { force: true });
  }
}

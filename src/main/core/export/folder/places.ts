import { constants } from 'node:fs';
import { access, mkdir, open, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { reasonOf } from '../../../../shared/errors';
import { danglingAbove, folderProblem } from '../../storage/folder-problem';
import { makeFolder, removeMade } from '../../storage/make-folder';
import { manifestName } from './manifest';
import { manifestAt, stagedFiles, stagingName } from './owned';

/** As long as any name that is written into a folder. */
const longName = 'x'.repeat(80);

/**
 * Why nothing can be written into a folder, which need not be there yet, as a clause; null where it
 * can. It is tried, since rights alone do not tell: nothing is left behind.
 */
export async function folderObstacle(path: string): Promise<string | null> {
  const wrong = folderProblem(path);
  if (wrong !== null) return wrong;
  const staging = join(path, stagingName());
  let made: string | null = null;
  try {
    made = makeFolder(path);
    await mkdir(join(staging, stagedFiles), { recursive: true });
    const probe = await open(join(staging, stagedFiles, longName), 'wx');
    await probe.close();
    return null;
  } catch (error) {
    return whyNot(error);
  } finally {
    await rm(staging, { recursive: true, force: true }).catch(() => undefined);
    if (made !== null) removeMade(path, made);
  }
}

/** Whether a path means a folder to write a file to: it is one, or ends in a separator. */
export async function namesFolder(path: string, given: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found ? found.isDirectory() : given.endsWith('/') || given.endsWith(sep);
}

/** A symbolic link stays one: what it leads to is written. */
export async function linkedFile(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** Why a file cannot be written, as a clause; null where it can. Nothing is left behind. */
export async function fileObstacle(path: string): Promise<string | null> {
  let found: Awaited<ReturnType<typeof stat>> | null = null;
  try {
    found = await stat(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') return reasonOf(error);
    const dangling = danglingAbove(path);
    if (dangling !== null) return dangling;
  }
  if (found && !found.isFile()) return 'it is neither a file nor a folder';
  if (found) {
    const locked = await access(path, constants.W_OK).then(() => null, reasonOf);
    if (locked !== null) return locked;
  }
  const target = found ? await realpath(path) : path;
  const listing = await manifestAt(join(dirname(target), manifestName));
  const name = basename(target);
  if (listing && (name === manifestName || listing.files.some((file) => file.name === name))) {
    return `it belongs to ${listing.title}, whose manifest.json lists it`;
  }
  const folder = dirname(target);
  const part = join(folder, stagingName());
  let made: string | null = null;
  try {
    made = makeFolder(folder);
    await (await open(part, 'wx')).close();
    return null;
  } catch (error) {
    return whyNot(error);
  } finally {
    await rm(part, { force: true }).catch(() => undefined);
    if (made !== null) removeMade(folder, made);
  }
}

/** Why a file or folder cannot be read, as a clause; null where it can. */
export async function inputObstacle(path: string): Promise<string | null> {
  try {
    await access(path, constants.R_OK);
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Where nothing can be made, some file systems say that nothing is there. */
function whyNot(error: unknown): string {
  return codeOf(error) === 'ENOENT' ? 'nothing can be made there' : reasonOf(error);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { StudioError } from '../../../../shared/errors';
import { isJunk } from '../../../../shared/junk-files';
import { type Found, largestManifest, manifestPath, ownFiles, studyIn } from './paths';
import { refused } from './refused';
import { archiveLimits, type Files } from './zip';

/**
 * The files of an archive that was unpacked, wherever in the folder it begins: those that its manifest
 * lists, for what else lies there is none of it. Symbolic links are followed as long as they stay in
 * the folder.
 *
 * @returns null where the folder holds no archive
 * @throws StudioError `corrupt-file` for a link that leads out, and for more than the limits
 */
export async function readArchiveFolder(
  folder: string,
  limits = archiveLimits,
): Promise<Files | null> {
  const root = await realpath(folder);
  const { found, whole, hidden } = await filesBelow(root, limits.files);
  // A folder of very much else may hold any file of that name somewhere.
  const searched = whole ? found : found.filter(({ path }) => path === manifestPath);
  const study = await studyIn(searched, textOf);
  if (!study.found) {
    if (hidden) throw hidden;
    return null;
  }
  const { root: at, listed } = study;
  if (!listed && !whole) {
    throw refused(`It holds more than the ${limits.files} files that are taken`);
  }
  const own = listed ? await namedBelow(root, at, listed) : await ownFiles(found, textOf);
  const files = new Map<string, Uint8Array>();
  let total = 0;
  for (const [path, place] of [...own].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (place instanceof StudioError) throw place;
    total += (await reading(path, stat(place))).size;
    if (total > limits.bytes) throw refused(`With ${path} it is larger than ${limits.bytes} bytes`);
    files.set(path, await reading(path, readFile(place)));
  }
  return files;
}

/** Files by the names that a manifest gives them; one that is missing is found missing later. */
async function namedBelow(
  root: string,
  at: string,
  names: Iterable<string>,
): Promise<Map<string, string | StudioError>> {
  const places = new Map<string, string | StudioError>();
  for (const name of names) {
    const path = `${at}${name}`;
    const there = await unlessGone(lstat(join(root, path))).catch((error: unknown) =>
      refused(`${path} cannot be read`, error),
    );
    if (there) places.set(name, there instanceof StudioError ? there : await insideOf(root, path));
  }
  return places;
}

/** A manifest's text; '' for one that is refused with its reason if it turns out to be the study's. */
async function textOf(place: string | StudioError): Promise<string> {
  try {
    if (place instanceof StudioError || (await stat(place)).size > largestManifest) return '';
    return await readFile(place, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Files with where they really are, or why a link is refused if it is part of an archive. Not `whole`
 * where there are more than `most` files and folders: a folder that holds very much else is not read to
 * its end, nor are folders that hold one another. Others may write there meanwhile: what is gone when
 * it is looked at is passed over, and what cannot be read is `hidden`.
 */
async function filesBelow(
  root: string,
  most: number,
): Promise<{
  found: Found<string | StudioError>[];
  whole: boolean;
  hidden: StudioError | null;
}> {
  const found: Found<string | StudioError>[] = [];
  let hidden: StudioError | null = null;
  const waiting = [''];
  let seen = 0;
  for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
    const names = await unlessGone(readdir(join(root, folder))).catch((error: unknown) => {
      hidden ??= refused(`${folder || root} cannot be read`, error);
    });
    for (const name of names ?? []) {
      if (isJunk(name)) continue;
      seen += 1;
      if (seen > most) return { found, whole: false, hidden };
      const path = folder === '' ? name : `${folder}/${name}`;
      const hide = (error: unknown) => {
        hidden ??= refused(`${path} cannot be read`, error);
      };
      const there = await unlessGone(lstat(join(root, path))).catch(hide);
      if (!there) continue;
      const place = there.isSymbolicLink() ? await insideOf(root, path) : join(root, path);
      if (place instanceof StudioError) {
        found.push({ path, content: place });
        continue;
      }
      const target = await unlessGone(stat(place)).catch(hide);
      if (target?.isDirectory()) waiting.push(path);
      else if (target?.isFile()) found.push({ path, content: place });
    }
  }
  return { found, whole: true, hidden };
}

/** Where a path below the folder really is, links followed; or why it is nowhere there. */
async function insideOf(root: string, path: string): Promise<string | StudioError> {
  const place = await realpath(join(root, path)).catch(() => null);
  if (place === null) return refused(`${path} is a symbolic link to nothing that can be read`);
  const fromRoot = relative(root, place);
  if (fromRoot === '..' || fromRoot.startsWith(`..${sep}`) || isAbsolute(fromRoot)) {
    return refused(`${path} is a symbolic link to ${place}, outside the folder`);
  }
  return place;
}

/** Null for what is not there, or no longer. */
async function unlessGone<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

async function reading<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw refused(`${path} cannot be read`, error);
  }
}

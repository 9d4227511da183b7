import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { isJunk } from '../../../shared/junk-files';
import { parseManifest } from '../output/manifest';
import { archivePaths, type Found, manifestPath, rootOf } from './paths';
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
  const { found, whole } = await filesBelow(root, limits.files);
  const paths = found.map(({ path }) => path);
  if (!paths.includes(`${rootOf(paths)}${manifestPath}`)) return null;
  if (!whole) throw refused(`It holds more than the ${limits.files} files that are taken`);
  const files = new Map<string, Uint8Array>();
  let total = 0;
  const own = [...archivePaths(found)].sort(([a], [b]) => (a < b ? -1 : 1));
  const listed = await listedIn(own.find(([path]) => path === manifestPath)?.[1]);
  for (const [path, place] of own) {
    if (listed && path !== manifestPath && !listed.has(path)) continue;
    total += (await reading(path, stat(place))).size;
    if (total > limits.bytes) throw refused(`With ${path} it is larger than ${limits.bytes} bytes`);
    files.set(path, await reading(path, readFile(place)));
  }
  return files;
}

/** What a manifest lists; null where it is none, which reading the archive then refuses. */
async function listedIn(place: string | undefined): Promise<ReadonlySet<string> | null> {
  if (place === undefined) return null;
  const manifest = parseManifest(await reading(manifestPath, readFile(place, 'utf8')));
  return manifest && new Set(manifest.files.map(({ name }) => name));
}

/**
 * Files with where they really are. Not `whole` where there are more than `most` files and folders:
 * a folder that holds very much else is not read to its end, nor are folders that hold one another.
 */
async function filesBelow(
  root: string,
  most: number,
): Promise<{ found: Found<string>[]; whole: boolean }> {
  const found: Found<string>[] = [];
  const waiting = [''];
  let seen = 0;
  for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
    for (const name of await reading(folder || root, readdir(join(root, folder)))) {
      if (isJunk(name)) continue;
      seen += 1;
      if (seen > most) return { found, whole: false };
      const path = folder === '' ? name : `${folder}/${name}`;
      const place = await insideOf(root, path);
      const target = await reading(path, stat(place));
      if (target.isDirectory()) waiting.push(path);
      else if (target.isFile()) found.push({ path, content: place });
    }
  }
  return { found, whole: true };
}

/** Where a path below the folder really is, links followed. */
async function insideOf(root: string, path: string): Promise<string> {
  const place = await realpath(join(root, path)).catch(() => null);
  if (place === null) throw refused(`${path} is a symbolic link to nothing that can be read`);
  const way = relative(root, place);
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw refused(`${path} is a symbolic link to ${place}, outside the folder`);
  }
  return place;
}

async function reading<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw refused(`${path} cannot be read`, error);
  }
}

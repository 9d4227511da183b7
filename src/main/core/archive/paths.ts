import { isJunkPath } from '../../../shared/junk-files';
import { parseManifest } from '../output/manifest';
import { refused } from './refused';

export const manifestPath = 'manifest.json';

/** Plain names in folders: the only paths that we write. */
const segment = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** Folders that others packed an archive within. */
const deepest = 3;

/** A file as it is found somewhere, by its path there with `/` between folders. */
export interface Found<T> {
  readonly path: string;
  readonly content: T;
}

/**
 * The archive's own files among those that are found, by their paths from its manifest's folder: those
 * that the manifest lists, for what else lies there is none of it, and the folders around it may have
 * any name.
 *
 * @param textOf reads a manifest that is found
 * @throws StudioError `corrupt-file` for a path that leads out or comes twice; and, where no manifest
 *   of ours says what belongs to it, for one that is none that we write
 */
export async function ownFiles<T>(
  found: readonly Found<T>[],
  textOf: (manifest: T) => Promise<string>,
): Promise<Map<string, T>> {
  for (const { path } of found) requireInside(path);
  const own = found.filter(({ path }) => !isJunkPath(path));
  const root = rootOf(own.map(({ path }) => path));
  const manifest = own.find(({ path }) => path === `${root}${manifestPath}`);
  const listed = manifest ? listedNames(await textOf(manifest.content)) : null;
  const files = new Map<string, T>();
  for (const { path, content } of own) {
    const name = path.startsWith(root) ? path.slice(root.length) : null;
    if (listed && (name === null || !listed.has(name))) continue;
    if (!name?.split('/').every((part) => segment.test(part))) {
      throw refused(`${JSON.stringify(path)} is no path that belongs in it`);
    }
    if (files.has(name)) throw refused(`${name} is in it twice`);
    files.set(name, content);
  }
  return files;
}

/** The manifest and what it lists; null where it is none of ours, which reading the archive refuses. */
export function listedNames(manifest: string): ReadonlySet<string> | null {
  const parsed = parseManifest(manifest);
  return parsed && new Set([...parsed.files.map(({ name }) => name), manifestPath]);
}

/** The folder of the manifest with a `/` behind, '' for the top or where there is none. */
export function rootOf(paths: readonly string[]): string {
  const depth = (path: string) => path.split('/').length;
  const manifests = paths.filter(
    (path) => `/${path}`.endsWith(`/${manifestPath}`) && depth(path) <= deepest + 1,
  );
  const least = Math.min(...manifests.map(depth));
  const [first, second] = manifests.filter((path) => depth(path) === least);
  if (first !== undefined && second !== undefined && first !== second) {
    throw refused(`It holds more than one study: ${first} and ${second}`);
  }
  return (first ?? manifestPath).slice(0, -manifestPath.length);
}

/** Throws `corrupt-file` for a path that leads out of the archive; `name`: as it is written there. */
export function requireInside(path: string, name = path): void {
  const steps = path.split('/');
  const plain = steps.every((step) => step !== '' && step !== '.' && step !== '..');
  if (plain && !/^[A-Za-z]:|[\\\0]/.test(path)) return;
  throw refused(`${JSON.stringify(name)} is no path that belongs in it`);
}

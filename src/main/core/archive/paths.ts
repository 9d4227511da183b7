import { isJunkPath } from '../../../shared/junk-files';
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
 * The archive's own files among those that are found, by their paths from its manifest's folder.
 * What file managers leave is passed over; the folders around the archive may have any name.
 *
 * @throws StudioError `corrupt-file` for a path that leads out, comes twice, lies beside the archive
 *   or is none that we write
 */
export function archivePaths<T>(found: readonly Found<T>[]): Map<string, T> {
  for (const { path } of found) requireInside(path);
  const own = found.filter(({ path }) => !isJunkPath(path));
  const root = rootOf(own.map(({ path }) => path));
  const files = new Map<string, T>();
  for (const { path, content } of own) {
    if (!path.startsWith(root)) throw refused(`${path} is not part of the study in ${root}`);
    const name = path.slice(root.length);
    if (!name.split('/').every((part) => segment.test(part))) {
      throw refused(`${JSON.stringify(path)} is no path that belongs in it`);
    }
    if (files.has(name)) throw refused(`${name} is in it twice`);
    files.set(name, content);
  }
  return files;
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

import { isJunkPath } from '../../../../shared/junk-files';
import { parseManifest } from '../../export/folder/manifest';
import { refused } from './refused';

export const manifestPath = 'manifest.json';
export const archiveFormat = 'saliency-studio/study-archive';

/** In bytes: one of 20,000 files has 4 MB. */
export const largestManifest = 2 ** 25;

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
  const { root, listed } = await studyIn(own, textOf);
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
function listedNames(manifest: string): ReadonlySet<string> | null {
  const parsed = parseManifest(manifest.replace(/^\uFEFF/, ''));
  if (parsed?.format !== archiveFormat) return null;
  return new Set([...parsed.files.map(({ name }) => name), manifestPath]);
}

/**
 * The folder of the study among files, with a `/` behind or '' for the top, and what its manifest lists:
 * of the manifests of studies the one that lies highest, else any (`listed` is null). `found` says
 * whether there is one.
 *
 * @param textOf '' for one that cannot be read
 */
export async function studyIn<T>(
  files: readonly Found<T>[],
  textOf: (manifest: T) => Promise<string>,
): Promise<{ root: string; listed: ReadonlySet<string> | null; found: boolean }> {
  const depth = ({ path }: { readonly path: string }) => path.split('/').length;
  const candidates = files
    .filter((file) => `/${file.path}`.endsWith(`/${manifestPath}`) && depth(file) <= deepest + 1)
    .sort((a, b) => depth(a) - depth(b));
  let first: { path: string; listed: ReadonlySet<string> } | null = null;
  for (const candidate of candidates) {
    if (first && depth(candidate) > depth(first)) break;
    const listed = listedNames(await textOf(candidate.content));
    if (!listed) continue;
    if (first && first.path !== candidate.path) {
      throw refused(`It holds more than one study: ${first.path} and ${candidate.path}`);
    }
    first = { path: candidate.path, listed };
  }
  const path = first?.path ?? candidates[0]?.path;
  const root = (path ?? manifestPath).slice(0, -manifestPath.length);
  return { root, listed: first?.listed ?? null, found: path !== undefined };
}

/** Throws `corrupt-file` for a path that leads out of the archive; `name`: as it is written there. */
export function requireInside(path: string, name = path): void {
  const steps = path.split('/');
  const plain = steps.every((step) => step !== '' && step !== '.' && step !== '..');
  if (plain && !/^[A-Za-z]:|[\\\0]/.test(path)) return;
  throw refused(`${JSON.stringify(name)} is no path that belongs in it`);
}

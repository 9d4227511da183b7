import { randomBytes } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hashFile } from '../../artifacts/hash';
import { manifestName, type OutputManifest, parseManifest } from './manifest';

/** Which files of an output folder are ours, by the manifests that list them. */
export interface Owned {
  /** The result that the folder belongs to; null: it belongs to none of ours. */
  readonly manifest: OutputManifest | null;
  /** Results of whole subfolders that the folder's own manifest does not list as they are now. */
  readonly within: readonly OutputManifest[];
  /** A file that some manifest of ours lists and that is as it was written. */
  has(name: string): Promise<boolean>;
  /** Every name that a manifest of ours lists. */
  readonly listed: readonly string[];
}

const stagingPattern = /^\.saliency-studio-(\d+)-[0-9a-f]{8}\.part$/;

/** Where a process gathers what it writes until it is whole: hidden, and nobody else's name. */
export const stagingName = (): string =>
  `.saliency-studio-${process.pid}-${randomBytes(4).toString('hex')}.part`;

/** Within it: the files to be, and the manifest that they replace. */
export const stagedFiles = 'new';
export const stagedPrevious = 'previous.json';

export interface Leftover {
  readonly path: string;
  readonly pid: number;
}

/** What processes gathered, or still gather, in a folder. */
export async function stagings(folder: string): Promise<Leftover[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => {
    const pid = stagingPattern.exec(name)?.[1];
    return pid === undefined ? [] : [{ path: join(folder, name), pid: Number(pid) }];
  });
}

/**
 * Look at a folder: its manifest, those of its subfolders that are about to be written, and those of
 * a write that a killed process left half done.
 */
export async function ownedIn(
  folder: string,
  subfolders: Iterable<string>,
  leftovers: readonly Leftover[],
): Promise<Owned> {
  const hashes = new Map<string, Set<string>>();
  const add = (manifest: OutputManifest | null, below = '') => {
    for (const { name, sha256 } of manifest?.files ?? []) {
      const path = `${below}${name}`;
      hashes.set(path, (hashes.get(path) ?? new Set()).add(sha256));
    }
  };
  const own = await manifestAt(join(folder, manifestName));
  const halfDone: (OutputManifest | null)[] = [];
  for (const { path } of leftovers) {
    halfDone.push(await manifestAt(join(path, stagedPrevious)));
    halfDone.push(await manifestAt(join(path, stagedFiles, manifestName)));
  }
  for (const manifest of [own, ...halfDone]) add(manifest);
  const isAsWritten = async (name: string) =>
    hashes.get(name)?.has((await hashOf(folder, name)) ?? '') ?? false;
  const manifests = new Set(own || halfDone.some(Boolean) ? [manifestName] : []);
  const within: OutputManifest[] = [];
  for (const subfolder of subfolders) {
    const name = `${subfolder}/${manifestName}`;
    if (!(await isPlainFile(folder, name)) || (await isAsWritten(name))) continue;
    const manifest = await manifestAt(join(folder, name));
    if (!manifest) continue;
    within.push(manifest);
    manifests.add(name);
    add(manifest, `${subfolder}/`);
  }
  return {
    manifest: own ?? halfDone.find((manifest) => manifest !== null) ?? null,
    within,
    listed: [...new Set([...hashes.keys(), ...manifests])],
    has: async (name) =>
      (manifests.has(name) && (await isPlainFile(folder, name))) || isAsWritten(name),
  };
}

/** Whether there is anything of this name, whatever it is. */
export async function isThere(folder: string, name: string): Promise<boolean> {
  return lstat(join(folder, name)).then(
    () => true,
    (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'ENOENT'),
  );
}

/** A regular file that is reached through folders alone, so that it lies in `folder` for certain. */
async function isPlainFile(folder: string, name: string): Promise<boolean> {
  for (let at = dirname(name); at !== '.'; at = dirname(at)) {
    const found = await lstat(join(folder, at)).catch(() => null);
    if (!found?.isDirectory()) return false;
  }
  const found = await lstat(join(folder, name)).catch(() => null);
  return found?.isFile() ?? false;
}

/** The sha256 of a plain file, null where there is none that can be read. */
async function hashOf(folder: string, name: string): Promise<string | null> {
  if (!(await isPlainFile(folder, name))) return null;
  return hashFile(join(folder, name), 'sha256').catch(() => null);
}

const largest = 64 * 2 ** 20;

/** Null for a file that is not there, or no manifest of ours. */
export async function manifestAt(path: string): Promise<OutputManifest | null> {
  const found = await lstat(path).catch(() => null);
  if (!found?.isFile() || found.size > largest) return null;
  return parseManifest(await readFile(path, 'utf8').catch(() => ''));
}

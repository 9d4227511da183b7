import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StudioError } from '../../../shared/errors';
import { type Database } from '../storage/database';
import { storageError } from '../storage/storage-error';
import { type Artifact, type ArtifactKind, ArtifactsRepository } from './artifacts';

const hour = 3_600_000;

/**
 * Large arrays as files named by the hash of what determines them: written under another name,
 * synced, renamed, then recorded. Reading verifies the content's hash.
 */
export class ArtifactStore {
  readonly root: string;
  readonly #database: Database;
  readonly #rows: ArtifactsRepository;
  readonly #now: () => Date;
  /** Files verified by this process: key to size and time of change. */
  readonly #verified = new Map<string, string>();

  constructor(options: { root: string; database: Database; now: () => Date }) {
    this.root = options.root;
    this.#database = options.database;
    this.#rows = new ArtifactsRepository(options.database);
    this.#now = options.now;
  }

  /** The row of a key whose file is there; a row whose file is gone is forgotten. */
  async get(key: string): Promise<Artifact | undefined> {
    const artifact = this.#rows.get(key);
    if (!artifact) return undefined;
    const found = await stat(join(this.root, artifact.path)).catch(() => undefined);
    if (found?.size === artifact.bytes) return artifact;
    this.#forget(key);
    return undefined;
  }

  async has(key: string): Promise<boolean> {
    return (await this.get(key)) !== undefined;
  }

  /**
   * Move a finished file in. `sha256`, where the maker stated one, is checked (`corrupt-file`).
   * A key that is there already keeps its file, and the new one is deleted.
   */
  async adopt(options: {
    file: string;
    kind: ArtifactKind;
    key: string;
    sha256?: string | undefined;
  }): Promise<Artifact> {
    const { file, kind, key } = options;
    try {
      const present = await this.get(key);
      if (present) {
        await rm(file, { force: true });
        return present;
      }
      const { sha256, bytes } = await hashFile(file);
      if (options.sha256 !== undefined && options.sha256 !== sha256) {
        throw new StudioError({
          code: 'corrupt-file',
          message: `The file ${file} changed after it was written: run the step again.`,
          details: { expected: options.sha256, found: sha256 },
        });
      }
      this.#refuseOther(key, sha256);
      await sync(file);
      const path = pathOf(key);
      const target = join(this.root, path);
      const made = await mkdir(dirname(target), { recursive: true });
      // A new folder's name is its parent's content: without this a power cut could take it.
      if (made !== undefined) await sync(this.root);
      await rename(file, target);
      await sync(dirname(target));
      const artifact = { key, kind, sha256, bytes, path, createdAt: this.#now().toISOString() };
      this.#rows.insert(artifact);
      return artifact;
    } catch (error) {
      throw storageError(error, this.root);
    }
  }

  /** Store bytes that core itself made; in pieces where they are too many to be held at once. */
  async put(options: {
    bytes: Uint8Array | AsyncIterable<Uint8Array>;
    kind: ArtifactKind;
    key: string;
  }): Promise<Artifact> {
    const file = join(this.root, `.${randomUUID()}.part`);
    try {
      const handle = await open(file, 'wx');
      try {
        await handle.writeFile(options.bytes);
      } finally {
        await handle.close();
      }
      return await this.adopt({ file, kind: options.kind, key: options.key });
    } catch (error) {
      await rm(file, { force: true }).catch(() => undefined);
      throw storageError(error, this.root);
    }
  }

  /** The verified bytes. `not-found` without a row; `corrupt-file` where the content changed. */
  async read(key: string): Promise<Buffer> {
    const artifact = await this.#require(key);
    const bytes = await readFile(join(this.root, artifact.path));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (sha256 !== artifact.sha256) throw await this.#corrupt(artifact, sha256);
    return bytes;
  }

  /** The path of a verified file, for the engine. Its hash is taken once while it is unchanged. */
  async open(key: string): Promise<string> {
    const artifact = await this.#require(key);
    const path = join(this.root, artifact.path);
    const { size, mtimeMs } = await stat(path);
    const mark = `${size}:${mtimeMs}`;
    if (this.#verified.get(key) !== mark) {
      const { sha256 } = await hashFile(path);
      if (sha256 !== artifact.sha256) throw await this.#corrupt(artifact, sha256);
      this.#verified.set(key, mark);
    }
    return path;
  }

  /** The path of a verified file of such a content; null where there is none. */
  async find(sha256: string): Promise<string | null> {
    const artifact = this.#rows.withContent(sha256);
    return artifact && (await this.has(artifact.key)) ? this.open(artifact.key) : null;
  }

  usage(): { artifacts: number; bytes: number; unusedBytes: number } {
    return this.#rows.usage();
  }

  count(kind: ArtifactKind): number {
    return this.#rows.count(kind);
  }

  /** Bytes that the file system has left for this user. */
  async freeBytes(): Promise<number> {
    const found = await statfs(this.root).catch(() => undefined);
    return found ? found.bavail * found.bsize : 0;
  }

  /** Delete an artifact that nothing names; says whether it did. */
  async discard({ key, path }: Pick<Artifact, 'key' | 'path'>): Promise<boolean> {
    if (!this.#rows.deleteUnused(key)) return false;
    await rm(join(this.root, path), { force: true });
    this.#verified.delete(key);
    return true;
  }

  /**
   * Delete artifacts that nothing names and that are older than an hour (a younger one may be about
   * to be named), and files in the store without a row, by the same age.
   */
  async collectGarbage(olderThan = hour): Promise<{ artifacts: number; bytes: number }> {
    const before = this.#now().getTime() - olderThan;
    let artifacts = 0;
    let bytes = 0;
    for (const artifact of this.#rows.unused(new Date(before).toISOString())) {
      if (!(await this.discard(artifact))) continue;
      artifacts += 1;
      bytes += artifact.bytes;
    }
    for (const path of await filesUnder(this.root)) {
      const key = path.slice(path.lastIndexOf('/') + 1);
      if (this.#rows.get(key)?.path === path) continue;
      const found = await stat(join(this.root, path)).catch(() => undefined);
      if (!found || found.mtimeMs >= before) continue;
      await rm(join(this.root, path), { force: true });
      artifacts += 1;
      bytes += found.size;
    }
    return { artifacts, bytes };
  }

  /**
   * Give up what no later work needs, although items of jobs made it: they stay done. What anything
   * else names stays.
   */
  async release(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const artifact = this.#rows.get(key);
      if (!artifact || !this.#rows.release(key)) continue;
      await rm(join(this.root, artifact.path), { force: true });
      this.#verified.delete(key);
    }
  }

  async #require(key: string): Promise<Artifact> {
    const artifact = await this.get(key);
    if (artifact) return artifact;
    throw new StudioError({
      code: 'not-found',
      message: `The file ${key} is not in the store: it will be computed again when it is needed.`,
      details: { key },
    });
  }

  async #corrupt(artifact: Artifact, found: string): Promise<StudioError> {
    this.#forget(artifact.key);
    if (!this.#database.readonly) await rm(join(this.root, artifact.path), { force: true });
    return new StudioError({
      code: 'corrupt-file',
      message: `The ${artifact.kind} file ${artifact.path} was damaged on disk; it was dropped and will be computed again.`,
      details: { key: artifact.key, expected: artifact.sha256, found },
    });
  }

  /** What a study shows is frozen: its row outlives its file, and the same bytes must come back. */
  #refuseOther(key: string, sha256: string): void {
    const frozen = this.#rows.get(key);
    if (!frozen || frozen.sha256 === sha256) return;
    throw new StudioError({
      code: 'corrupt-file',
      message: `The ${frozen.kind} file ${frozen.path} belongs to a study and was lost; computing it again gave something else, so that the study cannot go on with it: make a new version of the study.`,
      details: { key, expected: frozen.sha256, found: sha256 },
    });
  }

  /** A reader leaves the mending to the writer. */
  #forget(key: string): void {
    this.#verified.delete(key);
    if (!this.#database.readonly) this.#rows.forget(key);
  }
}

function pathOf(key: string): string {
  if (!/^[0-9a-f]{64}$/.test(key)) throw new RangeError(`${key} is not an artifact key`);
  return `${key.slice(0, 2)}/${key}`;
}

async function hashFile(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('expected bytes');
    hash.update(chunk);
    bytes += chunk.byteLength;
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** Flush a file or a folder to the disk (Windows cannot open folders: it needs no flush there). */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (process.platform === 'win32') return undefined;
    throw error;
  });
  if (!handle) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function filesUnder(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .map((path) => path.replaceAll('\\', '/'));
}

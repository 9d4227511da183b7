import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { valueFor } from '../../../../shared/checked-reads';
import { fileFailure, StudioError } from '../../../../shared/errors';
import { formatBytes } from '../../../../shared/format/bytes';
import { hashFile } from '../../artifacts/hash';
import { isAlive, processSpace } from '../../storage/process-alive';
import { type Scratch, scratchIn } from '../../storage/scratch';

/** A blob by its content. */
export interface StoredBlob {
  readonly sha256: string;
  readonly bytes: number;
}

/** A blob that stays where it is until it is let go. */
export interface Held {
  readonly path: string;
  release(): Promise<void>;
}

export interface StoreOptions {
  readonly root: string;
  /** Bytes of all blobs together; only what is in use, which is never deleted, is refused above it. */
  readonly limit: number;
  /** How it may hold more, as a clause. Default: by the command line's option. */
  readonly more?: string;
}

/** Brings a blob to a file, its hash checked. */
export type Fetch = (blob: StoredBlob, file: string) => Promise<void>;

/** What is in use alone is more than a store may hold, which waiting does not mend. */
export class StoreTooSmall extends StudioError {}

/** Milliseconds after which what another machine's process left is taken for left. */
const abandoned = 7 * 24 * 3600 * 1000;

/**
 * A worker's own blobs, by their hash, the least recently used of which go where room is needed. Several
 * processes may share a folder: each holds what it uses by hard links in a folder of its own, so that
 * nothing is taken from under another, and a blob with one link alone is used by nobody.
 *
 *     blobs/SHA256            what there is
 *     used/PROCESS/blobs/…    what a process uses
 *     used/PROCESS/parts/…    what it is being sent
 *     used/PROCESS/work/…     what its engines write, and datasets as folders
 */
export class WorkerStore {
  readonly root: string;
  /** Where this process keeps what is its own. */
  readonly folder: string;
  /** A fresh folder within the store, deleted afterwards. */
  readonly scratch: Scratch;
  readonly #limit: number;
  readonly #more: string;
  readonly #holders = new Map<string, number>();
  readonly #arriving = new Map<string, Promise<void>>();
  /** Whose hash this process has taken. */
  readonly #verified = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    { root, limit, more = 'give it more with --store-size' }: StoreOptions,
    own: string,
  ) {
    this.root = root;
    this.#limit = limit;
    this.#more = more;
    this.folder = own;
    this.scratch = scratchIn(join(own, 'work'));
  }

  /**
   * Open or make one. What processes left there that have ended is cleared away.
   *
   * @throws StudioError where the folder cannot be written, or takes no hard links
   */
  static async open(options: StoreOptions): Promise<WorkerStore> {
    const { root } = options;
    const name = `${processSpace}-${process.pid}-${randomUUID()}`;
    const own = join(root, 'used', name);
    open.add(name);
    try {
      for (const folder of [join(root, 'blobs'), ...['blobs', 'parts', 'work'].map(inside(own))]) {
        await mkdir(folder, { recursive: true });
      }
      await requireLinks(root, own);
      await clearLeft(join(root, 'used'));
    } catch (error) {
      throw fileFailure(error, root);
    }
    return new WorkerStore(options, own);
  }

  /** A blob that is there or is brought by `fetch`. */
  async hold(blob: StoredBlob, fetch: Fetch, signal: AbortSignal): Promise<Held> {
    for (;;) {
      signal.throwIfAborted();
      const held = await this.#take(blob);
      if (held) return held;
      const other = this.#arriving.get(blob.sha256);
      // Whoever else asked for it may have given up: then it is this one's turn.
      if (other) await other.catch(() => undefined);
      else await this.#bring(blob, fetch);
    }
  }

  /** Take in a finished file, which is moved; its hash is known. */
  async adopt(blob: StoredBlob, file: string): Promise<Held> {
    await this.#makeRoom(blob.bytes);
    await this.#put(blob.sha256, file);
    const held = await this.#take(blob);
    if (!held) throw new RangeError(`${file} does not have ${blob.bytes} bytes`);
    return held;
  }

  /** Bytes of all blobs. */
  async usage(): Promise<number> {
    return (await this.#list()).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Let go of everything. */
  async close(): Promise<void> {
    open.delete(basename(this.folder));
    await rm(this.folder, { recursive: true, force: true });
  }

  async #bring(blob: StoredBlob, fetch: Fetch): Promise<void> {
    const arriving = (async () => {
      await this.#makeRoom(blob.bytes);
      const part = join(this.folder, 'parts', blob.sha256);
      await fetch(blob, part);
      await this.#put(blob.sha256, part);
    })();
    this.#arriving.set(blob.sha256, arriving);
    try {
      await arriving;
    } finally {
      this.#arriving.delete(blob.sha256);
    }
  }

  async #put(sha256: string, file: string): Promise<void> {
    const target = join(this.root, 'blobs', sha256);
    try {
      // What a blob's time tells is its last use; whole seconds, for readers compare that of content.
      await utimes(file, new Date(), new Date(contentTime));
      await rename(file, target);
      this.#verified.add(sha256);
    } catch (error) {
      throw fileFailure(error, this.root);
    }
  }

  /** Null: it is not there, or is damaged. */
  #take({ sha256, bytes }: StoredBlob): Promise<Held | null> {
    return this.#oneByOne(async () => {
      const holders = this.#holders.get(sha256) ?? 0;
      if (holders === 0 && !(await this.#link(sha256, bytes))) return null;
      this.#holders.set(sha256, holders + 1);
      return this.#held(sha256);
    });
  }

  /** Link it into what this process uses; false where it is not there, or is damaged. */
  async #link(sha256: string, bytes: number): Promise<boolean> {
    const [blob, own] = [join(this.root, 'blobs', sha256), this.#place(sha256)];
    try {
      await link(blob, own).catch(toleratePresent);
      if ((await stat(own)).size === bytes && (await this.#isWhole(sha256, own))) {
        await utimes(own, new Date(), new Date(contentTime));
        await utimes(this.folder, new Date(), new Date());
        return true;
      }
      await rm(own, { force: true });
      await rm(blob, { force: true });
      return false;
    } catch (error) {
      if (isMissing(error)) return false;
      throw fileFailure(error, this.root);
    }
  }

  async #isWhole(sha256: string, path: string): Promise<boolean> {
    if (this.#verified.has(sha256)) return true;
    if ((await hashFile(path, 'sha256')) !== sha256) return false;
    this.#verified.add(sha256);
    return true;
  }

  #held(sha256: string): Held {
    let held = true;
    return {
      path: this.#place(sha256),
      release: () =>
        this.#oneByOne(async () => {
          if (!held) return;
          held = false;
          const holders = valueFor(this.#holders, sha256) - 1;
          if (holders > 0) return void this.#holders.set(sha256, holders);
          this.#holders.delete(sha256);
          await rm(this.#place(sha256), { force: true });
        }),
    };
  }

  #place(sha256: string): string {
    return join(this.folder, 'blobs', sha256);
  }

  /** What is held changes one after the other. */
  #oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Delete the least recently used until so many bytes more are within the limit. */
  async #makeRoom(bytes: number): Promise<void> {
    const blobs = await this.#list();
    let used = blobs.reduce((sum, blob) => sum + blob.bytes, 0);
    const free = blobs.filter(({ links }) => links === 1).sort((a, b) => a.usedAt - b.usedAt);
    for (const blob of free) {
      if (used + bytes <= this.#limit) return;
      await rm(blob.path, { force: true });
      used -= blob.bytes;
    }
    if (used + bytes <= this.#limit) return;
    throw new StoreTooSmall({
      code: 'disk-full',
      message: `The worker’s store ${this.root} may hold ${formatBytes(this.#limit)}, and what is in use takes ${formatBytes(used + bytes)}: ${this.#more}.`,
      details: { path: this.root },
    });
  }

  async #list(): Promise<{ path: string; bytes: number; links: number; usedAt: number }[]> {
    const folder = join(this.root, 'blobs');
    const names = await readdir(folder);
    const found = await Promise.all(
      names.map(async (name) => {
        const path = join(folder, name);
        const file = await stat(path).catch(() => null);
        if (!file) return [];
        return [{ path, bytes: file.size, links: file.nlink, usedAt: file.atimeMs }];
      }),
    );
    return found.flat();
  }
}

/** Of every blob: its content never changes. */
const contentTime = 1_000_000_000_000;

const inside = (folder: string) => (name: string) => join(folder, name);
const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? error.code : undefined;
const isMissing = (error: unknown) => codeOf(error) === 'ENOENT';

function toleratePresent(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error;
}

/** Without them nothing could be held. */
async function requireLinks(root: string, own: string): Promise<void> {
  const probe = join(own, 'link');
  const file = join(own, 'file');
  await writeFile(file, '');
  await link(file, probe).catch((error: unknown) => {
    throw new StudioError(
      {
        code: 'conflict',
        message: `The file system of ${root} takes no hard links, with which the store holds what is in use: choose another folder with --store.`,
        details: { path: root },
      },
      error,
    );
  });
  await rm(probe, { force: true });
  await rm(file, { force: true });
}

/** Folders of this process: one of its number that is not among them is of a process that had it before. */
const open = new Set<string>();

async function clearLeft(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!open.has(name) && (await isLeft(folder, name))) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

async function isLeft(folder: string, name: string): Promise<boolean> {
  const [space, pid] = name.split('-');
  if (space === processSpace) return Number(pid) === process.pid || !isAlive(Number(pid));
  // Whether another machine's process lives cannot be told: one that works marks its folder.
  const found = await stat(join(folder, name)).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > abandoned;
}

import { rmSync } from 'node:fs';
import { mkdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { refuse, StudioError } from '../../../../shared/errors';
import { formatBytes } from '../../../../shared/format/bytes';
import { type Upload } from '../../../../shared/uploads';
import { storageError } from '../storage-error';
import { ArrivingFile, type OpenNew, openNew } from './arriving-file';

/** Milliseconds after which a file that nobody uses is deleted. */
const patience = 3_600_000;

/** A file that is here, for whoever reads it. */
export interface UploadedFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  state: 'announced' | 'arriving' | 'here' | 'failed';
  arriving: ArrivingFile | null;
  /** Where it lies once it is here. */
  path: string | null;
  /** A file that arrived is ours to delete; one that is read where it lies is not. */
  readonly ours: boolean;
  sha256: string | null;
  error: StudioError | null;
  /** How many read it now: it is not deleted under them. */
  readers: number;
  discarded: boolean;
  touched: number;
}

export interface UploadStoreOptions {
  /** A folder of its own, on the disk of the data; made when it is needed. */
  readonly root: string;
  readonly newId: () => string;
  readonly now: () => number;
  /** Bytes that the disk has left for this user. */
  readonly freeBytes?: () => Promise<number>;
  readonly openFile?: OpenNew;
}

/**
 * Files on their way in: announced, received, used, deleted. They live as long as the application at
 * most, and an hour without use.
 */
export class UploadStore {
  readonly #options: UploadStoreOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: UploadStoreOptions) {
    this.#options = options;
  }

  /** Announce a file. Throws `disk-full` where it would not fit beside what else is announced. */
  async begin({ name, bytes }: { name: string; bytes: number }): Promise<string> {
    this.sweep();
    const free = await this.#freeBytes();
    const awaited = [...this.#entries.values()]
      .filter(({ state }) => state === 'announced' || state === 'arriving')
      .reduce((sum, entry) => sum + entry.bytes - (entry.arriving?.received ?? 0), 0);
    if (bytes + awaited > free) throw tooLarge(name, bytes, free - awaited, this.#options.root);
    return this.#add({ name, bytes, ours: true, state: 'announced', path: null }).id;
  }

  /** Take in a whole file as it comes. Throws what went wrong; nothing of it is kept then. */
  async receive(id: string, source: AsyncIterable<unknown>): Promise<void> {
    const entry = this.#announced(id);
    try {
      for await (const piece of source) {
        if (!(piece instanceof Uint8Array)) throw new TypeError('expected bytes');
        await this.#write(entry, piece);
      }
    } catch (error) {
      await this.#fail(entry, error);
    }
    if (entry.state !== 'here') await this.#fail(entry, brokenOff(entry));
  }

  /** Take in the next piece of a file; the last one completes it. */
  async append(id: string, piece: Uint8Array): Promise<void> {
    const entry = this.#entries.get(id);
    const next = entry?.state === 'arriving' ? entry : this.#announced(id);
    try {
      await this.#write(next, piece);
    } catch (error) {
      await this.#fail(next, error);
    }
  }

  /** A file of this machine, read where it lies and never deleted. */
  async adopt(path: string): Promise<Upload> {
    this.sweep();
    const found = await stat(path).catch(() => null);
    if (!found?.isFile()) throw refuse('file', path, 'a file that can be read');
    if (found.size === 0) throw refuse('file', path, 'a file that is not empty');
    const name = basename(path);
    return this.get(this.#add({ name, bytes: found.size, ours: false, state: 'here', path }).id);
  }

  /** What has arrived; throws why it did not. */
  get(id: string): Upload {
    const { name, bytes, sha256 } = this.#here(id);
    return { upload: id, name, bytes, sha256 };
  }

  /** Work with a file, which stays for more. */
  async read<T>(id: string, work: (file: UploadedFile) => Promise<T>): Promise<T> {
    const entry = this.#here(id);
    entry.readers += 1;
    try {
      const { name, bytes } = entry;
      return await work({ name, bytes, path: await pathOf(entry) });
    } finally {
      entry.readers -= 1;
      entry.touched = this.#options.now();
      if (entry.discarded) this.#drop(entry);
    }
  }

  /** The same, the last time: deleted where the work was done, kept for another try where not. */
  async consume<T>(id: string, work: (file: UploadedFile) => Promise<T>): Promise<T> {
    const done = await this.read(id, work);
    this.discard(id);
    return done;
  }

  /** Hand a file over to a folder, for work that outlives the application; answers with its path. */
  async keep(id: string, folder: string): Promise<string> {
    const entry = this.#here(id);
    const path = await pathOf(entry);
    if (!entry.ours) return path;
    const target = join(folder, entry.name);
    try {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      await rename(path, target);
    } catch (error) {
      throw storageError(error, folder);
    }
    this.discard(id);
    return target;
  }

  /** Deleted as soon as nobody reads it; one that is arriving is broken off. */
  discard(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    entry.discarded = true;
    entry.error ??= new StudioError({
      code: 'cancelled',
      message: `Sending ${entry.name} was cancelled. Nothing of it was kept.`,
    });
    if (entry.readers === 0) this.#drop(entry);
  }

  /** Delete what nobody has used for an hour. */
  sweep(): void {
    const before = this.#options.now() - patience;
    for (const entry of this.#entries.values()) {
      if (entry.touched < before && entry.readers === 0) this.discard(entry.id);
    }
  }

  /** Delete everything. */
  async close(): Promise<void> {
    for (const entry of this.#entries.values()) {
      this.discard(entry.id);
      await entry.arriving?.abandon();
    }
    await rm(this.#options.root, { recursive: true, force: true });
  }

  #add(entry: Pick<Entry, 'name' | 'bytes' | 'ours' | 'state' | 'path'>): Entry {
    const id = this.#options.newId();
    const made: Entry = {
      id,
      ...entry,
      arriving: null,
      sha256: null,
      error: null,
      readers: 0,
      discarded: false,
      touched: this.#options.now(),
    };
    this.#entries.set(id, made);
    return made;
  }

  async #write(entry: Entry, piece: Uint8Array): Promise<void> {
    if (entry.error) throw entry.error;
    if (piece.byteLength === 0) return;
    const { root, now, openFile = openNew } = this.#options;
    const received = entry.state === 'here' ? entry.bytes : (entry.arriving?.received ?? 0);
    if (received + piece.byteLength > entry.bytes) {
      throw refuse('file', entry.name, `the ${entry.bytes} bytes that were announced`);
    }
    entry.state = 'arriving';
    entry.touched = now();
    try {
      entry.arriving ??= await ArrivingFile.create(
        join(root, entry.id),
        storedName(entry.name),
        openFile,
      );
      const { arriving } = entry;
      await arriving.write(piece);
      if (entry.error) throw entry.error;
      if (arriving.received < entry.bytes) return;
      entry.sha256 = await arriving.finish();
      entry.path = arriving.path;
      entry.arriving = null;
      entry.state = 'here';
    } catch (error) {
      const known = storageError(error, root);
      throw known instanceof StudioError ? known : notStored(entry, root, error);
    }
  }

  /** Nothing of it is kept but the reason, which whoever sent it may ask for. */
  async #fail(entry: Entry, error: unknown): Promise<never> {
    const reason = entry.error ?? (error instanceof StudioError ? error : brokenOff(entry, error));
    entry.error = reason;
    entry.state = 'failed';
    await entry.arriving?.abandon();
    entry.arriving = null;
    if (entry.path !== null) rmSync(dirname(entry.path), { recursive: true, force: true });
    throw reason;
  }

  #announced(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry || entry.discarded) throw unknown(id);
    if (entry.state !== 'announced') {
      throw new StudioError({
        code: 'conflict',
        message: `${entry.name} has been sent already, or is being sent.`,
      });
    }
    entry.state = 'arriving';
    return entry;
  }

  #here(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry || entry.discarded) throw unknown(id);
    if (entry.state !== 'here') throw entry.error ?? brokenOff(entry);
    return entry;
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry.id);
    void entry.arriving?.abandon();
    if (entry.ours && entry.path !== null) {
      rmSync(dirname(entry.path), { recursive: true, force: true });
    }
  }

  async #freeBytes(): Promise<number> {
    const { root, freeBytes } = this.#options;
    if (freeBytes) return freeBytes();
    await mkdir(root, { recursive: true }).catch((error: unknown) => {
      throw storageError(error, root);
    });
    const { bavail, bsize } = await statfs(root);
    return bavail * bsize;
  }
}

/** Where its content is, unless somebody moved a file that is read where it lies. */
async function pathOf({ path, name, bytes }: Entry): Promise<string> {
  const found = path === null ? null : await stat(path).catch(() => null);
  if (path !== null && found?.size === bytes) return path;
  throw refuse('file', name, 'a file that is still there as it was chosen; choose it again');
}

/** A name that every file system takes: Windows refuses some characters and ends. */
function storedName(name: string): string {
  const plain = name.replaceAll(/[<>:"|?*]/g, '_').replace(/[. ]+$/, '_');
  // Names are measured in bytes; the end, which says what the file is, is kept.
  let short = plain;
  while (Buffer.byteLength(short) > 200) short = [...short].slice(1).join('');
  return short;
}

function brokenOff({ name, bytes, arriving }: Entry, cause?: unknown): StudioError {
  const received = arriving?.received ?? 0;
  return new StudioError(
    {
      code: 'cancelled',
      message: `${name} did not arrive whole (${received} of ${bytes} bytes): the connection broke, or the file changed while it was read. Nothing of it was kept; choose it again.`,
    },
    cause,
  );
}

function notStored({ name }: Entry, root: string, cause: unknown): StudioError {
  const message = `${name} could not be written to ${root}: look at the disk, then send it again. Nothing of it was kept.`;
  return new StudioError({ code: 'internal', message }, cause);
}

const unknown = (id: string) =>
  refuse('upload', id, 'a file that was sent within the last hour; choose the file again');

function tooLarge(name: string, bytes: number, free: number, root: string): StudioError {
  return new StudioError({
    code: 'disk-full',
    message: `${name} takes ${formatBytes(bytes)}, and the disk that holds ${root} has ${formatBytes(Math.max(0, free))} left: free some space first.`,
    details: { needed: String(bytes), free: String(Math.max(0, free)) },
  });
}

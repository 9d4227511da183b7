import { createHash, type Hash } from 'node:crypto';
import {
  copyFile,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  rmdir,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileFailure, refuse, StudioError } from '../../../../shared/errors';
import { valueAt } from '../../../../shared/checked-reads';
import { hashFile } from '../../artifacts/hash';
import { makeFolder, removeMade } from '../../storage/make-folder';
import { isAlive } from '../../storage/process-alive';
import {
  isPlainPath,
  manifestName,
  type OutputManifest,
  type OutputResult,
  parseManifest,
} from './manifest';
import {
  isThere,
  type Leftover,
  type Owned,
  ownedIn,
  stagedFiles,
  stagedPrevious,
  stagingName,
  stagings,
} from './owned';

export interface WrittenFile {
  /** Path from the folder, `/` between folders. */
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Where a service puts the files of a result; nothing of them is in the folder before all are. */
export interface OutputSink {
  /**
   * Refuses at once, before any work, where one of these names is taken by a file that is not ours.
   *
   * @throws StudioError `invalid-input` naming the option that set the folder
   */
  expect(names: readonly string[]): Promise<void>;
  /** @param name path from the folder, `/` between folders */
  add(name: string, bytes: Uint8Array | string): Promise<void>;
  /**
   * Files that are written together piece by piece, none of them held in memory.
   *
   * @param work writes pieces to the end of each file, by its place among the names
   */
  addPieces(names: readonly string[], work: (write: WritePiece) => Promise<void>): Promise<void>;
  /** A copy of a file that is not read into memory. */
  addCopy(name: string, source: string): Promise<void>;
  /** What was added so far. */
  readonly added: readonly WrittenFile[];
}

export type WritePiece = (place: number, bytes: Uint8Array) => Promise<void>;

/** What a folder held before. */
export interface Replaced {
  /** Results that are no longer there, in words. */
  readonly results: readonly string[];
  /** How many files of theirs were replaced or deleted. */
  readonly files: number;
  /** Files of theirs that somebody has changed, which are left where they are. */
  readonly kept: readonly string[];
}

export interface Written {
  /** Absolute paths in the order in which they were added; the manifest among them. */
  readonly files: readonly string[];
  /** Null where the folder was new, or held the same result. */
  readonly replaced: Replaced | null;
}

export interface OutputFolderOptions {
  readonly path: string;
  /** What a refusal names: the option of the command line. */
  readonly field: string;
}

/**
 * A folder that belongs to one result. Its manifest lists its files; the next result replaces those
 * and leaves all others alone. A file that is in the way, and no manifest of ours lists as it is, is
 * never replaced: it is refused.
 *
 * The files are gathered beside their places, in a hidden folder; once all are whole they are renamed
 * into place, the manifest last. Killed at any moment, it leaves the hidden folder, by which the next
 * write into the folder knows what is ours, and which it takes away.
 */
export class OutputFolder implements OutputSink {
  readonly path: string;
  readonly added: WrittenFile[] = [];
  readonly #field: string;
  readonly #staging: string;
  /** The uppermost folder that was made for this. */
  readonly #made: string | null;
  /** From here on the hidden folder says which files are ours, until all are in place. */
  #exchanging = false;

  private constructor(path: string, field: string, made: string | null) {
    this.path = path;
    this.#field = field;
    this.#made = made;
    this.#staging = join(path, stagingName());
  }

  /** @throws StudioError where the folder cannot be written, or another process writes there */
  static async open({ path: given, field }: OutputFolderOptions): Promise<OutputFolder> {
    const path = resolve(given);
    try {
      const made = makeFolder(path);
      const folder = new OutputFolder(path, field, made);
      for (const { pid, path: other } of await stagings(path)) {
        if (pid === process.pid || !isAlive(pid)) continue;
        throw new StudioError({
          code: 'busy',
          message: `Another process (${pid}) is writing to ${path}: wait until it is done. If there is none, delete ${other}.`,
        });
      }
      await folder.#sweep(false);
      await mkdir(join(folder.#staging, stagedFiles), { recursive: true });
      return folder;
    } catch (error) {
      throw fileFailure(error, path);
    }
  }

  /** The same check as `expect`, where nothing is to be written yet. */
  static async check(
    { path, field }: OutputFolderOptions,
    names: readonly string[],
  ): Promise<void> {
    await new OutputFolder(resolve(path), field, null).expect(names);
  }

  async expect(names: readonly string[]): Promise<void> {
    await this.#requireFree(names, await this.#owned(names));
  }

  async add(name: string, bytes: Uint8Array | string): Promise<void> {
    const data = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    await this.#place(name, (target) => writeFile(target, data, { flag: 'wx', flush: true }));
    const sha256 = createHash('sha256').update(data).digest('hex');
    this.added.push({ name, sha256, bytes: data.byteLength });
  }

  async addPieces(
    names: readonly string[],
    work: (write: WritePiece) => Promise<void>,
  ): Promise<void> {
    const files: { handle: FileHandle; hash: Hash; bytes: number }[] = [];
    try {
      for (const name of names) {
        await this.#place(name, async (target) => {
          files.push({ handle: await open(target, 'wx'), hash: createHash('sha256'), bytes: 0 });
        });
      }
      await work(async (place, bytes) => {
        const file = valueAt(files, place);
        file.hash.update(bytes);
        file.bytes += bytes.byteLength;
        try {
          await file.handle.writeFile(bytes);
        } catch (error) {
          throw fileFailure(error, this.path);
        }
      });
      for (const [place, { handle, hash, bytes }] of files.entries()) {
        await handle.sync();
        this.added.push({ name: valueAt(names, place), sha256: hash.digest('hex'), bytes });
      }
    } finally {
      for (const { handle } of files) await handle.close();
    }
  }

  async addCopy(name: string, source: string): Promise<void> {
    await this.#place(name, async (target) => {
      await copyFile(source, target);
      const handle = await open(target, 'r+');
      try {
        await handle.sync();
        const sha256 = await hashFile(target, 'sha256');
        this.added.push({ name, sha256, bytes: (await handle.stat()).size });
      } finally {
        await handle.close();
      }
    });
  }

  /** Adds the manifest: what it is given, which result that is, and every file added so far. */
  async addManifest(about: {
    readonly format: string;
    readonly result: OutputResult;
    readonly [field: string]: unknown;
  }): Promise<void> {
    const manifest = { ...about, files: this.added };
    await this.add(manifestName, `${JSON.stringify(manifest, null, 2)}\n`);
  }

  /** Puts everything in place. @throws StudioError as `expect` does, having changed nothing */
  async commit(): Promise<Written> {
    const names = this.added.map(({ name }) => name);
    try {
      const manifest = await this.#manifest();
      const owned = await this.#owned(names);
      await this.#requireFree(names, owned);
      const stale: string[] = [];
      const kept: string[] = [];
      for (const name of owned.listed) {
        if (names.includes(name)) continue;
        if (await owned.has(name)) stale.push(name);
        else if (await isThere(this.path, name)) kept.push(name);
      }
      const earlier = [owned.manifest, ...owned.within].filter((result) => result !== null);
      const others = [...new Map(earlier.map((result) => [result.id, result])).values()].filter(
        ({ id }) => id !== manifest.id,
      );
      let overwritten = 0;
      for (const name of names) if (await isThere(this.path, name)) overwritten += 1;
      await this.#exchange(names, stale);
      return {
        files: names.map((name) => join(this.path, name)),
        replaced:
          others.length === 0
            ? null
            : {
                results: others.map(({ title }) => title),
                files: overwritten + stale.length,
                kept,
              },
      };
    } catch (error) {
      throw fileFailure(error, this.path);
    }
  }

  /** Gives up what was added, and the folder itself where it was made for it. */
  async discard(): Promise<void> {
    if (this.#exchanging) return;
    await rm(this.#staging, { recursive: true, force: true }).catch(() => undefined);
    if (this.#made !== null) removeMade(this.path, this.#made);
  }

  /** Old files out, new files in; the manifest leaves first and comes last, and vouches for nothing between. */
  async #exchange(names: readonly string[], stale: readonly string[]): Promise<void> {
    const at = (name: string) => join(this.path, name);
    const staged = join(this.#staging, stagedFiles);
    for (const name of names) await mkdir(dirname(at(name)), { recursive: true });
    this.#exchanging = true;
    if (await isThere(this.path, manifestName)) {
      await rename(at(manifestName), join(this.#staging, stagedPrevious));
    }
    for (const name of names) {
      if (name === manifestName) continue;
      await rename(join(staged, name), at(name));
    }
    for (const name of stale) {
      await rm(at(name), { force: true });
      for (let above = dirname(name); above !== '.'; above = dirname(above)) {
        if (!(await removeEmpty(at(above)))) break;
      }
    }
    await rename(join(staged, manifestName), at(manifestName));
    await this.#sweep(true);
  }

  /**
   * Takes away what killed processes gathered. What was whole may be half in place already and tells
   * whose files those are: it goes once other files stand there.
   */
  async #sweep(whole: boolean): Promise<void> {
    for (const { path } of await stagings(this.path)) {
      if (whole || !(await isThere(join(path, stagedFiles), manifestName))) {
        await rm(path, { recursive: true, force: true });
      }
    }
  }

  async #owned(names: readonly string[]): Promise<Owned> {
    const subfolders = new Set(names.map((name) => dirname(name)).filter((name) => name !== '.'));
    return ownedIn(this.path, subfolders, await this.#leftovers());
  }

  async #leftovers(): Promise<Leftover[]> {
    return (await stagings(this.path)).filter(({ path }) => path !== this.#staging);
  }

  async #requireFree(names: readonly string[], owned: Owned): Promise<void> {
    for (const name of names) {
      const above = name.split('/').slice(0, -1);
      for (let depth = 1; depth <= above.length; depth += 1) {
        await this.#requireFolder(above.slice(0, depth).join('/'));
      }
      if (!(await isThere(this.path, name)) || (await owned.has(name))) continue;
      const why = owned.listed.includes(name)
        ? `${name} there was changed after it was written`
        : name === manifestName
          ? `${name} there is not of Saliency Studio`
          : `${name} there is listed by no manifest of Saliency Studio`;
      throw refuse(
        this.#field,
        this.path,
        `a folder in which nothing is in the way: ${why}; move it away, or choose another folder`,
      );
    }
  }

  async #requireFolder(name: string): Promise<void> {
    const found = await lstat(join(this.path, name)).catch(() => null);
    if (!found || found.isDirectory()) return;
    throw refuse(
      this.#field,
      this.path,
      `a folder in which ${name} is a folder, or is not there: there it is a file or a link; move it away, or choose another folder`,
    );
  }

  /** What the folder will say of itself: it lists every other file that was added. */
  async #manifest(): Promise<OutputManifest> {
    const text = await readFile(join(this.#staging, stagedFiles, manifestName), 'utf8');
    const manifest = parseManifest(text);
    const listed = new Map(manifest?.files.map(({ name, sha256 }) => [name, sha256]));
    const unlisted = this.added.find(
      ({ name, sha256 }) => name !== manifestName && listed.get(name) !== sha256,
    );
    if (manifest && !unlisted) return manifest;
    throw new Error(`The manifest of ${this.path} does not list ${unlisted?.name ?? 'its files'}.`);
  }

  async #place(name: string, write: (target: string) => Promise<void>): Promise<void> {
    if (!isPlainPath(name)) throw new RangeError(`${name} is no path within a folder`);
    const target = join(this.#staging, stagedFiles, name);
    try {
      await mkdir(dirname(target), { recursive: true });
      await write(target);
    } catch (error) {
      throw fileFailure(error, this.path);
    }
  }
}

async function removeEmpty(folder: string): Promise<boolean> {
  return rmdir(folder).then(
    () => true,
    () => false,
  );
}

/** The files of one result in a folder of theirs: all of them, or what was there before. */
export async function writeOutputFolder<T>(
  options: OutputFolderOptions,
  work: (folder: OutputFolder) => Promise<T>,
): Promise<Written & { readonly value: T }> {
  const folder = await OutputFolder.open(options);
  try {
    const value = await work(folder);
    return { ...(await folder.commit()), value };
  } catch (error) {
    await folder.discard();
    throw error;
  }
}

/** The same sink for a part of a result, in a subfolder. */
export function within(sink: OutputSink, subfolder: string): OutputSink {
  const at = (name: string) => `${subfolder}/${name}`;
  return {
    added: sink.added,
    expect: (names) => sink.expect(names.map(at)),
    add: (name, bytes) => sink.add(at(name), bytes),
    addPieces: (names, work) => sink.addPieces(names.map(at), work),
    addCopy: (name, source) => sink.addCopy(at(name), source),
  };
}

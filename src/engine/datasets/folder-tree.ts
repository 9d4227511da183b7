import type { Dirent } from 'node:fs';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf } from '../../shared/errors';
import { isJunk } from '../../shared/junk-files';
import { type FileState, type FileTree, join, type Listing, tooLarge } from './file-tree';
import { refusal, refusing, refusingPieces } from './refusal';

/**
 * A folder on disk. Symbolic links within it are followed as long as they stay inside it; one that
 * leads out of it, or to nothing, is refused by name. What file managers leave is not listed.
 */
export class FolderTree implements FileTree {
  readonly label: string;
  readonly #given: string;
  #real: Promise<string> | null = null;

  constructor(root: string) {
    this.#given = root;
    this.label = path.basename(root);
  }

  async list(folder: string): Promise<Listing | null> {
    let found: Dirent[];
    try {
      const place = await this.#inside(folder);
      found = await readdir(place, { withFileTypes: true });
    } catch (error) {
      if (isMissing(error)) return null;
      if (isRefusal(error)) throw error;
      throw refusal(folder || this.label, `it cannot be read (${reasonOf(error)})`, error);
    }
    const files = new Set<string>();
    const folders = new Set<string>();
    for (const entry of found) {
      if (isJunk(entry.name)) continue;
      const target = entry.isSymbolicLink() ? await this.#target(join(folder, entry.name)) : entry;
      if (target.isFile()) files.add(entry.name);
      else if (target.isDirectory()) folders.add(entry.name);
    }
    return { files, folders };
  }

  async size(file: string): Promise<number> {
    return (await this.state(file)).bytes;
  }

  state(file: string): Promise<FileState> {
    return this.#reading(file, async (place) => {
      const found = await stat(place);
      if (!found.isFile()) throw refusal(file, 'it is not a file');
      return { bytes: found.size, stamp: String(found.mtimeMs) };
    });
  }

  read(file: string, limit: number): Promise<Uint8Array> {
    return this.#reading(file, async (place) => {
      const handle = await this.#opened(file, place, limit);
      try {
        return await handle.readFile();
      } finally {
        await handle.close();
      }
    });
  }

  pieces(file: string, limit: number): AsyncIterable<Uint8Array> {
    return refusingPieces(file, 'it cannot be read', async () => {
      const handle = await this.#reading(file, (place) => this.#opened(file, place, limit));
      return handle.createReadStream();
    });
  }

  place(file: string): Promise<string> {
    return this.#reading(file, (place) => Promise.resolve(place));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #opened(file: string, place: string, limit: number): Promise<FileHandle> {
    // The links are resolved by now; and a pipe does not keep us waiting.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const handle = await open(place, flags);
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw refusal(file, 'it is not a file');
      if (found.size > limit) throw tooLarge(file, limit);
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  #reading<T>(file: string, work: (place: string) => Promise<T>): Promise<T> {
    return refusing(file, 'it cannot be read', async () => {
      try {
        return await work(await this.#inside(file));
      } catch (error) {
        throw isMissing(error) ? refusal(file, 'the file is missing', error) : error;
      }
    });
  }

  /** Where a path of the tree really is, links followed. */
  async #inside(place: string): Promise<string> {
    const root = await (this.#real ??= realpath(this.#given));
    const found = await realpath(path.join(this.#given, place));
    const fromRoot = path.relative(root, found);
    if (fromRoot === '..' || fromRoot.startsWith(`..${path.sep}`) || path.isAbsolute(fromRoot)) {
      throw refusal(place, `it is a symbolic link to ${found}, outside ${this.label}`);
    }
    return found;
  }

  async #target(place: string) {
    try {
      return await stat(await this.#inside(place));
    } catch (error) {
      if (isRefusal(error)) throw error;
      throw refusal(place, 'it is a symbolic link to nothing that can be read', error);
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const isMissing = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
const isRefusal = (error: unknown) => codeOf(error) === 'corrupt-file';

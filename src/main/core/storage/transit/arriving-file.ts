import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

/** Opens a new file for writing; fails where there is one. */
export type OpenNew = (path: string) => Promise<FileHandle>;
export const openNew: OpenNew = (path) => open(path, 'wx');

/** A file that is written piece by piece as it arrives, hashed on the way; nothing is held in memory. */
export class ArrivingFile {
  readonly path: string;
  readonly #folder: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash('sha256');
  #received = 0;

  /** In a folder of its own, so that it can bear its own name. */
  static async create(
    folder: string,
    name: string,
    openFile: OpenNew = openNew,
  ): Promise<ArrivingFile> {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, name);
    try {
      return new ArrivingFile(folder, path, await openFile(path));
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(folder: string, path: string, handle: FileHandle) {
    this.#folder = folder;
    this.path = path;
    this.#handle = handle;
  }

  get received(): number {
    return this.#received;
  }

  async write(piece: Uint8Array): Promise<void> {
    this.#hash.update(piece);
    await this.#handle.writeFile(piece);
    this.#received += piece.byteLength;
  }

  /** The hash of all of it. */
  async finish(): Promise<string> {
    await this.#handle.close();
    return this.#hash.digest('hex');
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

import { stat } from 'node:fs/promises';

/** Bytes of files that are kept, at most. */
const mostBytes = 64 * 2 ** 20;

/**
 * The files of samples of the archive that was looked at last: a look at them in another size opens it
 * no second time. One that has changed since is another.
 */
export class SampleFiles {
  #archive = '';
  readonly #files = new Map<string, Uint8Array>();
  #bytes = 0;

  /** What an archive is kept by; null: a folder, whose files are read where they lie. */
  async keyOf(path: string): Promise<string | null> {
    const found = await stat(path, { bigint: true }).catch(() => null);
    if (!found?.isFile()) return null;
    return `${path} ${found.ino} ${found.size} ${found.mtimeNs}`;
  }

  get(archive: string, file: string): Uint8Array | undefined {
    return this.#archive === archive ? this.#files.get(file) : undefined;
  }

  keep(archive: string, file: string, bytes: Uint8Array): void {
    if (this.#archive !== archive) {
      this.#files.clear();
      this.#bytes = 0;
      this.#archive = archive;
    }
    if (this.#files.has(file) || this.#bytes + bytes.length > mostBytes) return;
    this.#files.set(file, bytes);
    this.#bytes += bytes.length;
  }
}

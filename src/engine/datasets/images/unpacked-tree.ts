import { createReadStream } from 'node:fs';
import { mkdir, readFile, statfs } from 'node:fs/promises';
import path from 'node:path';
import { isJunkPath } from '../../../shared/junk-files';
import { EntryIndex } from '../entry-index';
import { type FileState, type FileTree, type Listing, tooLarge } from '../file-tree';
import { refusal, refusing, refusingPieces } from '../refusal';
import { unpackTarball } from '../tarball';
import { maxEntries, maxFileBytes } from './limits';

interface Unpacked {
  readonly bytes: number;
  /** Which of the files it is, from 1. The tar has one time for them all: its own. */
  readonly place: number;
  /** Its name in the scratch folder; null: it is larger than any image that is read. */
  readonly name: string | null;
}

export interface TarRequest {
  readonly file: string;
  readonly gzipped: boolean;
  /** A folder of this tree's own. */
  readonly scratch: string;
  readonly signal: AbortSignal | undefined;
  readonly report: (done: number, total: number) => void;
}

/** A tar, which cannot be read out of its order: its files lie in a scratch folder, by numbers. */
export class UnpackedTree implements FileTree {
  readonly label: string;
  readonly #scratch: string;
  readonly #entries: EntryIndex<Unpacked>;

  private constructor(label: string, scratch: string, entries: EntryIndex<Unpacked>) {
    this.label = label;
    this.#scratch = scratch;
    this.#entries = entries;
  }

  /** @throws StudioError `corrupt-file` as `unpackTarball` does; `cancelled` */
  static async unpack({ file, gzipped, scratch, ...rest }: TarRequest): Promise<UnpackedTree> {
    const label = path.basename(file);
    const entries = new EntryIndex<Unpacked>(label);
    let count = 0;
    await mkdir(scratch, { recursive: true });
    const { bavail, bsize } = await statfs(scratch);
    await unpackTarball(file, {
      gzipped,
      into: scratch,
      limits: { file: maxFileBytes, total: bavail * bsize, entries: maxEntries },
      name(place, bytes) {
        if (isJunkPath(place)) return null;
        count += 1;
        const name = bytes > maxFileBytes ? null : String(count);
        entries.add(place, { bytes, place: count, name });
        return name;
      },
      folder(place) {
        if (!isJunkPath(place)) entries.addFolder(place);
      },
      ...rest,
    });
    return new UnpackedTree(label, scratch, entries);
  }

  list(folder: string): Promise<Listing | null> {
    return Promise.resolve(this.#entries.list(folder));
  }

  async size(file: string): Promise<number> {
    return (await this.state(file)).bytes;
  }

  state(file: string): Promise<FileState> {
    return refusing(file, 'it cannot be read', () => {
      const { bytes, place } = this.#entry(file);
      return Promise.resolve({ bytes, stamp: String(place) });
    });
  }

  read(file: string, limit: number): Promise<Uint8Array> {
    return refusing(file, 'it cannot be read', () => readFile(this.#placeOf(file, limit)));
  }

  pieces(file: string, limit: number): AsyncIterable<Uint8Array> {
    return refusingPieces(file, 'it cannot be read', () =>
      Promise.resolve(createReadStream(this.#placeOf(file, limit))),
    );
  }

  place(file: string): Promise<string | null> {
    const { name } = this.#entry(file);
    return Promise.resolve(name === null ? null : path.join(this.#scratch, name));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #placeOf(file: string, limit: number): string {
    const { bytes, name } = this.#entry(file);
    if (name === null || bytes > limit) throw tooLarge(file, Math.min(limit, maxFileBytes));
    return path.join(this.#scratch, name);
  }

  #entry(file: string): Unpacked {
    const entry = this.#entries.get(file);
    if (!entry) throw refusal(file, `${this.label} has no such file`);
    return entry;
  }
}

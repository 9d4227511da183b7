import path from 'node:path';
import { type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import {
  type Entry,
  getFileNameLowLevel,
  openPromise,
  validateFileName,
  type ZipFile,
} from 'yauzl';
import { isJunkPath } from '../../shared/junk-files';
import { utf8Name } from '../../shared/zip-names';
import { breathe } from '../runtime/cancel';
import { EntryIndex } from './entry-index';
import { entryPath, type FileState, type FileTree, type Listing, tooLarge } from './file-tree';
import { refusal, refusing, refusingPieces } from './refusal';

export interface ZipLimits {
  readonly entries: number;
  /** Declared, of all files together. */
  readonly bytes: number;
}

/** More than any archive of a known dataset. */
const usual: ZipLimits = { entries: 1_000_000, bytes: 16 * 2 ** 30 };

/** Info-ZIP's field for a name in UTF-8 beside one in a code page. */
const unicodePath = 0x7075;

/**
 * The files of a zip, read one by one wherever they stand: nothing is unpacked to disk. Its list of
 * files is checked whole before the first is read; a file's length and CRC-32 when it is read.
 */
export class ZipTree implements FileTree {
  readonly label: string;
  readonly #zip: ZipFile;
  readonly #entries: EntryIndex<Entry>;

  private constructor(label: string, zip: ZipFile, entries: EntryIndex<Entry>) {
    this.label = label;
    this.#zip = zip;
    this.#entries = entries;
  }

  static async open(file: string, signal?: AbortSignal, limits = usual): Promise<ZipTree> {
    const label = path.basename(file);
    // Names are decoded here: few writers set the flag that says how.
    const options = { autoClose: false, decodeStrings: false };
    const zip = await refusing(label, 'it is no whole zip file', () => openPromise(file, options));
    try {
      const entries = await refusing(label, 'its list of files is damaged', () =>
        readEntries(label, zip, limits, signal),
      );
      return new ZipTree(label, zip, entries);
    } catch (error) {
      zip.close();
      throw error;
    }
  }

  list(folder: string): Promise<Listing | null> {
    return Promise.resolve(this.#entries.list(folder));
  }

  async size(file: string): Promise<number> {
    return (await this.state(file)).bytes;
  }

  state(file: string): Promise<FileState> {
    return refusing(file, 'it cannot be read', () => {
      const { uncompressedSize: bytes, crc32: sum } = this.#entry(file);
      return Promise.resolve({ bytes, stamp: String(sum) });
    });
  }

  read(file: string, limit: number): Promise<Uint8Array> {
    return refusing(file, 'it cannot be unpacked', async () => {
      const entry = this.#entry(file);
      const bytes = await buffer(await this.#opened(file, entry, limit));
      if (crc32(bytes) !== entry.crc32) throw refusal(file, 'its CRC-32 is wrong');
      return bytes;
    });
  }

  async *pieces(file: string, limit: number): AsyncGenerator<Uint8Array> {
    const entry = await refusing(file, 'it cannot be unpacked', () =>
      Promise.resolve(this.#entry(file)),
    );
    let sum = 0;
    const open = () => this.#opened(file, entry, limit);
    for await (const piece of refusingPieces(file, 'it cannot be unpacked', open)) {
      sum = crc32(piece, sum);
      yield piece;
    }
    if (sum !== entry.crc32) throw refusal(file, 'its CRC-32 is wrong');
  }

  place(): Promise<null> {
    return Promise.resolve(null);
  }

  close(): Promise<void> {
    this.#zip.close();
    return Promise.resolve();
  }

  #opened(file: string, entry: Entry, limit: number): Promise<Readable> {
    // More bytes than it declares are refused while they are unpacked.
    if (entry.uncompressedSize > limit) throw tooLarge(file, limit);
    if (entry.isEncrypted()) throw refusal(file, 'it is encrypted');
    return this.#zip.openReadStreamPromise(entry);
  }

  #entry(file: string): Entry {
    const entry = this.#entries.get(file);
    if (!entry) throw refusal(file, `${this.label} has no such file`);
    return entry;
  }
}

async function readEntries(
  label: string,
  zip: ZipFile,
  limits: ZipLimits,
  signal: AbortSignal | undefined,
): Promise<EntryIndex<Entry>> {
  if (zip.entryCount > limits.entries) {
    throw refusal(label, `it lists ${zip.entryCount} files, more than ${limits.entries}`);
  }
  const entries = new EntryIndex<Entry>(label);
  let bytes = 0;
  let seen = 0;
  for await (const entry of zip.eachEntry()) {
    seen += 1;
    if (seen % 2000 === 0) await breathe(signal);
    const name = nameOf(entry);
    const place = entryPath(label, name);
    if (isJunkPath(place)) continue;
    if (isLink(entry)) throw refusal(place, 'it is a symbolic link');
    if (name.endsWith('/')) {
      entries.addFolder(place);
      continue;
    }
    bytes += entry.uncompressedSize;
    if (bytes > limits.bytes) {
      throw refusal(place, `with it ${label} unpacks to more than ${limits.bytes / 2 ** 30} GiB`);
    }
    entries.add(place, entry);
  }
  return entries;
}

/** With `/` between folders, whatever the writer put there. */
function nameOf(entry: Entry): string {
  const { generalPurposeBitFlag: flags, fileNameRaw: raw, extraFields } = entry;
  const stated = (flags & 0x800) !== 0 || extraFields.some(({ id }) => id === unicodePath);
  const plain = stated ? null : utf8Name(raw)?.replaceAll('\\', '/');
  const name = plain ?? getFileNameLowLevel(flags, raw, extraFields, false);
  const wrong = validateFileName(name);
  if (wrong !== null) throw new Error(wrong);
  return name;
}

/** By the file type of Unix, in the upper half of the attributes. */
function isLink(entry: Entry): boolean {
  return ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000;
}

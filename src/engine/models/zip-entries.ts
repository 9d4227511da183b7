import { Readable } from 'node:stream';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import { formatBytes } from '../../shared/format/bytes';
import { type ByteSource } from './byte-source';
import { type Problems, shown } from './torch-file/problems';

type ZipProblems = Pick<Problems, 'damaged'>;

/** A network has some hundred storages, its optimiser three times as many. */
const mostEntries = 100_000;
/** Bytes that are read at once. */
const piece = 4 * 2 ** 20;

/**
 * The entries of a zip, read in place: those that are stored as they are piece by piece, packed ones whole
 * or unpacked to disk. What is wrong is said by `Problems`.
 */
export class Entries {
  readonly #source: ByteSource;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #problems: ZipProblems;
  /** Writers may leave every CRC-32 at 0, to be faster. */
  readonly #hasSums: boolean;

  private constructor(
    source: ByteSource,
    entries: ReadonlyMap<string, Entry>,
    problems: ZipProblems,
  ) {
    this.#source = source;
    this.#entries = entries;
    this.#problems = problems;
    this.#hasSums = [...entries.values()].some((entry) => entry.crc32 !== 0);
  }

  /** @throws what `damaged` makes of a zip that is not whole */
  static async open(source: ByteSource, problems: ZipProblems): Promise<Entries> {
    return new Entries(source, await listEntries(source, problems), problems);
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Bytes of its content, as the zip states them; undefined: it is not there. */
  size(name: string): number | undefined {
    return this.#entries.get(name)?.uncompressedSize;
  }

  /** A short text; null: it is not there. */
  text(name: string): string | null {
    if (!this.#entries.has(name)) return null;
    return Buffer.from(this.whole(name, 100)).toString('latin1').trim();
  }

  /** The whole content, of a packed one too, with its CRC-32 checked. */
  whole(name: string, limit: number): Uint8Array<ArrayBuffer> {
    const { damaged } = this.#problems;
    const entry = this.#entry(name);
    const size = entry.uncompressedSize;
    if (size > limit) {
      throw damaged(`${shown(name)} is larger than ${formatBytes(limit)}`);
    }
    const { from, to } = this.#place(name);
    const bytes = this.isStored(name)
      ? this.#source.read(from, to)
      : this.#inflated(name, from, to);
    if (this.#hasSums && crc32(bytes) !== entry.crc32) throw this.#wrongSum(name);
    return bytes;
  }

  isStored(name: string): boolean {
    return this.#entry(name).compressionMethod === 0;
  }

  /** Bytes of a content that is stored as it is; its CRC-32 is not looked at. */
  part(name: string, from: number, to: number): Uint8Array<ArrayBuffer> {
    const place = this.#place(name);
    return this.#source.read(place.from + from, place.from + to);
  }

  /** Read a stored content through, and compare its CRC-32. */
  verify(name: string): void {
    if (!this.#hasSums) return;
    let sum = 0;
    for (const bytes of this.#pieces(name)) sum = crc32(bytes, sum);
    if (sum !== this.#entry(name).crc32) throw this.#wrongSum(name);
  }

  /**
   * Its content piece by piece, never whole in memory, of a packed one too; its CRC-32 is compared at the
   * end. No more than the zip states is ever unpacked.
   */
  async *content(name: string): AsyncGenerator<Uint8Array> {
    const { crc32: stated, uncompressedSize: size } = this.#entry(name);
    const pieces = this.#pieces(name);
    let [sum, count] = [0, 0];
    for await (const bytes of this.isStored(name) ? pieces : this.#unpacked(name, pieces)) {
      count += bytes.length;
      if (count > size) throw this.#notUnpacked(name);
      sum = crc32(bytes, sum);
      yield bytes;
    }
    if (count !== size) throw this.#notUnpacked(name);
    if (this.#hasSums && sum !== stated) throw this.#wrongSum(name);
  }

  *#pieces(name: string): Generator<Uint8Array<ArrayBuffer>> {
    const { from, to } = this.#place(name);
    for (let at = from; at < to; at += piece) {
      yield this.#source.read(at, Math.min(at + piece, to));
    }
  }

  async *#unpacked(name: string, pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const inflated = createInflateRaw();
    // What cannot be read ends the reader, which pipe alone would leave waiting.
    Readable.from(pieces, { objectMode: false })
      .on('error', (error) => inflated.destroy(error))
      .pipe(inflated);
    try {
      for await (const bytes of inflated) {
        if (bytes instanceof Uint8Array) yield bytes;
      }
    } catch {
      // What zlib says helps nobody.
      throw this.#notUnpacked(name);
    } finally {
      inflated.destroy();
    }
  }

  packedSize(name: string): number {
    return this.#entry(name).compressedSize;
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (!entry) throw this.#problems.damaged(`its zip has no ${shown(name)}`);
    return entry;
  }

  /** Where its bytes lie, behind a header of their own whose length that header says. */
  #place(name: string): { from: number; to: number } {
    const { damaged } = this.#problems;
    const entry = this.#entry(name);
    const { relativeOffsetOfLocalHeader: at, compressedSize, uncompressedSize } = entry;
    if (entry.isEncrypted()) throw damaged(`${shown(name)} in its zip is encrypted`);
    if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
      throw damaged(`${shown(name)} in its zip is packed by method ${entry.compressionMethod}`);
    }
    if (entry.compressionMethod === 0 && compressedSize !== uncompressedSize) {
      throw damaged(`${shown(name)} in its zip is of two sizes`);
    }
    if (at + 30 > this.#source.size) throw damaged(`${shown(name)} lies beyond the end of its zip`);
    const header = new DataView(this.#source.read(at, at + 30).buffer);
    if (header.getUint32(0, true) !== 0x04034b50) {
      throw damaged(`${shown(name)} is not where its zip says`);
    }
    const from = at + 30 + header.getUint16(26, true) + header.getUint16(28, true);
    const to = from + compressedSize;
    if (to > this.#source.size) throw damaged(`${shown(name)} lies beyond the end of its zip`);
    return { from, to };
  }

  #inflated(name: string, from: number, to: number): Uint8Array<ArrayBuffer> {
    const size = this.#entry(name).uncompressedSize;
    try {
      // More than it states is never unpacked.
      const options = { maxOutputLength: Math.max(size, 1) };
      const bytes = inflateRawSync(this.#source.read(from, to), options);
      if (bytes.length === size) return new Uint8Array(bytes.buffer, bytes.byteOffset, size);
    } catch {
      // Said below: what zlib says helps nobody.
    }
    throw this.#notUnpacked(name);
  }

  #notUnpacked(name: string): Error {
    return this.#problems.damaged(`${shown(name)} in its zip cannot be unpacked`);
  }

  #wrongSum(name: string): Error {
    return this.#problems.damaged(`${shown(name)} in its zip is damaged: its CRC-32 is wrong`);
  }
}

/** How yauzl reads where it asks for bytes. */
class SourceReader extends RandomAccessReader {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    super();
    this.#source = source;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    try {
      buffer.set(this.#source.read(position, position + length), offset);
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    callback(null);
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }
}

async function listEntries(
  source: ByteSource,
  { damaged }: ZipProblems,
): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  let twice: string | null = null;
  try {
    const options = { autoClose: false, validateEntrySizes: false };
    const zip = await fromRandomAccessReaderPromise(new SourceReader(source), source.size, options);
    if (zip.entryCount > mostEntries) throw new Error(`it lists ${zip.entryCount} files`);
    for await (const entry of zip.eachEntry()) {
      if (entries.has(entry.fileName)) twice = entry.fileName;
      entries.set(entry.fileName, entry);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw damaged(`it is no whole zip (${shown(why)})`);
  }
  if (twice !== null) throw damaged(`its zip has ${shown(twice)} twice`);
  return entries;
}

/**
 * The archive that `torch.save` writes since PyTorch 1.6: a zip with one folder, in it `data.pkl`,
 * `byteorder`, `version` and a file for each storage (`data/0`, …), which are stored as they are and read
 * in place. Archives that were packed again, with deflate, are read too.
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import { formatBytes } from '../../../shared/format/bytes';
import { type ByteSource } from '../byte-source';
import { type Problems, shown } from './problems';
import { type Storages } from './storages';
import { type TorchStorage } from './tensors';

/** A network has some hundred storages, its optimiser three times as many. */
const mostEntries = 100_000;
/** Of `data.pkl`: some hundred bytes for each tensor. */
export const largestPickle = 32 * 2 ** 20;
/** What a packed storage may unpack to at least, and how many times its size otherwise. */
const unpacked = { least: 64 * 2 ** 20, times: 200 };
/** PyTorch's newest version of the archive is 10. */
const newestVersion = 10;
/** Bytes whose CRC-32 is taken at once. */
const piece = 4 * 2 ** 20;

export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 0x03 && head[3] === 0x04;
}

export interface TorchArchive {
  /** The content of data.pkl. */
  readonly pickle: Uint8Array;
  readonly storages: Storages;
}

/** @throws StudioError `corrupt-file` or `invalid-input`: what is wrong with the archive */
export async function openArchive(source: ByteSource, problems: Problems): Promise<TorchArchive> {
  const entries = new Entries(source, await listEntries(source, problems), problems);
  const root = rootOf(entries.names, problems);
  const version = entries.text(`${root}version`);
  if (version !== null && !(Number(version) <= newestVersion)) {
    throw problems.damaged(`it is of version ${shown(version)} of the archive`);
  }
  const order = entries.text(`${root}byteorder`) ?? 'little';
  if (order !== 'little' && order !== 'big') {
    throw problems.damaged(`its byteorder is ${shown(order)}, not little or big`);
  }
  const pickle = entries.whole(`${root}data.pkl`, largestPickle);
  if (pickle.length === 0) throw problems.damaged('its pickle, data.pkl, has 0 bytes');
  return { pickle, storages: new ArchiveStorages(entries, root, order === 'big') };
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
  { damaged }: Problems,
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

/** The folder, with its slash. */
function rootOf(names: readonly string[], { damaged, refused }: Problems): string {
  const pickles = names.filter((name) => /(^|\/)data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (pickle === undefined) {
    throw refused(
      'is a zip without a data.pkl: torch.save did not write it (torch.export, perhaps); save the state_dict of the model by torch.save',
    );
  }
  if (pickles.length > 1)
    throw damaged(`it has more than one data.pkl: ${pickles.slice(0, 3).map(shown).join(', ')}`);
  const root = pickle.slice(0, -'data.pkl'.length);
  if (!/^[^/]+\/$/.test(root)) {
    throw damaged(`its data.pkl lies not in one folder, but at ${shown(pickle)}`);
  }
  if (names.some((name) => name === `${root}constants.pkl` || name.startsWith(`${root}code/`))) {
    throw refused(
      'is a TorchScript archive, which holds a program: save the state_dict of the model by torch.save',
    );
  }
  return root;
}

class Entries {
  readonly #source: ByteSource;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #problems: Problems;
  /** Writers may leave every CRC-32 at 0, to be faster. */
  readonly #hasSums: boolean;

  constructor(source: ByteSource, entries: ReadonlyMap<string, Entry>, problems: Problems) {
    this.#source = source;
    this.#entries = entries;
    this.#problems = problems;
    this.#hasSums = [...entries.values()].some((entry) => entry.crc32 !== 0);
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
    const { from, to } = this.#place(name);
    let sum = 0;
    for (let at = from; at < to; at += piece) {
      sum = crc32(this.#source.read(at, Math.min(at + piece, to)), sum);
    }
    if (sum !== this.#entry(name).crc32) throw this.#wrongSum(name);
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
    throw this.#problems.damaged(`${shown(name)} in its zip cannot be unpacked`);
  }

  #wrongSum(name: string): Error {
    return this.#problems.damaged(`${shown(name)} in its zip is damaged: its CRC-32 is wrong`);
  }
}

class ArchiveStorages implements Storages {
  readonly bigEndian: boolean;
  readonly #entries: Entries;
  readonly #root: string;
  /** Stored ones that were read through. */
  readonly #verified = new Set<string>();
  /** The packed one that was unpacked last. */
  #unpacked: { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> } | null = null;

  constructor(entries: Entries, root: string, bigEndian: boolean) {
    this.#entries = entries;
    this.#root = root;
    this.bigEndian = bigEndian;
  }

  problem({ key, count, type }: TorchStorage): string | null {
    const size = this.#entries.size(this.#name(key));
    if (size === undefined) return `the storage data/${shown(key)} is not there`;
    if (size === count * type.width) return null;
    return `data/${shown(key)} has ${size} bytes, which are not ${count} values of ${type.label}`;
  }

  read({ key, type, count }: TorchStorage, from: number, to: number): Uint8Array<ArrayBuffer> {
    const name = this.#name(key);
    const [first, end] = [from * type.width, to * type.width];
    if (!this.#entries.isStored(name)) return this.#unpack(name).slice(first, end);
    if (this.#verified.has(name)) return this.#entries.part(name, first, end);
    this.#verified.add(name);
    // Most tensors are the whole of a storage, which is then read once.
    if (from === 0 && to === count) return this.#entries.whole(name, Infinity);
    this.#entries.verify(name);
    return this.#entries.part(name, first, end);
  }

  #unpack(name: string): Uint8Array<ArrayBuffer> {
    if (this.#unpacked?.name === name) return this.#unpacked.bytes;
    this.#unpacked = null;
    const limit = Math.max(unpacked.least, unpacked.times * this.#entries.packedSize(name));
    const bytes = this.#entries.whole(name, limit);
    this.#unpacked = { name, bytes };
    return bytes;
  }

  #name(key: string): string {
    return `${this.#root}data/${key}`;
  }
}

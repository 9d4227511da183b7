/**
 * The archive that `torch.save` writes since PyTorch 1.6: a zip with one folder, in it `data.pkl`,
 * `byteorder`, `version` and a file for each storage (`data/0`, …), which are stored as they are and read
 * in place. Archives that were packed again, with deflate, are read too.
 */
import { type ByteSource } from '../byte-source';
import { Entries } from '../zip-entries';
import { type Problems, shown } from './problems';
import { type Storages } from './storages';
import { type TorchStorage } from './tensors';

/** Of `data.pkl`: some hundred bytes for each tensor. */
export const largestPickle = 32 * 2 ** 20;
/** What a packed storage may unpack to at least, and how many times its size otherwise. */
const unpacked = { least: 64 * 2 ** 20, times: 200 };
/** PyTorch's newest version of the archive is 10. */
const newestVersion = 10;

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
  const entries = await Entries.open(source, problems);
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

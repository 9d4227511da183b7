/**
 * The form of `torch.save` before PyTorch 1.6: five pickles (a magic number, the form's version, the
 * system, what was saved, the storages' keys), then for each key how many values it has, and they.
 */
import { type ByteSource } from '../byte-source';
import { type Problems, shown } from './problems';
import { type Storages } from './storages';
import { type TorchStorage } from './tensors';
import { unpickle, type UnpickleOptions } from './unpickle';
import { PickleDict, PickleList, type PickleValue } from './values';
import { largestPickle } from './zip';

const magic = 0x1950a86a20f9469cfc6cn;
const formVersion = 1001;

/** Of protocol 2 or later, as torch.save writes them. */
export function isPickle(head: Uint8Array): boolean {
  return head[0] === 0x80 && head[1] !== undefined && head[1] <= 5;
}

export interface LegacyFile {
  readonly value: PickleValue;
  readonly storages: Storages;
}

/** @throws StudioError `corrupt-file` or `invalid-input`: what is wrong with the file */
export function readLegacy(
  source: ByteSource,
  problems: Problems,
  options: UnpickleOptions,
): LegacyFile {
  const { damaged, refused } = problems;
  // The pickles stand before the storages, whose bytes are read when they are asked for.
  const head = source.read(0, Math.min(source.size, largestPickle));
  let at = 0;
  const next = (): PickleValue => {
    const { value, end } = unpickle(head, at, options);
    at = end;
    return value;
  };
  if (next() !== magic) {
    throw refused(
      'is a Python pickle that torch.save did not write: save the weights as a state_dict by torch.save',
    );
  }
  const version = next();
  if (version !== formVersion) {
    throw damaged(`its form is ${versionWords(version)}; ${formVersion} is read`);
  }
  const system = next();
  const little = system instanceof PickleDict ? system.entries.get('little_endian') : null;
  if (little !== true) throw damaged('it does not say that its numbers are little-endian');
  const value = next();
  const keys = next();
  if (!(keys instanceof PickleList)) throw damaged('its list of storages is no list');
  const places = placesOf(source, at, keys.items, options.storages, problems);
  return { value, storages: new LegacyStorages(source, places) };
}

const versionWords = (version: PickleValue): string =>
  typeof version === 'number' ? String(version) : 'of no number';

/** Where each storage's values begin. */
function placesOf(
  source: ByteSource,
  from: number,
  keys: readonly PickleValue[],
  storages: ReadonlyMap<string, TorchStorage>,
  { damaged }: Problems,
): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  let at = from;
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (!storage) {
      throw damaged('it lists a storage that nothing uses, whose length is not known');
    }
    const name = shown(storage.key);
    if (places.has(storage.key)) throw damaged(`it lists storage ${name} twice`);
    if (at + 8 > source.size) throw damaged(`it was truncated: it ends before storage ${name}`);
    const count = Number(new DataView(source.read(at, at + 8).buffer).getBigInt64(0, true));
    if (count !== storage.count) {
      throw damaged(`storage ${name} has ${count} values where its pickle says ${storage.count}`);
    }
    places.set(storage.key, at + 8);
    at += 8 + count * storage.type.width;
    if (at > source.size) throw damaged(`it was truncated: it ends within storage ${name}`);
  }
  return places;
}

class LegacyStorages implements Storages {
  readonly bigEndian = false;
  readonly #source: ByteSource;
  readonly #places: ReadonlyMap<string, number>;

  constructor(source: ByteSource, places: ReadonlyMap<string, number>) {
    this.#source = source;
    this.#places = places;
  }

  problem({ key }: TorchStorage): string | null {
    return this.#places.has(key) ? null : `the storage ${shown(key)} is not there`;
  }

  read({ key, type }: TorchStorage, from: number, to: number): Uint8Array<ArrayBuffer> {
    const place = this.#places.get(key);
    if (place === undefined) throw new RangeError(`no storage ${key}`);
    return this.#source.read(place + from * type.width, place + to * type.width);
  }
}

import { GlobalName, type Rebuild } from './globals';
import { type Damaged, shown } from './problems';
import { type StorageType } from './storage-types';
import { isCount, TorchStorage, TorchTensor, viewOf } from './tensors';
import { Opaque, PickleDict, PickleList, PickleTuple, type PickleValue } from './values';

/** What is called and with what: the few calls that are known are interpreted, none is made. */
export function callOf(called: PickleValue, given: PickleValue, damaged: Damaged): PickleValue {
  if (!(called instanceof GlobalName)) throw damaged('its pickle calls what is no function');
  if (!(given instanceof PickleTuple)) {
    throw damaged(`its pickle calls ${called.name} without a tuple of arguments`);
  }
  const { name, of } = called;
  const { items } = given;
  if (of.kind === 'passed-over') return new Opaque(name);
  if (of.kind === 'ordered-dict') return orderedDict(items, damaged);
  if (of.kind === 'rebuild') return rebuilt(name, of.how, items, damaged);
  throw damaged(`its pickle calls ${name}, which is no function`);
}

/** Empty, or of a list of pairs as Python 2 wrote it. */
function orderedDict(items: readonly PickleValue[], damaged: Damaged): PickleDict {
  const dict = new PickleDict();
  const [pairs] = items;
  if (pairs === undefined) return dict;
  if (pairs instanceof PickleList && items.length === 1) {
    for (const pair of pairs.items) {
      const parts = pair instanceof PickleList || pair instanceof PickleTuple ? pair.items : [];
      const [key, value] = parts;
      if (parts.length !== 2 || key === undefined || value === undefined) break;
      setEntry(dict, key, value, damaged);
    }
    if (dict.entries.size === pairs.items.length) return dict;
  }
  throw damaged('its pickle makes an OrderedDict of something else than pairs');
}

/** Set a key as Python would; what cannot be one there is none here. */
export function setEntry(
  dict: PickleDict,
  key: PickleValue,
  value: PickleValue,
  damaged: Damaged,
): void {
  if (key instanceof PickleDict || key instanceof PickleList) {
    throw damaged('its pickle has a dict or a list as a key');
  }
  dict.entries.set(key, value);
}

/** Tensors of types that hold no weights are of their type: whoever needs one refuses it by name. */
function rebuilt(
  name: string,
  how: Rebuild,
  items: readonly PickleValue[],
  damaged: Damaged,
): TorchTensor {
  const wrong = () => damaged(`its pickle makes a tensor by ${name} of other arguments`);
  if (how === 'parameter') {
    const [tensor] = items;
    if (!(tensor instanceof TorchTensor) || items.length > 4) throw wrong();
    return tensor;
  }
  if (how === 'from-type') {
    const [by, type, given] = items;
    const isClass = type instanceof GlobalName && type.of.kind === 'tensor-class';
    if (!isClass || !(by instanceof GlobalName) || by.of.kind !== 'rebuild') throw wrong();
    // Of a call within a call there is none in any file.
    if (by.of.how === 'from-type') throw wrong();
    const tensor = callOf(by, given ?? null, damaged);
    if (!(tensor instanceof TorchTensor)) throw wrong();
    return tensor;
  }
  const [storage, offset, size, stride, , , dtype] = items;
  const least = { v1: 4, v2: 6, v3: 7 }[how];
  if (items.length < least || !(storage instanceof TorchStorage)) throw wrong();
  if (!(size instanceof PickleTuple) || !(stride instanceof PickleTuple)) throw wrong();
  if (how !== 'v3') {
    const view = viewOf(storage, offset, size.items, stride.items);
    return new TorchTensor(storage, storage.type, view);
  }
  if (!(dtype instanceof GlobalName) || dtype.of.kind !== 'dtype') throw wrong();
  const shape = size.items.filter(isCount);
  const [count, strides] = [0, shape.map(() => 0)];
  const type: StorageType = { label: dtype.of.label, width: 1, dtype: null };
  // It is never read: where it lies does not matter.
  return new TorchTensor(storage, type, { shape, strides, offset: 0, count, span: 0 });
}

/**
 * What a persistent id stands for: a storage.
 *
 * @param known storages by their keys; the new one is added
 */
export function storageOf(
  id: PickleValue,
  known: Map<string, TorchStorage>,
  damaged: Damaged,
): TorchStorage {
  const items = id instanceof PickleTuple ? id.items : [];
  const [tag, type, key, , count, view] = items;
  if (tag !== 'storage' || items.length < 5 || items.length > 6) {
    throw damaged('its pickle has a persistent id that is no storage');
  }
  if (typeof key !== 'string') throw damaged('its pickle names a storage by what is no text');
  if (!(type instanceof GlobalName) || type.of.kind !== 'storage') {
    throw damaged(`its pickle has storage ${shown(key)} of a class that is no storage’s`);
  }
  if (!isCount(count)) throw damaged(`storage ${shown(key)} has no count of values`);
  if (view !== undefined && view !== null) {
    throw damaged(`storage ${shown(key)} is a view of another storage, as files of 2016 have it`);
  }
  const before = known.get(key);
  if (!before) {
    const storage = new TorchStorage(key, type.of.type, count);
    known.set(key, storage);
    return storage;
  }
  if (before.type !== type.of.type || before.count !== count) {
    throw damaged(`storage ${shown(key)} is of two types or sizes`);
  }
  return before;
}

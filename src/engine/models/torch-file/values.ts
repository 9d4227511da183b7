/**
 * What a pickle's values are here. Nothing of Python is built: texts, numbers and null are
 * JavaScript's, all else is one of these classes, and no key of the file is a property of an object.
 */
import { type GlobalName } from './globals';
import { type TorchStorage, type TorchTensor } from './tensors';

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleTuple
  | PickleList
  | PickleDict
  | Opaque
  | GlobalName
  | TorchStorage
  | TorchTensor;

export class PickleTuple {
  readonly items: readonly PickleValue[];

  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

export class PickleList {
  readonly items: PickleValue[] = [];
}

/** A dict or an OrderedDict. */
export class PickleDict {
  readonly entries = new Map<PickleValue, PickleValue>();
}

/** Something that is passed over and was never built. */
export class Opaque {
  /** The global that it would be made by. */
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }
}

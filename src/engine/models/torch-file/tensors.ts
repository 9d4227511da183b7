import { valueAt } from '../../../shared/checked-reads';
import { type StorageType } from './storage-types';

/** Values of one type in a row, which tensors are views of. */
export class TorchStorage {
  /** Its name in the file. */
  readonly key: string;
  readonly type: StorageType;
  /** How many values. */
  readonly count: number;

  constructor(key: string, type: StorageType, count: number) {
    this.key = key;
    this.type = type;
    this.count = count;
  }
}

/** Which of a storage's values are a tensor's: value i, j, … is at offset + i strides[0] + …. */
export interface View {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  /** The product of the shape. */
  readonly count: number;
  /** Values of the storage from the first to the last of the tensor's. */
  readonly span: number;
}

export class TorchTensor {
  readonly storage: TorchStorage;
  readonly type: StorageType;
  /** A text says what is wrong with it: whoever needs the tensor refuses it then, by its name. */
  readonly view: View | string;

  constructor(storage: TorchStorage, type: StorageType, view: View | string) {
    this.storage = storage;
    this.type = type;
    this.view = view;
  }
}

const mostDimensions = 64;

/**
 * A view of a storage.
 *
 * @returns a clause on what is wrong, where it does not lie within the storage
 */
export function viewOf(
  storage: TorchStorage,
  offset: unknown,
  size: readonly unknown[],
  stride: readonly unknown[],
): View | string {
  if (size.length > mostDimensions) return `has ${size.length} dimensions`;
  if (size.length !== stride.length) {
    return `has ${size.length} sizes and ${stride.length} strides`;
  }
  const shape = size.filter(isCount);
  const strides = stride.filter(isCount);
  if (shape.length < size.length || strides.length < stride.length || !isCount(offset)) {
    return 'has a size, a stride or an offset that is no whole number of 0 or more';
  }
  if (shape.includes(0)) return { shape, strides, offset: 0, count: 0, span: 0 };
  const count = shape.reduce((total, side) => total * side, 1);
  const span = shape.reduce((last, side, axis) => last + (side - 1) * valueAt(strides, axis), 1);
  // As numbers they are exact where they are small enough to be true.
  if (offset + span > storage.count) {
    return `lies beyond its storage ${storage.key} of ${storage.count} values`;
  }
  if (count > 2 ** 31) return `has ${count} values`;
  return { shape, strides, offset, count, span };
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** The values of a view in their order, from the span of the storage that holds them. */
export function gather(span: Float32Array, { shape, strides, count }: View): Float32Array {
  if (isContiguous(shape, strides)) return span;
  const values = new Float32Array(count);
  const index = shape.map(() => 0);
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    values[i] = span[at] ?? NaN;
    // Count on from the last axis.
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const next = valueAt(index, axis) + 1;
      const side = shape[axis] ?? 1;
      const step = valueAt(strides, axis);
      if (next < side) {
        index[axis] = next;
        at += step;
        break;
      }
      index[axis] = 0;
      at -= (side - 1) * step;
    }
  }
  return values;
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const side = shape[axis] ?? 1;
    if (side > 1 && strides[axis] !== step) return false;
    step *= side;
  }
  return true;
}

import { readFile } from 'node:fs/promises';
import { type NdArray } from '../../../shared/arrays';
import { valueAt } from '../../../shared/checked-reads';
import { StudioError } from '../../../shared/errors';
import { decodeNpy } from '../../../shared/npy';

/** A float32 array of finite numbers from a `.npy` file. Throws `corrupt-file` naming it. */
export async function readFloats(path: string, name: string): Promise<NdArray<Float32Array>> {
  return asFloats(decodeNpy(await readFile(path), name), name);
}

export function asFloats({ shape, data }: NdArray, name: string): NdArray<Float32Array> {
  if (!(data instanceof Float32Array)) throw new TypeError(`${name} is not float32`);
  const broken = data.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    const message = `${name} holds ${data[broken]} as value ${broken}, which is no finite number: make it again.`;
    throw new StudioError({ code: 'corrupt-file', message });
  }
  return { shape, data };
}

/** The values of row `index` along the first axis. */
export function rowOf<T extends NdArray['data']>(array: NdArray<T>, index: number): NdArray<T> {
  const [count = 0, ...shape] = array.shape;
  if (index < 0 || index >= count) throw new RangeError(`row ${index} of ${count}`);
  const size = shape.reduce((product, dim) => product * dim, 1);
  return { shape, data: array.data.slice(index * size, (index + 1) * size) as T };
}

/** Joined along the first axis. */
export function concatenate(parts: readonly NdArray[]): NdArray {
  const [first] = parts;
  if (!first) throw new RangeError('nothing to join');
  if (parts.length === 1) return first;
  const count = parts.reduce((sum, part) => sum + valueAt(part.shape, 0), 0);
  const length = parts.reduce((sum, part) => sum + part.data.length, 0);
  const data = first.data.slice(0, 0);
  const joined =
    data instanceof Float32Array
      ? new Float32Array(length)
      : data instanceof Int32Array
        ? new Int32Array(length)
        : data instanceof Uint16Array
          ? new Uint16Array(length)
          : data instanceof Uint32Array
            ? new Uint32Array(length)
            : new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part.data, at);
    at += part.data.length;
  }
  return { shape: [count, ...first.shape.slice(1)], data: joined };
}

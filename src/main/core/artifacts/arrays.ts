import { open, readFile } from 'node:fs/promises';
import { type NdArray, typedArray } from '../../../shared/arrays';
import { valueAt } from '../../../shared/checked-reads';
import { StudioError } from '../../../shared/errors';
import { decodeNpy, longestNpyHead, readNpyHead } from '../../../shared/npy';

/** A float32 array of finite numbers from a `.npy` file. Throws `corrupt-file` naming it. */
export async function readFloats(path: string, name: string): Promise<NdArray<Float32Array>> {
  return asFloats(decodeNpy(await readFile(path), name), name);
}

/**
 * Some rows along the first axis of such a file; of the others nothing is read.
 *
 * @param from the first of them
 * @param to the one after the last
 */
export async function readFloatRows(
  path: string,
  name: string,
  from: number,
  to: number,
): Promise<NdArray<Float32Array>> {
  const file = await open(path, 'r');
  try {
    const head = await file.read(new Uint8Array(longestNpyHead), 0, longestNpyHead, 0);
    const facts = readNpyHead(head.buffer.subarray(0, head.bytesRead), name);
    const [count = 0, ...shape] = facts.shape;
    if (from < 0 || to > count) throw new RangeError(`rows ${from} to ${to} of ${count}`);
    const row = shape.reduce((product, dim) => product * dim, facts.width);
    const bytes = new Uint8Array((to - from) * row);
    const start = facts.start + from * row;
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0) {
        const message = `${name} ends before its last value: make it again.`;
        throw new StudioError({ code: 'corrupt-file', message });
      }
      done += bytesRead;
    }
    return asFloats({ shape: [to - from, ...shape], data: typedArray(facts.dtype, bytes) }, name);
  } finally {
    await file.close();
  }
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

/** Float32 arrays joined along the first axis. */
export function concatenateFloats(parts: readonly NdArray<Float32Array>[]): NdArray<Float32Array> {
  const { shape, data } = concatenate(parts);
  if (!(data instanceof Float32Array)) throw new TypeError('the parts are not float32');
  return { shape, data };
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

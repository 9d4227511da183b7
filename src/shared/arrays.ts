import { z } from 'zod';

export const dtypes = ['float32', 'uint8', 'uint16', 'int32', 'uint32'] as const;
export type Dtype = (typeof dtypes)[number];

/** A small array on the wire: little-endian bytes, base64, row-major. Large ones travel as files. */
export const arraySchema = z.object({
  dtype: z.enum(dtypes),
  shape: z.array(z.int().nonnegative()),
  data: z.base64(),
});

export type WireArray = z.infer<typeof arraySchema>;
export type TypedArray = Float32Array | Uint8Array | Uint16Array | Int32Array | Uint32Array;

/** An n-dimensional array in memory, row-major. */
export interface NdArray<T extends TypedArray = TypedArray> {
  readonly shape: readonly number[];
  readonly data: T;
}

export function dtypeOf(data: TypedArray): Dtype {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Uint16Array) return 'uint16';
  return data instanceof Uint32Array ? 'uint32' : 'int32';
}

/** A typed array over a copy of `bytes` (so that alignment never matters). */
export function typedArray(dtype: Dtype, bytes: Uint8Array): TypedArray {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  switch (dtype) {
    case 'float32':
      return new Float32Array(copy.buffer);
    case 'uint8':
      return copy;
    case 'uint16':
      return new Uint16Array(copy.buffer);
    case 'int32':
      return new Int32Array(copy.buffer);
    case 'uint32':
      return new Uint32Array(copy.buffer);
  }
}

export function toWire(array: NdArray): WireArray {
  const { data } = array;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  let binary = '';
  for (let start = 0; start < bytes.length; start += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return { dtype: dtypeOf(data), shape: [...array.shape], data: btoa(binary) };
}

export function fromWire(wire: WireArray): NdArray {
  const binary = atob(wire.data);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return { shape: wire.shape, data: typedArray(wire.dtype, bytes) };
}

import { z } from 'zod';

export const dtypes = ['float32', 'uint8', 'uint16', 'int32', 'uint32'] as const;
export type Dtype = (typeof dtypes)[number];

/** A small array on the wire: little-endian bytes, row-major. Large ones travel as files. */
export const arraySchema = z.object({
  dtype: z.enum(dtypes),
  shape: z.array(z.int().nonnegative()),
  data: z.instanceof(Uint8Array),
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

/** Its own bytes alone: what sends a view would send all that it looks at. */
export function toWire(array: NdArray): WireArray {
  const { data } = array;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { dtype: dtypeOf(data), shape: [...array.shape], data: new Uint8Array(bytes) };
}

export function fromWire(wire: WireArray): NdArray {
  // Every reader of pixels shares these bytes: none of them writes.
  const data = wire.dtype === 'uint8' ? wire.data : typedArray(wire.dtype, wire.data);
  return { shape: wire.shape, data };
}

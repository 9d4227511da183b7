import { bfloat16Values, float16Values } from './half-precision';

/** How a file of weights keeps values, by the names that safetensors gives its types. */
export interface ValueType {
  /** Bytes of a value. */
  readonly width: number;
  /**
   * The values as float32: F64 and whole numbers above 2^24 are rounded, all else is exact.
   *
   * @param buffer little-endian values that begin at its start; the result may be a view of it
   */
  decode(buffer: ArrayBuffer): Float32Array;
}

export const valueTypes: ReadonlyMap<string, ValueType> = new Map<string, ValueType>([
  ['F32', { width: 4, decode: (buffer) => new Float32Array(buffer) }],
  ['F64', { width: 8, decode: (buffer) => Float32Array.from(new Float64Array(buffer)) }],
  ['F16', { width: 2, decode: (buffer) => float16Values(new Uint16Array(buffer)) }],
  ['BF16', { width: 2, decode: (buffer) => bfloat16Values(new Uint16Array(buffer)) }],
  ['I64', { width: 8, decode: (buffer) => Float32Array.from(new BigInt64Array(buffer), Number) }],
  ['I32', { width: 4, decode: (buffer) => Float32Array.from(new Int32Array(buffer)) }],
  ['I16', { width: 2, decode: (buffer) => Float32Array.from(new Int16Array(buffer)) }],
  ['I8', { width: 1, decode: (buffer) => Float32Array.from(new Int8Array(buffer)) }],
  ['U8', { width: 1, decode: (buffer) => Float32Array.from(new Uint8Array(buffer)) }],
  ['BOOL', { width: 1, decode: (buffer) => Float32Array.from(new Uint8Array(buffer), zeroOrOne) }],
]);

/** Types that weights come in; in the others a network's tensor would be something else. */
export const weightTypes: readonly string[] = ['F32', 'F64', 'F16', 'BF16', 'I64', 'I32'];

const zeroOrOne = (byte: number): number => (byte === 0 ? 0 : 1);

/** The bytes of each value the other way round. */
export function turnBytes(bytes: Uint8Array<ArrayBuffer>, width: number): void {
  const buffer = Buffer.from(bytes.buffer);
  if (width === 2) buffer.swap16();
  if (width === 4) buffer.swap32();
  if (width === 8) buffer.swap64();
}

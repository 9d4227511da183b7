import { valueAt } from './checked-reads';
import { StudioError } from './errors';
import { type Dtype, dtypeOf, type NdArray, typedArray } from './arrays';

/**
 * NumPy's `.npy` format, version 1.0 (numpy.lib.format): magic, version, header length, a Python
 * dictionary as text padded to 64 bytes, then little-endian row-major data.
 */
const codes: Record<Dtype, string> = {
  float32: '<f4',
  uint8: '|u1',
  uint16: '<u2',
  int32: '<i4',
  uint32: '<u4',
};
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** What stands before the values of an array of this shape. */
export function npyHead(dtype: Dtype, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${codes[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length);
  bytes.set(magic);
  bytes.set([1, 0, (length - 10) & 0xff, (length - 10) >> 8], 6);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - 11)}\n`), 10);
  return bytes;
}

/** Values as they stand in a file. */
export const npyValues = ({ buffer, byteOffset, byteLength }: NdArray['data']): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The bytes of a `.npy` file. */
export function encodeNpy(array: NdArray): Uint8Array {
  const { shape, data } = array;
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== data.length) {
    throw new RangeError(
      `encodeNpy: shape [${shape.join(', ')}] has ${count} values, data ${data.length}`,
    );
  }
  const head = npyHead(dtypeOf(data), shape);
  const bytes = new Uint8Array(head.length + data.byteLength);
  bytes.set(head);
  bytes.set(npyValues(data), head.length);
  return bytes;
}

/** What a `.npy` file says of its values. */
export interface NpyFacts {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Where its values begin. */
  readonly start: number;
  /** Bytes of a value. */
  readonly width: number;
}

/** Bytes of a file's beginning that hold the head of any that we write. */
export const longestNpyHead = 1024;

const unreadable = (file: string, why: string) =>
  new StudioError({
    code: 'corrupt-file',
    message: `${file} is not a readable .npy file: ${why}.`,
  });

/**
 * Read the head of a `.npy` file of one of our dtypes, row-major. Throws `corrupt-file` naming `file`.
 *
 * @param bytes the file, or its first `longestNpyHead` bytes
 */
export function readNpyHead(bytes: Uint8Array, file = 'array'): NpyFacts {
  const bad = (why: string) => unreadable(file, why);
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte))
    throw bad('wrong magic bytes');
  if (bytes[6] !== 1) throw bad(`version ${bytes[6]}, expected 1`);
  const start = 10 + valueAt(bytes, 8) + (valueAt(bytes, 9) << 8);
  const header = new TextDecoder().decode(bytes.subarray(10, start));
  const descr = /'descr': '([^']+)'/.exec(header)?.[1];
  const dtype = (Object.keys(codes) as Dtype[]).find((name) => codes[name] === descr);
  if (!dtype) throw bad(`type ${descr ?? 'unknown'}`);
  if (!header.includes("'fortran_order': False")) throw bad('not row-major');
  const dims = /'shape': \(([^)]*)\)/.exec(header)?.[1];
  if (dims === undefined) throw bad('no shape');
  const shape = dims.split(',').flatMap((part) => (part.trim() ? [Number(part)] : []));
  const width = dtype === 'uint8' ? 1 : dtype === 'uint16' ? 2 : 4;
  return { dtype, shape, start, width };
}

/** Read a `.npy` file of one of our dtypes, row-major. Throws `corrupt-file` naming `file`. */
export function decodeNpy(bytes: Uint8Array, file = 'array'): NdArray {
  const { dtype, shape, start, width } = readNpyHead(bytes, file);
  const data = bytes.subarray(start);
  const count = shape.reduce((product, dim) => product * dim, 1);
  if (data.byteLength !== count * width)
    throw unreadable(file, `${data.byteLength} bytes of data, expected ${count * width}`);
  return { shape, data: typedArray(dtype, data) };
}

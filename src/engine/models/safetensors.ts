import { z } from 'zod';
import { StudioError } from '../../shared/errors';
import { describeForeign } from './foreign-file';
import { bfloat16Values, float16Values } from './half-precision';

/**
 * The safetensors format (github.com/huggingface/safetensors): the header's length as a
 * little-endian uint64, the header as JSON with each tensor's type, shape and byte range, then the
 * values without gaps.
 */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** How the file holds the values; default F32. Whole numbers are exact up to 2^24. */
  readonly type?: 'F32' | 'I64' | undefined;
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A tensor of a file whose values have not been looked at yet. */
export interface StoredTensor {
  readonly shape: readonly number[];
  /** The format's name of its type, of any that there is. */
  readonly dtype: string;
  /**
   * Its values as float32: F64, I64 and I32 are rounded, F16 and BF16 are exact. They may lie in the
   * file's bytes: they are to be read, not changed.
   *
   * @throws StudioError `corrupt-file` naming the tensor, where its type is another one
   */
  read(): NamedTensor;
}

/** A file whose header is sound; what nobody reads takes no memory. */
export interface OpenSafetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const metadataSchema = z.record(z.string(), z.string());
const largestHeader = 100_000_000;

interface ValueType {
  /** Bytes of a value. */
  readonly width: number;
  /** @param buffer values that begin at its start */
  decode(buffer: ArrayBuffer): NamedTensor['data'];
}

const types = new Map<string, ValueType>([
  ['F32', { width: 4, decode: (buffer) => new Float32Array(buffer) }],
  ['F64', { width: 8, decode: (buffer) => Float32Array.from(new Float64Array(buffer)) }],
  ['F16', { width: 2, decode: (buffer) => float16Values(new Uint16Array(buffer)) }],
  ['BF16', { width: 2, decode: (buffer) => bfloat16Values(new Uint16Array(buffer)) }],
  ['I64', { width: 8, decode: (buffer) => Float32Array.from(new BigInt64Array(buffer), Number) }],
  ['I32', { width: 4, decode: (buffer) => Float32Array.from(new Int32Array(buffer)) }],
]);

/** Bytes from which on a tensor is read where it lies in its file: twice half a gigabyte is too much. */
const wide = 2 ** 24;

/**
 * A wide tensor's values as they lie, where they are aligned; null: they are to be copied. The small
 * ones are, so that nobody who keeps one keeps the file.
 */
function valuesOf(bytes: Uint8Array, dtype: string): Float32Array | null {
  const { buffer, byteOffset, byteLength } = bytes;
  if (dtype !== 'F32' || byteLength < wide || byteOffset % 4 !== 0) return null;
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}

/**
 * The bytes of a file; tensors in the map's order, but those of 8 bytes a value first, so that all
 * values are aligned.
 */
export function encodeSafetensors(file: Safetensors): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(file.metadata).length > 0) header['__metadata__'] = file.metadata;
  let offset = 0;
  const blocks: Uint8Array[] = [];
  const ordered = [...file.tensors];
  ordered.sort(([, a], [, b]) => Number(b.type === 'I64') - Number(a.type === 'I64'));
  for (const [name, { shape, data, type = 'F32' }] of ordered) {
    const count = product(shape);
    if (count !== data.length) {
      throw new RangeError(
        `${name}: shape [${shape.join(', ')}] has ${count} values, not ${data.length}`,
      );
    }
    const values = type === 'I64' ? BigInt64Array.from(data, (value) => BigInt(value)) : data;
    blocks.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    const end = offset + values.byteLength;
    header[name] = { dtype: type, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Spaces align the values to 8 bytes, as the format's own writer does.
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.fill(0x20, 8, 8 + length);
  bytes.set(text, 8);
  let position = 8 + length;
  for (const block of blocks) {
    bytes.set(block, position);
    position += block.byteLength;
  }
  return bytes;
}

/**
 * Read a file's header strictly: every tensor within the file, none over another, no byte that
 * belongs to none.
 *
 * @param name the file's name, for messages
 * @throws StudioError `corrupt-file` that says what is wrong, by the tensor's name; `invalid-input`
 *   for a file of another format, with what to do
 */
export function openSafetensors(bytes: Uint8Array, name: string): OpenSafetensors {
  const bad = (why: string) =>
    new StudioError({
      code: 'corrupt-file',
      message: `${name} is not a readable safetensors file: ${why}.`,
      details: { file: name },
    });
  // What is wrong with the header of another format helps nobody.
  const { header, start } = readHeader(bytes, (why) => otherFormat(bytes, name) ?? bad(why));
  const tensors = new Map<string, StoredTensor>();
  const ranges: { key: string; from: number; to: number }[] = [];
  for (const [key, value] of header) {
    if (key === '__metadata__') continue;
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) throw bad(`the entry of ${key} is malformed`);
    const { dtype, shape, data_offsets: range } = parsed.data;
    const type = types.get(dtype);
    const [from, to] = range;
    if (type && to - from !== product(shape) * type.width) {
      throw bad(`${key} has ${to - from} bytes for shape [${shape.join(', ')}]`);
    }
    if (from > to || start + to > bytes.length) throw bad(`${key} lies outside the file`);
    ranges.push({ key, from, to });
    const read = (): NamedTensor => {
      if (!type) {
        throw bad(`${key} is of type ${dtype}; ${[...types.keys()].join(', ')} are accepted`);
      }
      const part = bytes.subarray(start + from, start + to);
      const data = valuesOf(part, dtype) ?? type.decode(new Uint8Array(part).buffer);
      return dtype === 'I64' ? { shape, data, type: 'I64' } : { shape, data };
    };
    tensors.set(key, { shape, dtype, read });
  }
  ranges.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  let before = 'the header';
  for (const { key, from, to } of ranges) {
    if (from < end) throw bad(`the values of ${key} overlap those of ${before}`);
    if (from > end) throw bad(`${from - end} bytes between ${before} and ${key} are no tensor’s`);
    end = to;
    before = key;
  }
  if (start + end !== bytes.length) throw bad(`bytes follow its last tensor, ${before}`);
  const metadata = metadataSchema.safeParse(header.get('__metadata__') ?? {});
  if (!metadata.success) throw bad('its metadata is not a table of texts');
  return { tensors, metadata: metadata.data };
}

/**
 * Read a file whole: the values of every tensor as float32.
 *
 * @param name the file's name, for messages
 * @throws StudioError `corrupt-file` that says what is wrong
 */
export function decodeSafetensors(bytes: Uint8Array, name: string): Safetensors {
  const { tensors, metadata } = openSafetensors(bytes, name);
  return {
    tensors: new Map([...tensors].map(([key, tensor]) => [key, tensor.read()])),
    metadata,
  };
}

function otherFormat(bytes: Uint8Array, name: string): StudioError | null {
  const message = describeForeign(bytes, name);
  if (message === null) return null;
  const about = { field: 'file', value: name, accepted: 'a safetensors file' };
  return new StudioError({ code: 'invalid-input', message, ...about, details: { file: name } });
}

/** The header's entries, and where the values start. */
function readHeader(
  bytes: Uint8Array,
  bad: (why: string) => StudioError,
): { header: ReadonlyMap<string, unknown>; start: number } {
  if (bytes.length < 8) throw bad(`it has ${bytes.length} bytes, too few for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > largestHeader) throw bad(`its header claims ${length} bytes`);
  const start = 8 + length;
  if (start > bytes.length) throw bad('it ends inside its header');
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, start)));
  } catch {
    throw bad('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw bad('its header is not a JSON object');
  }
  // Not a record of zod's, which would pass over a tensor that is called __proto__.
  return { header: new Map<string, unknown>(Object.entries(header)), start };
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

import { z } from 'zod';
import { StudioError } from '../../shared/errors';
import { type ByteSource, MemoryBytes } from './byte-source';
import { describeForeign } from './foreign-file';
import { valueTypes, weightTypes } from './value-types';

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

/** What the header says of a tensor before its values are there. */
export interface TensorForm {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type?: NamedTensor['type'];
}

/**
 * The header of a file, and the order in which the tensors' values follow it: as they are given, but
 * those of 8 bytes a value first, so that all values are aligned.
 */
export function safetensorsHead<T extends TensorForm>(
  forms: readonly T[],
  metadata: Safetensors['metadata'],
): { head: Uint8Array; ordered: readonly T[] } {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let offset = 0;
  const ordered = forms.toSorted((a, b) => Number(b.type === 'I64') - Number(a.type === 'I64'));
  for (const { name, shape, type = 'F32' } of ordered) {
    const end = offset + product(shape) * (type === 'I64' ? 8 : 4);
    header[name] = { dtype: type, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Spaces align the values to 8 bytes, as the format's own writer does.
  const length = Math.ceil(text.length / 8) * 8;
  const head = new Uint8Array(8 + length);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.fill(0x20, 8);
  head.set(text, 8);
  return { head, ordered };
}

/** A tensor's values as they lie in a file. Throws RangeError where they are not as its form says. */
export function tensorBytes(
  { name, shape, type = 'F32' }: TensorForm,
  data: Float32Array,
): Uint8Array {
  const count = product(shape);
  if (count !== data.length) {
    throw new RangeError(
      `${name}: shape [${shape.join(', ')}] has ${count} values, not ${data.length}`,
    );
  }
  const values = type === 'I64' ? BigInt64Array.from(data, (value) => BigInt(value)) : data;
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The bytes of a whole file. */
export function encodeSafetensors(file: Safetensors): Uint8Array {
  const forms = [...file.tensors].map(([name, tensor]) => {
    const { shape, type, data } = tensor;
    return { name, shape, type, data };
  });
  const { head, ordered } = safetensorsHead(forms, file.metadata);
  return joined([head, ...ordered.map((form) => tensorBytes(form, form.data))]);
}

/** Pieces of a file as one. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((total, { length }) => total + length, 0));
  let position = 0;
  for (const piece of pieces) {
    bytes.set(piece, position);
    position += piece.length;
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
export function openSafetensors(source: ByteSource, name: string): OpenSafetensors {
  const bad = (why: string) =>
    new StudioError({
      code: 'corrupt-file',
      message: `${name} is not a readable safetensors file: ${why}.`,
      details: { file: name },
    });
  // What is wrong with the header of another format helps nobody.
  const { header, start } = readHeader(source, (why) => otherFormat(source, name) ?? bad(why));
  const tensors = new Map<string, StoredTensor>();
  const ranges: { key: string; from: number; to: number }[] = [];
  for (const [key, value] of header) {
    if (key === '__metadata__') continue;
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) throw bad(`the entry of ${key} is malformed`);
    const { dtype, shape, data_offsets: range } = parsed.data;
    const type = valueTypes.get(dtype);
    const [from, to] = range;
    if (type && to - from !== product(shape) * type.width) {
      throw bad(`${key} has ${to - from} bytes for shape [${shape.join(', ')}]`);
    }
    if (from > to || start + to > source.size) throw bad(`${key} lies outside the file`);
    ranges.push({ key, from, to });
    const read = (): NamedTensor => {
      if (!type || !weightTypes.includes(dtype)) {
        throw bad(`${key} is of type ${dtype}; ${weightTypes.join(', ')} are accepted`);
      }
      const data = type.decode(source.read(start + from, start + to).buffer);
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
  if (start + end !== source.size) throw bad(`bytes follow its last tensor, ${before}`);
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
  const { tensors, metadata } = openSafetensors(new MemoryBytes(bytes), name);
  return {
    tensors: new Map([...tensors].map(([key, tensor]) => [key, tensor.read()])),
    metadata,
  };
}

function otherFormat(source: ByteSource, name: string): StudioError | null {
  const message = describeForeign(source.read(0, Math.min(source.size, 512)), name);
  if (message === null) return null;
  const accepted = 'a safetensors file, or a state_dict that torch.save wrote';
  const about = { field: 'file', value: name, accepted };
  return new StudioError({ code: 'invalid-input', message, ...about, details: { file: name } });
}

/** The header's entries, and where the values start. */
function readHeader(
  source: ByteSource,
  bad: (why: string) => StudioError,
): { header: ReadonlyMap<string, unknown>; start: number } {
  const { size } = source;
  if (size < 8) throw bad(`it has ${size} bytes, too few for a header`);
  const length = Number(new DataView(source.read(0, 8).buffer).getBigUint64(0, true));
  if (length > largestHeader) throw bad(`its header claims ${length} bytes`);
  const start = 8 + length;
  if (start > size) throw bad('it ends inside its header');
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(source.read(8, start)));
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

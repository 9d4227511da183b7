import { z } from 'zod';
import { StudioError } from '../../shared/errors';

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

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const metadataSchema = z.record(z.string(), z.string());
const largestHeader = 100_000_000;
const bytesPer: Record<string, number> = { F32: 4, F64: 8, I64: 8 };

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
 * Read a file whole and strictly: float32 values, or float64 ones and int64 ones rounded to float32.
 *
 * @param name the file's name, for messages
 * @throws StudioError `corrupt-file` that says what is wrong
 */
export function decodeSafetensors(bytes: Uint8Array, name: string): Safetensors {
  const bad = (why: string) =>
    new StudioError({
      code: 'corrupt-file',
      message: `${name} is not a readable safetensors file: ${why}.`,
      details: { file: name },
    });
  if (bytes.length < 8) throw bad(`it has ${bytes.length} bytes, too few for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > largestHeader) throw bad(`its header claims ${length} bytes`);
  const start = 8 + length;
  if (start > bytes.length) throw bad('it ends inside its header');
  const header = parseHeader(bytes.subarray(8, start), bad);
  const tensors = new Map<string, NamedTensor>();
  const ranges: [number, number][] = [];
  for (const [key, value] of Object.entries(header)) {
    if (key === '__metadata__') continue;
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) throw bad(`the entry of ${key} is malformed`);
    const { dtype, shape, data_offsets: range } = parsed.data;
    const width = bytesPer[dtype];
    if (width === undefined) throw bad(`${key} is of type ${dtype}; F32, F64 and I64 are accepted`);
    const [from, to] = range;
    if (to - from !== product(shape) * width) {
      throw bad(`${key} has ${to - from} bytes for shape [${shape.join(', ')}]`);
    }
    if (from > to || start + to > bytes.length) throw bad(`${key} lies outside the file`);
    ranges.push([from, to]);
    // A copy, so that the values are aligned (a Buffer's slice would be a view).
    const copy = new Uint8Array(bytes.subarray(start + from, start + to)).buffer;
    if (dtype === 'I64') {
      const data = Float32Array.from(new BigInt64Array(copy), Number);
      tensors.set(key, { shape, data, type: 'I64' });
    } else {
      const data =
        dtype === 'F32' ? new Float32Array(copy) : Float32Array.from(new Float64Array(copy));
      tensors.set(key, { shape, data });
    }
  }
  ranges.sort((a, b) => a[0] - b[0]);
  let end = 0;
  for (const [from, to] of ranges) {
    if (from !== end) throw bad('its tensors overlap or leave gaps');
    end = to;
  }
  if (start + end !== bytes.length) throw bad('bytes follow its last tensor');
  const metadata = metadataSchema.safeParse(header['__metadata__'] ?? {});
  if (!metadata.success) throw bad('its metadata is not a table of texts');
  return { tensors, metadata: metadata.data };
}

function parseHeader(
  bytes: Uint8Array,
  bad: (why: string) => StudioError,
): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw bad('its header is not JSON');
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(header);
  if (!parsed.success) throw bad('its header is not a JSON object');
  return parsed.data;
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

import { z } from 'zod';
import { type StateTensor } from '../../../../shared/catalogue/network';

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const metadataSchema = z.record(z.string(), z.string());

/** Bytes of the longest header that is read: our own take some kilobytes. */
export const longestHeader = 1 << 20;

const valuesOf = ({ shape }: Pick<StateTensor, 'shape'>): number =>
  shape.reduce((product, size) => product * size, 1);
const widths = { F32: 4, I64: 8 } as const;

/** Bytes of the values of a file of such tensors. */
export const tensorBytes = (tensors: readonly StateTensor[]): number =>
  tensors.reduce((sum, tensor) => sum + valuesOf(tensor) * widths[tensor.type], 0);

/** What a file says of itself besides its tensors. */
export type Metadata = Readonly<Record<string, string>>;

/**
 * What keeps bytes from being a safetensors file of exactly these tensors, every value a finite number
 * and none below the least that its tensor can have, as a clause; null: nothing.
 *
 * @param stated what keeps its metadata from being right, as a clause
 */
export function safetensorsProblem(
  bytes: Uint8Array,
  tensors: readonly StateTensor[],
  stated: (metadata: Metadata) => string | null = () => null,
): string | null {
  const header = readHeader(bytes);
  if (typeof header === 'string') return header;
  const { entries, start } = header;
  const metadata = metadataSchema.safeParse(entries.get('__metadata__') ?? {});
  if (!metadata.success) return 'its metadata is not a table of texts';
  const misstated = stated(metadata.data);
  if (misstated !== null) return misstated;
  const expected = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const ranges: [number, number][] = [];
  for (const [name, value] of entries) {
    if (name === '__metadata__') continue;
    const tensor = expected.get(name);
    if (!tensor) return `it holds ${JSON.stringify(name.slice(0, 80))}, which the network lacks`;
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) return `the entry of ${name} is malformed`;
    const { dtype, shape, data_offsets: range } = parsed.data;
    if (dtype !== tensor.type) return `${name} is of type ${dtype}, not ${tensor.type}`;
    if (shape.join() !== tensor.shape.join()) {
      return `${name} is of shape [${shape.join(', ')}], not [${tensor.shape.join(', ')}]`;
    }
    const [from, to] = range;
    if (to - from !== valuesOf(tensor) * widths[tensor.type]) {
      return `${name} has ${to - from} bytes for its shape`;
    }
    if (start + to > bytes.length) return `${name} lies outside the file`;
    ranges.push(range);
    expected.delete(name);
    const odd = oddValue(bytes.subarray(start + from, start + to), tensor);
    if (odd !== null) return `${name} holds ${odd}`;
  }
  const [lacking] = expected.keys();
  if (lacking !== undefined) return `it lacks ${lacking}`;
  let end = 0;
  for (const [from, to] of ranges.sort(([a, b], [c, d]) => a - c || b - d)) {
    if (from !== end) return 'its tensors overlap or leave gaps';
    end = to;
  }
  return start + end === bytes.length ? null : 'bytes follow its last tensor';
}

function readHeader(
  bytes: Uint8Array,
): { entries: ReadonlyMap<string, unknown>; start: number } | string {
  if (bytes.length < 8) return `it has ${bytes.length} bytes, too few for a header`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const start = 8 + length;
  if (length > longestHeader || start > bytes.length) return `its header claims ${length} bytes`;
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, start)));
  } catch {
    return 'its header is not JSON';
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    return 'its header is not a JSON object';
  }
  return { entries: new Map<string, unknown>(Object.entries(header)), start };
}

/** What of its values it cannot have, in words; null: nothing. */
function oddValue(values: Uint8Array, { type, least = -Infinity }: StateTensor): string | null {
  // A copy, for in the file they need not lie aligned; a Buffer's own slice would be none.
  const { buffer } = new Uint8Array(values);
  const numbers =
    type === 'F32'
      ? new Float32Array(buffer)
      : Array.from(new BigInt64Array(buffer), (value) => Number(value));
  if (!numbers.every(Number.isFinite)) return 'what is no finite number';
  const low = numbers.find((value) => value < least);
  if (low !== undefined) return `${low}, where ${least} is the least`;
  const inexact = type === 'I64' && !numbers.every(Number.isSafeInteger);
  return inexact ? 'a count beyond all bounds' : null;
}

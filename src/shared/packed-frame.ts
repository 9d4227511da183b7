import { z } from 'zod';
// A type alone: the annotator's page uses this file, and the schemas of events are not for it.
import type { ReplyFrame } from './wire';

const keySchema = z.union([z.string(), z.int().nonnegative()]);
/** Where bytes stand in a frame, by the keys that lead to them, and how many there are. */
const pieceSchema = z.object({ path: z.array(keySchema).min(1), bytes: z.int().nonnegative() });
const headerSchema = z.object({ frame: z.unknown(), pieces: z.array(pieceSchema) });
type Path = z.infer<typeof pieceSchema>['path'];

/** Bytes of the length of the header, little-endian, before it. */
const prefix = 4;

/** Lists of numbers and texts are long, and hold no bytes. */
const isPlainList = (value: object): boolean =>
  Array.isArray(value) && (typeof value[0] === 'number' || typeof value[0] === 'string');

/** Whether a frame holds bytes, which travel as they are, not as text. */
export function holdsBytes(value: unknown): boolean {
  if (value instanceof Uint8Array) return true;
  if (typeof value !== 'object' || value === null || isPlainList(value)) return false;
  return Object.values(value).some(holdsBytes);
}

/** A frame as bytes: the length of its header, the header as JSON, then the bytes that it names. */
export function packFrame(frame: ReplyFrame): Uint8Array<ArrayBuffer> {
  const pieces: z.infer<typeof pieceSchema>[] = [];
  const parts: Uint8Array[] = [];
  const bare = withoutBytes(frame, [], (path, part) => {
    pieces.push({ path, bytes: part.length });
    parts.push(part);
  });
  const header = new TextEncoder().encode(JSON.stringify({ frame: bare, pieces }));
  const length = parts.reduce((sum, part) => sum + part.length, prefix + header.length);
  const packed = new Uint8Array(length);
  new DataView(packed.buffer).setUint32(0, header.length, true);
  packed.set(header, prefix);
  let at = prefix + header.length;
  for (const part of parts) {
    packed.set(part, at);
    at += part.length;
  }
  return packed;
}

/** The frame that `packFrame` packed, its bytes copied out; undefined where it is none. */
export function unpackFrame(packed: ArrayBuffer): unknown {
  try {
    const length = new DataView(packed).getUint32(0, true);
    const text = new TextDecoder().decode(new Uint8Array(packed, prefix, length));
    const { frame, pieces } = headerSchema.parse(JSON.parse(text));
    let at = prefix + length;
    for (const { path, bytes } of pieces) {
      put(frame, path, new Uint8Array(packed.slice(at, at + bytes)));
      at += bytes;
    }
    return at === packed.byteLength ? frame : undefined;
  } catch {
    return undefined;
  }
}

function withoutBytes(
  value: unknown,
  path: Path,
  found: (path: Path, bytes: Uint8Array) => void,
): unknown {
  if (value instanceof Uint8Array) {
    found(path, value);
    return null;
  }
  if (typeof value !== 'object' || value === null || isPlainList(value)) return value;
  if (Array.isArray(value)) return value.map((item, i) => withoutBytes(item, [...path, i], found));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutBytes(item, [...path, key], found)]),
  );
}

function put(frame: unknown, path: Path, bytes: Uint8Array): void {
  let holder: object = { frame };
  let key: Path[number] = 'frame';
  for (const next of path) {
    const inner: unknown = Reflect.get(holder, key);
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, next)) {
      throw new RangeError('no place for the bytes');
    }
    holder = inner;
    key = next;
  }
  Reflect.set(holder, key, bytes);
}

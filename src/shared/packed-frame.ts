import { type ReplyFrame } from './wire';

/** Where bytes stand in a frame, by the keys that lead to them, and how many there are. */
interface Piece {
  readonly path: readonly (string | number)[];
  readonly bytes: number;
}

/** Bytes of the length of the header, little-endian, before it. */
const prefix = 4;

/** Whether a frame holds bytes, which travel as they are, not as text. */
export function holdsBytes(value: unknown): boolean {
  if (value instanceof Uint8Array) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsBytes);
}

/** A frame as bytes: the length of its header, the header as JSON, then the bytes that it names. */
export function packFrame(frame: ReplyFrame): Uint8Array {
  const pieces: Piece[] = [];
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
    const header = new TextDecoder().decode(new Uint8Array(packed, prefix, length));
    const { frame, pieces } = JSON.parse(header) as { frame: unknown; pieces: readonly Piece[] };
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
  path: readonly (string | number)[],
  found: (path: readonly (string | number)[], bytes: Uint8Array) => void,
): unknown {
  if (value instanceof Uint8Array) {
    found(path, value);
    return null;
  }
  if (Array.isArray(value)) {
    // Lists of numbers are long and hold none.
    if (typeof value[0] === 'number') return value;
    return value.map((item, i) => withoutBytes(item, [...path, i], found));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutBytes(item, [...path, key], found)]),
  );
}

function put(frame: unknown, path: readonly (string | number)[], bytes: Uint8Array): void {
  const last = path.at(-1);
  let holder = frame;
  for (const key of path.slice(0, -1)) holder = Reflect.get(Object(holder), key);
  if (
    last === undefined ||
    typeof holder !== 'object' ||
    holder === null ||
    !Object.hasOwn(holder, last)
  ) {
    throw new RangeError('no place for the bytes');
  }
  Reflect.set(holder, last, bytes);
}

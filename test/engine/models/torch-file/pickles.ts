/** Pickles put together by hand, as `test/fixtures/own-weights.py` does it. */

export const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const all = (parts: readonly Buffer[]): Buffer => Buffer.concat([...parts]);

/** A value of a pickle: its steps. */
export const text = (value: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.byteLength(value));
  return all([bytes('X'), length, Buffer.from(value)]);
};
export const int = (value: number): Buffer => {
  const four = Buffer.alloc(4);
  four.writeInt32LE(value);
  return all([bytes('J'), four]);
};
export const global = (module: string, name: string): Buffer => bytes(`c${module}\n${name}\n`);
export const tuple = (...items: Buffer[]): Buffer => all([bytes('('), ...items, bytes('t')]);
export const list = (...items: Buffer[]): Buffer => all([bytes(']('), ...items, bytes('e')]);
export const dict = (...pairs: [Buffer | string, Buffer][]): Buffer =>
  all([
    bytes('}('),
    ...pairs.flatMap(([key, value]) => [typeof key === 'string' ? text(key) : key, value]),
    bytes('u'),
  ]);
export const call = (called: Buffer, ...given: Buffer[]): Buffer =>
  all([called, tuple(...given), bytes('R')]);
export const steps = (...parts: Buffer[]): Buffer => all(parts);
export const pickle = (value: Buffer, protocol = 2): Buffer =>
  all([Buffer.of(0x80, protocol), value, bytes('.')]);

const storage = (key: string, count: number): Buffer =>
  steps(
    tuple(
      text('storage'),
      global('torch', 'FloatStorage'),
      text(key),
      text('cpu'),
      int(count),
      bytes('N'),
    ),
    bytes('Q'),
  );

/** A row of float32. */
export const row = (key: string, count: number): Buffer =>
  call(
    global('torch._utils', '_rebuild_tensor_v2'),
    ...[storage(key, count), int(0), tuple(int(count)), tuple(int(1)), bytes('\x89'), dict()],
  );

/** A file of the form before PyTorch 1.6, with storages by their keys. */
export function legacyFile(
  value: Buffer,
  storages: ReadonlyMap<string, readonly number[]> = new Map(),
): Buffer {
  const magic = bytes('\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19');
  const contents = [...storages.values()].map((values) => {
    const count = Buffer.alloc(8);
    count.writeBigInt64LE(BigInt(values.length));
    return all([count, Buffer.from(Float32Array.from(values).buffer)]);
  });
  return all([
    pickle(magic),
    pickle(bytes('M\xe9\x03')),
    pickle(dict(['little_endian', bytes('\x88')])),
    pickle(value),
    pickle(list(...[...storages.keys()].map(text))),
    ...contents,
  ]);
}

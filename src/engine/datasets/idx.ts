import { StudioError } from '../../shared/errors';

/**
 * Read an IDX file of unsigned bytes (the format of the original MNIST archive): two zero bytes,
 * type 8, the number of dimensions, each size as a big-endian int32, then the values.
 *
 * @param name the file's name, for messages
 * @param shape what the header must say
 * @returns a view of the values, not a copy
 * @throws StudioError `corrupt-file`
 */
export function readIdx(bytes: Uint8Array, name: string, shape: readonly number[]): Uint8Array {
  const bad = (why: string) =>
    new StudioError({
      code: 'corrupt-file',
      message: `${name} is damaged: ${why}. Install the dataset again.`,
      details: { file: name },
    });
  const header = 4 + 4 * shape.length;
  if (bytes.length < header) throw bad(`it ends inside its header, after ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  const expected = 0x800 + shape.length;
  if (magic !== expected) throw bad(`its magic number is ${magic}, not ${expected}`);
  const sizes = shape.map((_, axis) => view.getUint32(4 + 4 * axis));
  if (sizes.some((size, axis) => size !== shape[axis])) {
    throw bad(`it holds [${sizes.join(', ')}] values, not [${shape.join(', ')}]`);
  }
  const count = shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== header + count) {
    const found = bytes.length - header;
    throw bad(`it has ${found} bytes of values, not ${count}`);
  }
  return bytes.subarray(header);
}

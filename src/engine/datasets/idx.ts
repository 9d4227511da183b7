import { type StudioError } from '../../shared/errors';

/**
 * The sizes that the header of an IDX file of unsigned bytes states (the format of the original MNIST
 * archive): two zero bytes, type 8, the number of dimensions, each size as a big-endian int32.
 *
 * @param dimensions how many there must be
 * @param refuse makes the error of a file that is no such one
 */
export function idxSizes(
  bytes: Uint8Array,
  dimensions: number,
  refuse: (why: string) => StudioError,
): number[] {
  if (bytes.length < 4 + 4 * dimensions) {
    throw refuse(`it ends inside its header, after ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  const expected = 0x800 + dimensions;
  if (magic !== expected) throw refuse(`its magic number is ${magic}, not ${expected}`);
  return Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
}

/**
 * Read an IDX file of unsigned bytes: its header, then the values.
 *
 * @param shape what the header must say
 * @param refuse makes the error of a file that is damaged
 * @returns a view of the values, not a copy
 */
export function readIdx(
  bytes: Uint8Array,
  shape: readonly number[],
  refuse: (why: string) => StudioError,
): Uint8Array {
  const sizes = idxSizes(bytes, shape.length, refuse);
  if (sizes.some((size, axis) => size !== shape[axis])) {
    throw refuse(`it holds [${sizes.join(', ')}] values, not [${shape.join(', ')}]`);
  }
  const header = 4 + 4 * shape.length;
  const count = shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== header + count) {
    const found = bytes.length - header;
    throw refuse(`it has ${found} bytes of values, not ${count}`);
  }
  return bytes.subarray(header);
}

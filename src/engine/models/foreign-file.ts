/**
 * What a file of weights is that nothing here reads: told by its content, whatever its name. The
 * forms are those that people have at hand when they want weights here.
 */

/**
 * A sentence that says what a file is instead of weights.
 *
 * @param bytes its first 512, or all where it has fewer
 * @param name the file's name
 * @returns null where the content is of no form that is known here
 */
export function describeForeign(bytes: Uint8Array, name: string): string | null {
  const found = foreignForm(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return found === null ? null : `${name} is not a file of weights: it is ${found}.`;
}

const hdf5Start = '\x89HDF';

/** A clause that goes on from "it is". */
function foreignForm(bytes: Buffer): string | null {
  const head = bytes.toString('latin1');
  if (head.slice(257, 262) === 'ustar') return 'a tar archive';
  if (head.startsWith(hdf5Start)) return 'an HDF5 file, as Keras writes it';
  if (head.startsWith('GGUF')) return 'a GGUF file';
  if (head.startsWith('\x93NUMPY')) return 'a NumPy array';
  if (head.startsWith('PK')) return 'a ZIP archive';
  if (head.startsWith('\x80') && head.charCodeAt(1) <= 5) return 'a Python pickle';
  if (head.startsWith('version https://git-lfs')) {
    return 'a Git LFS pointer: the weights themselves were not downloaded (git lfs pull)';
  }
  if (/^\s*<(!doctype|html|\?xml)/i.test(head)) return 'a web page: the download went wrong';
  if (bytes[0] === 0x08 && /pytorch|onnx/i.test(head)) return 'an ONNX model';
  return null;
}

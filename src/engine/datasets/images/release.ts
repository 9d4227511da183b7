/**
 * Give the memory of bytes back at once that nobody reads any more: the garbage collector sees little of
 * memory outside its own, and lets files of hundreds of megabytes pile up.
 */
export function release({ buffer, byteLength }: Uint8Array): void {
  // What shares its memory, as small buffers do, stays.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

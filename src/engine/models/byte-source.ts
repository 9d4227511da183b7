import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes that are read piece by piece, wherever they lie. */
export interface ByteSource {
  readonly size: number;
  /**
   * The bytes from one place up to another, both within the size: a copy that begins its buffer, so
   * that numbers in it are aligned.
   *
   * @throws RangeError where it ends before them
   */
  read(from: number, to: number): Uint8Array<ArrayBuffer>;
}

/** A file on disk, until it is closed. */
class FileBytes implements ByteSource {
  readonly size: number;
  readonly #descriptor: number;

  /** Throws what the system says where it cannot be opened. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
    this.size = fstatSync(this.#descriptor).size;
  }

  read(from: number, to: number): Uint8Array<ArrayBuffer> {
    checkRange(from, to, this.size);
    const bytes = new Uint8Array(to - from);
    let done = 0;
    while (done < bytes.length) {
      // The system reads less than 2 GiB at once.
      const length = Math.min(bytes.length - done, 2 ** 30);
      const count = readSync(this.#descriptor, bytes, done, length, from + done);
      if (count === 0) throw new RangeError('the file ended while it was read');
      done += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** A file on disk, open while `work` runs. */
export async function withFile<T>(
  path: string,
  work: (file: ByteSource) => T | Promise<T>,
): Promise<T> {
  const file = new FileBytes(path);
  try {
    return await work(file);
  } finally {
    file.close();
  }
}

/** Bytes in memory. */
export class MemoryBytes implements ByteSource {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(from: number, to: number): Uint8Array<ArrayBuffer> {
    checkRange(from, to, this.size);
    return new Uint8Array(this.#bytes.subarray(from, to));
  }
}

function checkRange(from: number, to: number, size: number): void {
  if (from >= 0 && from <= to && to <= size) return;
  throw new RangeError(`bytes ${from} to ${to} of ${size}`);
}

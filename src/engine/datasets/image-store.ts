import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { reasonOf, StudioError } from '../../shared/errors';

/** The images of one split, bytes 0 .. 255 in NHWC order, read one by one. */
export interface ImageStore {
  readonly count: number;
  /** Bytes of one image: H * W * C. */
  readonly imageBytes: number;
  /**
   * Copy an image's bytes into `into` from place `at` on.
   *
   * @throws RangeError for an index outside 0 .. count - 1; StudioError `corrupt-file` where the
   *   file behind the store ends too early or cannot be read
   */
  read(index: number, into: Uint8Array, at: number): void;
}

/** Images that are in memory, [count, H, W, C]. */
export function memoryImages(bytes: Uint8Array, imageBytes: number): ImageStore {
  const count = Math.floor(bytes.length / imageBytes);
  return {
    count,
    imageBytes,
    read(index, into, at) {
      requireIndex(index, count);
      into.set(bytes.subarray(index * imageBytes, (index + 1) * imageBytes), at);
    },
  };
}

/**
 * Images on disk: a file of [count, H, W, C] bytes and nothing else, but for a head. Each read is one positioned
 * read of one image; the operating system's page cache keeps what is used often, and this process
 * keeps nothing. The file is opened at the first read.
 */
export class DiskImages implements ImageStore {
  readonly file: string;
  readonly count: number;
  readonly imageBytes: number;
  readonly #head: number;
  #descriptor: number | null = null;
  #closed = false;

  /** @param head bytes before the first image */
  constructor(file: string, count: number, imageBytes: number, head = 0) {
    this.#head = head;
    this.file = file;
    this.count = count;
    this.imageBytes = imageBytes;
  }

  read(index: number, into: Uint8Array, at: number): void {
    requireIndex(index, this.count);
    const { imageBytes } = this;
    let done = 0;
    while (done < imageBytes) {
      const place = this.#head + index * imageBytes + done;
      const got = this.#readSome(into, at + done, imageBytes - done, place);
      if (got === 0) {
        throw this.#damaged(`it ends inside image ${index}`);
      }
      done += got;
    }
  }

  /** Later reads are refused: another dataset may have taken the file's place. */
  close(): void {
    this.#closed = true;
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #readSome(into: Uint8Array, at: number, length: number, place: number): number {
    if (this.#closed) {
      throw new StudioError({
        code: 'conflict',
        message: `The dataset was removed or replaced while ${path.basename(this.file)} was in use. Start the job again.`,
        details: { path: this.file },
      });
    }
    try {
      this.#descriptor ??= openSync(this.file, 'r');
      return readSync(this.#descriptor, into, at, length, place);
    } catch (error) {
      throw this.#damaged(reasonOf(error), error);
    }
  }

  #damaged(why: string, cause?: unknown): StudioError {
    const name = path.basename(this.file);
    return new StudioError(
      {
        code: 'corrupt-file',
        message: `${name} cannot be read: ${why}. Install the dataset again.`,
        details: { path: this.file },
      },
      cause,
    );
  }
}

/** The images from `start` up to `end`, exclusive, in fresh memory: bytes [end - start, H, W, C]. */
export function imageRange(images: ImageStore, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array((end - start) * images.imageBytes);
  for (let index = start; index < end; index += 1) {
    images.read(index, bytes, (index - start) * images.imageBytes);
  }
  return bytes;
}

function requireIndex(index: number, count: number): void {
  if (index >= 0 && index < count) return;
  throw new RangeError(`image ${index} is not one of 0 to ${count - 1}`);
}

import { closeSync, openSync, readSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import sharp from 'sharp';
import { StudioError } from '../../../shared/errors';
import { requireFree } from '../free-space';
import { type Content } from '../images/content';
import { type DiskRoom, maxPixels, UnreadableImage } from '../images/decode';
import { type Mask, requireSize, type Size } from './mask';

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * A mask that is drawn on an image, which is of this size: a pixel is in the object where any of its channels is not 0 (its alpha aside).
 * The pixels of a large one lie in a file, until it is closed.
 *
 * @throws UnreadableImage where it is no PNG, of another size, is truncated or damaged; StudioError `disk-full`
 */
export async function readDrawnMask(content: Content, image: Size, room: DiskRoom): Promise<Mask> {
  const start = 'path' in content ? await startOf(content.path) : content;
  if (!signature.every((byte, i) => start[i] === byte)) throw new UnreadableImage('it is no PNG');
  try {
    const options = { failOn: 'error', limitInputPixels: maxPixels, ignoreIcc: true } as const;
    const given = 'path' in content ? content.path : content;
    const head = await sharp(given, options).metadata();
    // Before its pixels are made: its image has passed for its size.
    requireSize(head, image);
    const mask = sharp(given, options).removeAlpha();
    // Of 16 bits the lower ones count too: masks number their objects from 1.
    const deep = head.depth === 'ushort';
    if (deep) mask.toColourspace('rgb16');
    const sample = deep ? 2 : 1;
    if (image.width * image.height > room.above) {
      const bytes = image.width * image.height * 3 * sample;
      const requireRoom = () => requireFree(room.folder, bytes, 'A large mask');
      await requireRoom();
      const { channels } = await mask.toFile(room.file).catch(async (error: unknown) => {
        // A disk that was filled meanwhile is no fault of the mask's.
        await rm(room.file, { force: true });
        await requireRoom();
        throw error;
      });
      return new DiskMask(room.file, image, channels * sample);
    }
    const { data, info } = await mask
      .raw({ depth: deep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const stride = info.channels * sample;
    return { inside: (x, y) => isDrawn(data, stride * (y * info.width + x), stride) };
  } catch (error) {
    if (error instanceof UnreadableImage || error instanceof StudioError) throw error;
    throw new UnreadableImage('it is truncated or damaged', { cause: error });
  }
}

/** Whether any byte of a pixel is not 0: of a sample of 16 bits, either. */
function isDrawn(bytes: Uint8Array, at: number, stride: number): boolean {
  for (let i = at; i < at + stride; i += 1) if (bytes[i] !== 0) return true;
  return false;
}

async function startOf(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The head of libvips' own files, which their pixels follow as they are. */
const headBytes = 64;

/** The rows of a mask that lies on disk, one at a time. */
class DiskMask implements Mask {
  readonly #file: string;
  readonly #descriptor: number;
  readonly #stride: number;
  readonly #row: Uint8Array;
  #at = -1;

  /** @param stride bytes of a pixel */
  constructor(file: string, { width }: Size, stride: number) {
    this.#file = file;
    this.#stride = stride;
    this.#row = new Uint8Array(width * stride);
    this.#descriptor = openSync(file, 'r');
  }

  readonly inside = (x: number, y: number): boolean => {
    if (y !== this.#at) {
      const place = headBytes + y * this.#row.length;
      const read = readSync(this.#descriptor, this.#row, 0, this.#row.length, place);
      if (read !== this.#row.length) throw new RangeError(`row ${y} is not there`);
      this.#at = y;
    }
    return isDrawn(this.#row, x * this.#stride, this.#stride);
  };

  readonly close = async (): Promise<void> => {
    closeSync(this.#descriptor);
    await rm(this.#file, { force: true });
  };
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Split } from '../../../shared/catalogue/datasets';
import { valueAt } from '../../../shared/checked-reads';
import {
  maskBytes,
  type MaskCounts,
  masksFile,
  type StoredMasks,
} from '../../../shared/dataset-masks';
import { reasonOf, StudioError, toErrorData } from '../../../shared/errors';

/**
 * masks.bin: 8 bytes `SSMASKS1`; height, width, and how many images of the training and of the validation
 * split have a mask, 4 bytes each; these images' numbers within their split, rising, 4 bytes each, first those
 * of training; their masks in that order, ceil(H * W / 8) bytes each; the SHA-256 of all of it. Little-endian.
 */
const magic = Buffer.from('SSMASKS1', 'latin1');
const headBytes = magic.length + 16;
const hashBytes = 32;

/** An image of a split, and its mask. */
export interface StoredMask {
  readonly index: number;
  readonly bits: Uint8Array;
}

/** Writes the masks of a dataset in its folder; the file has its name once it is whole. */
export class MaskWriter {
  readonly #handle: FileHandle;
  readonly #place: string;
  readonly #shape: readonly [number, number];
  readonly #indices: Record<Split, number[]> = { train: [], validation: [] };
  /** Masks come before it is known how many there are: they lie in a file of their own until then. */
  #written = 0;

  private constructor(handle: FileHandle, place: string, shape: readonly [number, number]) {
    this.#handle = handle;
    this.#place = place;
    this.#shape = shape;
  }

  /** @param shape height and width of the dataset's images */
  static async create(folder: string, shape: readonly [number, number]): Promise<MaskWriter> {
    const place = path.join(folder, masksFile);
    return new MaskWriter(await open(`${place}.bits`, 'w+'), place, shape);
  }

  /** In order: training first, and rising numbers within each split. */
  async add(split: Split, { index, bits }: StoredMask): Promise<void> {
    const last = this.#indices[split].at(-1) ?? -1;
    if (index <= last || (split === 'train' && this.#indices.validation.length > 0)) {
      throw new RangeError(`the mask of image ${index} comes out of order`);
    }
    this.#indices[split].push(index);
    await this.#handle.write(bits, 0, bits.length, this.#written);
    this.#written += bits.length;
  }

  /** Put the file in its place; where there is no mask, there is no file. */
  async finish(): Promise<MaskCounts> {
    const { train, validation } = this.#indices;
    if (train.length + validation.length === 0) {
      await this.abandon();
      await rm(this.#place, { force: true });
      return { train: 0, validation: 0 };
    }
    const head = Buffer.alloc(headBytes + 4 * (train.length + validation.length));
    magic.copy(head);
    [...this.#shape, train.length, validation.length, ...train, ...validation].forEach((value, i) =>
      head.writeUInt32LE(value, magic.length + 4 * i),
    );
    const hash = createHash('sha256').update(head);
    const target = await open(`${this.#place}.part`, 'w');
    try {
      await target.write(head);
      const chunk = Buffer.alloc(2 ** 20);
      for (let at = 0; at < this.#written;) {
        const { bytesRead } = await this.#handle.read(chunk, 0, chunk.length, at);
        const piece = chunk.subarray(0, bytesRead);
        hash.update(piece);
        await target.write(piece);
        at += bytesRead;
      }
      await target.write(hash.digest());
      await target.sync();
    } finally {
      await target.close();
    }
    await rename(`${this.#place}.part`, this.#place);
    await this.abandon();
    return { train: train.length, validation: validation.length };
  }

  /** Nothing of it stays but what `finish` has put in its place. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    for (const end of ['.bits', '.part']) await rm(this.#place + end, { force: true });
  }
}

export async function discardMasks(folder: string): Promise<void> {
  for (const end of ['', '.bits', '.part']) {
    await rm(path.join(folder, masksFile + end), { force: true });
  }
}

/** The masks of a dataset: where they lie in its file. */
export interface MaskIndex {
  readonly shape: readonly [number, number];
  /** Images that have one, rising. */
  readonly images: Readonly<Record<Split, Uint32Array>>;
}

/**
 * Which images of a dataset have a mask; null where none has.
 *
 * @throws StudioError `corrupt-file` where the file is not as it was written
 */
export async function maskIndex(folder: string): Promise<MaskIndex | null> {
  const place = path.join(folder, masksFile);
  const found = await stat(place).catch(() => null);
  if (!found) return null;
  return reading(place, async (handle) => {
    const head = await exactly(handle, 0, headBytes);
    if (!head.subarray(0, magic.length).equals(magic)) throw new Error('it does not begin as such');
    const [height, width, train, validation] = [0, 1, 2, 3].map((i) =>
      head.readUInt32LE(magic.length + 4 * i),
    ) as [number, number, number, number];
    const count = train + validation;
    const bytes = headBytes + count * (4 + maskBytes(height * width)) + hashBytes;
    if (found.size !== bytes) throw new Error(`it has ${found.size} bytes, not ${bytes}`);
    const list = await exactly(handle, headBytes, 4 * count);
    const indices = (from: number, length: number) =>
      Uint32Array.from({ length }, (_, i) => list.readUInt32LE(4 * (from + i)));
    return {
      shape: [height, width],
      images: { train: indices(0, train), validation: indices(train, validation) },
    };
  });
}

/** How many images have one. */
export async function maskCounts(folder: string): Promise<MaskCounts> {
  const index = await maskIndex(folder);
  return {
    train: index?.images.train.length ?? 0,
    validation: index?.images.validation.length ?? 0,
  };
}

/**
 * The masks of some images of a split, in their order: [ceil(H * W / 8)] bytes, which `unpackMask` reads; null
 * of an image that has none.
 *
 * @param known what `maskIndex` said of the folder, where it was asked already
 * @throws StudioError `corrupt-file` where the file is not as it was written
 */
export async function masksOf(
  folder: string,
  split: Split,
  indices: readonly number[],
  known?: MaskIndex,
): Promise<(Uint8Array | null)[]> {
  const index = known ?? (await maskIndex(folder));
  if (!index) return indices.map(() => null);
  const { images, shape } = index;
  const pixels = shape[0] * shape[1];
  const start = headBytes + 4 * (images.train.length + images.validation.length);
  const first = split === 'train' ? 0 : images.train.length;
  return reading(path.join(folder, masksFile), async (handle) => {
    const found: (Uint8Array | null)[] = [];
    for (const image of indices) {
      const at = placeIn(images[split], image);
      if (at === null) found.push(null);
      else {
        const bytes = maskBytes(pixels);
        found.push(await exactly(handle, start + (first + at) * bytes, bytes));
      }
    }
    return found;
  });
}

/** Read all of it and compare its checksum. Nothing to do where there is none. */
export async function verifyMasks(folder: string): Promise<void> {
  if (!(await maskIndex(folder))) return;
  const place = path.join(folder, masksFile);
  await reading(place, async (handle) => {
    const { size } = await handle.stat();
    const hash = createHash('sha256');
    const pieces = createReadStream(place, { end: size - hashBytes - 1, highWaterMark: 2 ** 20 });
    for await (const piece of pieces) hash.update(piece as Buffer);
    const stated = await exactly(handle, size - hashBytes, hashBytes);
    if (!hash.digest().equals(stated)) throw new Error('its SHA-256 is not the one at its end');
  });
}

/** How many images have one, all of it read; its dataset can be worked with where they cannot be read. */
export async function storedMasks(folder: string): Promise<StoredMasks> {
  try {
    await verifyMasks(folder);
    return await maskCounts(folder);
  } catch (error) {
    return { train: 0, validation: 0, damaged: toErrorData(error).message };
  }
}

/** Where a rising list has a number. */
function placeIn(list: Uint32Array, value: number): number | null {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueAt(list, middle) < value) low = middle + 1;
    else high = middle;
  }
  return list[low] === value ? low : null;
}

async function exactly(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, at);
  if (bytesRead !== length) throw new Error(`it ends before byte ${at + length}`);
  return bytes;
}

async function reading<T>(place: string, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(place, 'r');
    return await work(handle);
  } catch (error) {
    const file = path.basename(place);
    throw new StudioError(
      {
        code: 'corrupt-file',
        message: `${file} is damaged: ${reasonOf(error)}. Import the images with their masks again.`,
        details: { file },
      },
      error,
    );
  } finally {
    await handle?.close();
  }
}

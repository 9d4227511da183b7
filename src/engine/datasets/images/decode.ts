import { closeSync, openSync, readSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { cmykToRgb } from '../cmyk';
import { requireFree } from '../free-space';
import { acceptedFormats, isImage } from './format';
import { upright } from './orientation';
import { type ImageRows, inGray, type Pixels, plainPixels } from './pixels';

// Every image is read once: keeping them would only take memory.
sharp.cache(false);

/** Pixels of the largest image that is read. */
export const maxPixels = 100_000_000;

/** Why a file is no image that can be read, as a clause that goes on from "is refused:". */
export class UnreadableImage extends Error {}

export interface DecodeOptions {
  /** One channel or three. */
  readonly channels: 1 | 3;
  /** Turned as its EXIF orientation says; else as it is stored. */
  readonly turned: boolean;
  /** Told how many pixels it has before they are made; what it answers is waited for. */
  readonly before?: (pixels: number) => Promise<void>;
}

/**
 * Decode a JPEG, PNG, WebP, GIF (its first frame) or TIFF (its first page) as Pillow does: colour
 * profiles are not applied, CMYK becomes (255 - C)(255 - K) / 255 and so on, alpha is dropped, not
 * blended (what a GIF sees through to is black, where Pillow has the palette's colour); of 16 bits the high
 * byte counts, where Pillow clips; gray is repeated for each of three channels. One channel is ITU-R 601-2's luma, as Pillow's
 * `convert('L')` rounds it.
 *
 * @throws UnreadableImage where it is no such image, has over 100 megapixels, is truncated or damaged
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions): Promise<Pixels> {
  return decoded(await opened(bytes, options), options);
}

/** A file that need not be in memory as a whole. */
export interface OnDisk {
  readonly path: string;
}

/** Where pixels may lie meanwhile. */
export interface DiskRoom {
  /** Images of more pixels lie there. */
  readonly above: number;
  readonly folder: string;
  /** A file in it that is nobody else's, ending in .v; made, and deleted afterwards. */
  readonly file: string;
}

/**
 * The same, for `work` alone: the pixels of a large image are never all in memory, but in a file.
 *
 * @throws UnreadableImage as `decodeImage`; StudioError `disk-full`
 */
export async function withImage<T>(
  bytes: Uint8Array | OnDisk,
  options: DecodeOptions,
  room: DiskRoom,
  work: (image: Pixels | ImageRows) => T,
): Promise<T> {
  const image = await opened(bytes, options);
  if (image.width * image.height <= room.above) return work(await decoded(image, options));
  let descriptor: number | null = null;
  try {
    const stored = await decodedToDisk(image, options, room);
    descriptor = openSync(room.file, 'r');
    return work(new DiskRows(descriptor, stored, options.channels));
  } finally {
    if (descriptor !== null) closeSync(descriptor);
    await rm(room.file, { force: true });
  }
}

/** An image whose head is read. */
interface Opened {
  readonly image: Sharp;
  readonly width: number;
  readonly height: number;
  readonly cmyk: boolean;
  readonly orientation: number | undefined;
}

async function opened(given: Uint8Array | OnDisk, { before }: DecodeOptions): Promise<Opened> {
  const start = 'path' in given ? await startOf(given.path) : given;
  if (start.length === 0) throw new UnreadableImage('it is empty');
  if (!isImage(start)) throw new UnreadableImage(`it is not ${acceptedFormats}`);
  const image = sharp('path' in given ? given.path : given, {
    // A truncated or damaged image is an error; a harmless oddity of its encoder is none.
    failOn: 'error',
    // Looked at below, so that the refusal can say how many there are.
    limitInputPixels: false,
    ignoreIcc: true,
  });
  const { width, height, space, orientation } = await reading(() => image.metadata());
  if (width * height > maxPixels) {
    throw new UnreadableImage(
      `it has ${width} × ${height} pixels, more than ${maxPixels.toLocaleString('en')}`,
    );
  }
  await before?.(width * height);
  const cmyk = space === 'cmyk';
  image.removeAlpha();
  if (cmyk) image.pipelineColourspace('cmyk').toColourspace('cmyk');
  else image.toColourspace('srgb');
  return { image, width, height, cmyk, orientation };
}

async function startOf(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function decoded(
  { image, cmyk, orientation }: Opened,
  { channels, turned }: DecodeOptions,
): Promise<Pixels> {
  const { data, info } = await reading(() =>
    image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }),
  );
  const { width, height } = info;
  if (info.channels !== (cmyk ? 4 : 3) || data.length !== width * height * info.channels) {
    throw new UnreadableImage(`it decodes to ${data.length} bytes in ${info.channels} channels`);
  }
  const stored = asAsked({ data, width, height, cmyk }, channels);
  return turned ? upright(stored, orientation) : stored;
}

/** Decoded bytes, [H, W, C] with C 4 (CMYK) or 3, as an image of one channel or three. */
function asAsked(
  { data, width, height, cmyk }: Stored & { readonly data: Uint8Array },
  channels: 1 | 3,
): Pixels {
  const rgb = plainPixels({ data: cmyk ? cmykToRgb(data) : data, width, height, channels: 3 });
  return channels === 3 ? rgb : inGray(rgb);
}

/** Pixels as they lie in a file. */
interface Stored {
  readonly width: number;
  readonly height: number;
  readonly cmyk: boolean;
}

/** The head of libvips' own files, which their pixels follow as they are. */
const headBytes = 64;

/** libvips writes its own format as it decodes, row by row, but for images that it has to hold whole. */
async function decodedToDisk(
  { image, cmyk, ...head }: Opened,
  { turned }: DecodeOptions,
  { folder, file }: DiskRoom,
): Promise<Stored> {
  const bands = cmyk ? 4 : 3;
  const requireRoom = () =>
    requireFree(folder, head.width * head.height * bands + 2 ** 20, 'A large image');
  await requireRoom();
  // Turned there: rows of a turned image would be the stored one's columns.
  if (turned) image.autoOrient();
  const { width, height, channels } = await reading(() => image.toFile(file)).catch(
    async (error: unknown) => {
      // A disk that was filled meanwhile is no fault of the image's.
      await rm(file, { force: true });
      await requireRoom();
      throw error;
    },
  );
  if (channels !== bands || width * height !== head.width * head.height) {
    throw new UnreadableImage(`it decodes to ${width} × ${height} pixels in ${channels} channels`);
  }
  return { width, height, cmyk };
}

/** Bytes of the rows that are in memory. */
const stripBytes = 2 ** 20;

/** The rows of an image that lies on disk. */
class DiskRows implements ImageRows {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly #descriptor: number;
  readonly #cmyk: boolean;

  constructor(descriptor: number, { width, height, cmyk }: Stored, channels: 1 | 3) {
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.#descriptor = descriptor;
    this.#cmyk = cmyk;
  }

  rows(top: number, bottom: number): Pixels {
    const row = this.width * (this.#cmyk ? 4 : 3);
    const height = Math.min(bottom - top, Math.max(1, Math.floor(stripBytes / row)));
    const data = new Uint8Array(height * row);
    const read = readSync(this.#descriptor, data, 0, data.length, headBytes + top * row);
    if (read !== data.length) throw new RangeError(`rows from ${top} on are not there`);
    return asAsked({ data, width: this.width, height, cmyk: this.#cmyk }, this.channels);
  }
}

async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // Its decoder has one place for what it says of all that it decodes at once: it may be another's.
    throw new UnreadableImage('it is truncated or damaged', { cause: error });
  }
}

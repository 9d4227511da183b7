import sharp, { type Sharp } from 'sharp';
import { cmykToRgb } from '../cmyk';
import { acceptedFormats, isImage } from './format';
import { upright } from './orientation';
import { type Pixels, plainPixels } from './pixels';

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
export async function decodeImage(
  bytes: Uint8Array,
  { channels, turned, before }: DecodeOptions,
): Promise<Pixels> {
  if (bytes.length === 0) throw new UnreadableImage('it is empty');
  if (!isImage(bytes)) throw new UnreadableImage(`it is not ${acceptedFormats}`);
  const image = sharp(bytes, {
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
  const rgb = await decoded(image, space === 'cmyk');
  const stored = channels === 3 ? rgb : toGray(rgb);
  return turned ? upright(stored, orientation) : stored;
}

async function decoded(image: Sharp, cmyk: boolean): Promise<Pixels> {
  image.removeAlpha();
  if (cmyk) image.pipelineColourspace('cmyk').toColourspace('cmyk');
  else image.toColourspace('srgb');
  const { data, info } = await reading(() =>
    image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }),
  );
  const { width, height, channels } = info;
  if (channels !== (cmyk ? 4 : 3) || data.length !== width * height * channels) {
    throw new UnreadableImage(`it decodes to ${data.length} bytes in ${channels} channels`);
  }
  return plainPixels({ data: cmyk ? cmykToRgb(data) : data, width, height, channels: 3 });
}

async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ').trim() : '';
    throw new UnreadableImage(`it is truncated or damaged (${reason})`, { cause: error });
  }
}

/** In the place of the colours. */
function toGray({ data, width, height }: Pixels): Pixels {
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const [r, g, b] = [data[3 * pixel], data[3 * pixel + 1], data[3 * pixel + 2]] as [
      number,
      number,
      number,
    ];
    data[pixel] = (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
  }
  return plainPixels({ data: data.subarray(0, width * height), width, height, channels: 1 });
}

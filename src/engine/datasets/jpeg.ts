import sharp from 'sharp';
import { valueAt } from '../../shared/checked-reads';
import { cmykToRgb } from './cmyk';
import { refusal } from './refusal';

// Every image is read once: keeping them would only take memory.
sharp.cache(false);

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** 1 grayscale, 3 colour, 4 CMYK. */
  readonly components: number;
}

/**
 * Size and components of a JPEG, from the start-of-frame segment (ITU-T T.81, B.2.2).
 *
 * @returns null where the bytes are no JPEG, or end before that segment
 */
function readJpegHeader(bytes: Uint8Array): JpegHeader | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let place = 2;
  while (place + 4 <= bytes.length) {
    if (bytes[place] !== 0xff) return null;
    const marker = valueAt(bytes, place + 1);
    // Fill bytes, and markers that stand alone.
    if (marker === 0xff) {
      place += 1;
      continue;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      place += 2;
      continue;
    }
    if (marker === 0xd9 || marker === 0xda) return null;
    const length = view.getUint16(place + 2);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      if (length < 8 || place + 10 > bytes.length) return null;
      return {
        height: view.getUint16(place + 5),
        width: view.getUint16(place + 7),
        components: valueAt(bytes, place + 9),
      };
    }
    if (length < 2) return null;
    place += 2 + length;
  }
  return null;
}

/**
 * Decode a JPEG of a known size to RGB bytes [H, W, 3], as PIL's `convert('RGB')` does: grayscale
 * is repeated for every channel; CMYK becomes (255 - C)(255 - K) / 255 and so on, rounded; embedded
 * colour profiles are not applied.
 *
 * @param name the file's name, for refusals
 * @throws StudioError `corrupt-file` where it is no JPEG, of another size, truncated or damaged
 */
export async function decodeJpeg(
  bytes: Uint8Array,
  name: string,
  [height, width]: readonly [number, number, number],
): Promise<Uint8Array> {
  const header = readJpegHeader(bytes);
  if (!header) throw refusal(name, 'it is not a JPEG image');
  if (header.height !== height || header.width !== width) {
    const found = `${header.width} × ${header.height}`;
    throw refusal(name, `its image is ${found} pixels, not ${width} × ${height}`);
  }
  const cmyk = header.components === 4;
  const image = sharp(bytes, {
    // A truncated or damaged image is an error; a harmless oddity of its encoder is none.
    failOn: 'error',
    limitInputPixels: height * width,
    ignoreIcc: true,
  });
  if (cmyk) image.pipelineColourspace('cmyk').toColourspace('cmyk');
  else image.toColourspace('srgb');
  let data: Buffer;
  let channels: number;
  try {
    const decoded = await image.raw().toBuffer({ resolveWithObject: true });
    data = decoded.data;
    channels = decoded.info.channels;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ').trim() : '';
    throw refusal(name, `it is not a readable image (${reason})`, error);
  }
  const pixels = height * width;
  if (data.length !== pixels * channels || channels !== (cmyk ? 4 : 3)) {
    throw refusal(name, `it decodes to ${data.length} bytes in ${channels} channels`);
  }
  return cmyk ? cmykToRgb(data) : data;
}

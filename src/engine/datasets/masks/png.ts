import sharp from 'sharp';
import { maxPixels, UnreadableImage } from '../images/decode';
import { type Mask, requireSize, type Size } from './mask';

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * A mask that is drawn on an image, which is of this size: a pixel is in the object where any of its channels is not 0 (its alpha aside).
 *
 * @throws UnreadableImage where it is no PNG, of another size, is truncated or damaged
 */
export async function readDrawnMask(bytes: Uint8Array, image: Size): Promise<Mask> {
  if (!signature.every((byte, i) => bytes[i] === byte)) throw new UnreadableImage('it is no PNG');
  try {
    const options = { failOn: 'error', limitInputPixels: maxPixels, ignoreIcc: true } as const;
    const head = await sharp(bytes, options).metadata();
    // Before its pixels are made: its image has passed for its size.
    requireSize(head, image);
    const mask = sharp(bytes, options).removeAlpha();
    // Of 16 bits the lower ones count too: masks number their objects from 1.
    const deep = head.depth === 'ushort';
    if (deep) mask.toColourspace('rgb16');
    const { data, info } = await mask
      .raw({ depth: deep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const values = deep ? new Uint16Array(new Uint8Array(data).buffer) : data;
    const inside = new Uint8Array(width * height);
    for (let at = 0; at < values.length; at += 1) {
      if (values[at] !== 0) inside[Math.trunc(at / channels)] = 1;
    }
    return { inside: (x, y) => inside[y * width + x] === 1 };
  } catch (error) {
    if (error instanceof UnreadableImage) throw error;
    const reason = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ').trim() : '';
    throw new UnreadableImage(`it is truncated or damaged (${reason})`, { cause: error });
  }
}

import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';

const deflated = promisify(deflate);

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/**
 * An image as a PNG of 8 bits, packed in another thread: for small images several times faster than an
 * image library's pipeline.
 *
 * @param pixels bytes [H, W, C]
 * @param shape height, width, 1 channel (gray) or 3 (red, green, blue)
 */
export async function encodePng(
  pixels: Uint8Array,
  [height, width, channels]: readonly [number, number, number],
): Promise<Buffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 1 ? 0 : 2], 8);
  const packed = await deflated(filtered(pixels, height, width * channels, channels));
  return Buffer.concat([
    signature,
    ...chunk('IHDR', header),
    ...chunk('IDAT', packed),
    ...chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Rows as differences from what Paeth's filter (4) predicts of what is left of them and above. */
function filtered(pixels: Uint8Array, height: number, row: number, step: number): Uint8Array {
  const bytes = new Uint8Array(height * (row + 1));
  for (let y = 0; y < height; y += 1) {
    const start = y * row;
    const target = y * (row + 1) + 1;
    bytes[target - 1] = 4;
    for (let x = 0; x < row; x += 1) {
      const left = x < step ? 0 : (pixels[start + x - step] as number);
      const above = y === 0 ? 0 : (pixels[start + x - row] as number);
      const corner = x < step || y === 0 ? 0 : (pixels[start + x - row - step] as number);
      bytes[target + x] = (pixels[start + x] as number) - predicted(left, above, corner);
    }
  }
  return bytes;
}

function predicted(left: number, above: number, corner: number): number {
  const [a, b] = [Math.abs(above - corner), Math.abs(left - corner)];
  const c = Math.abs(left + above - 2 * corner);
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

/** Its length, what it is, what it holds, and the CRC-32 of the two. */
function chunk(type: string, data: Uint8Array): readonly Uint8Array[] {
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  const name = Buffer.from(type, 'latin1');
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(data, crc32(name)));
  return [length, name, data, sum];
}

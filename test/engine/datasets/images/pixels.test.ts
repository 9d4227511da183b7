import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import {
  decodeImage,
  UnreadableImage,
  withImage,
} from '../../../../src/engine/datasets/images/decode';
import { cropped, fitted } from '../../../../src/engine/datasets/images/fit';
import { upright } from '../../../../src/engine/datasets/images/orientation';
import { type Pixels, plainPixels } from '../../../../src/engine/datasets/images/pixels';
import { valueAt } from '../../../../src/shared/checked-reads';
import { ownFolder, pillowPixels } from '../../../fixtures/own';
import { temporary } from '../support';

const sha = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
const stored = { channels: 3, turned: false } as const;

test('every image of the fixtures is decoded and resized as Pillow does it, to the bit', async () => {
  expect(pillowPixels).toHaveLength(140);
  for (const row of pillowPixels) {
    const image = await decodeImage(readFileSync(path.join(ownFolder, row.path)), stored);
    const found = {
      ...row,
      width: image.width,
      height: image.height,
      rgb_sha256: sha(image.data),
      resize64_crop56_sha256: sha(cropped(image, 64, 56).data),
      resize256_crop224_sha256: sha(cropped(image, 256, 224).data),
    };
    expect(found).toEqual(row);
  }
});

test('an image whose pixels lie in a file meanwhile becomes the same', async () => {
  const folder = temporary();
  const onDisk = { above: 0, folder, file: path.join(folder, 'pixels.v') };
  const fits = ['crop', 'stretch', 'pad'] as const;
  const kinds = new Set<string>();
  for (const [i, { path: name }] of pillowPixels.entries()) {
    const bytes = readFileSync(path.join(ownFolder, name));
    for (const channels of [1, 3] as const) {
      const options = { channels, turned: i % 4 > 0 };
      const image = await decodeImage(bytes, options);
      const fit = { fit: valueAt(fits, i % 3), size: 32 };
      const given = i % 2 ? bytes : { path: path.join(ownFolder, name) };
      const found = await withImage(given, options, onDisk, (rows) => fitted(rows, fit));
      expect([name, sha(found)]).toEqual([name, sha(fitted(image, fit))]);
    }
    kinds.add(path.extname(name));
  }
  expect(kinds.size).toBeGreaterThan(3);
  expect(readdirSync(folder)).toEqual([]);
});

/** Its bytes [H, W, C] as it is seen. */
function seen({ data, width, height, channels, start, right, down }: Pixels): number[] {
  const places = Array.from({ length: width * height }, (_, i) => [
    i % width,
    Math.floor(i / width),
  ]);
  return places.flatMap(([x = 0, y = 0]) => {
    const at = start + x * right + y * down;
    return [...data.subarray(at, at + channels)];
  });
}

describe('an image’s orientation', () => {
  /** 3 wide, 2 high: A B C above D E F. */
  const image = plainPixels({ data: Buffer.from('ABCDEF'), width: 3, height: 2, channels: 1 });
  test.each([
    [undefined, 'ABC/DEF'],
    [1, 'ABC/DEF'],
    [2, 'CBA/FED'],
    [3, 'FED/CBA'],
    [4, 'DEF/ABC'],
    [5, 'AD/BE/CF'],
    [6, 'DA/EB/FC'],
    [7, 'FC/EB/DA'],
    [8, 'CF/BE/AD'],
    [9, 'ABC/DEF'],
  ])('%s', (orientation, rows) => {
    const { width, height, ...turned } = upright(image, orientation);
    const text = Buffer.from(seen({ width, height, ...turned })).toString();
    const lines = Array.from({ length: height }, (_, y) => text.slice(y * width, (y + 1) * width));
    expect(lines.join('/')).toBe(rows);
  });

  test('is sharp’s own, in colour', async () => {
    const raw = { width: 3, height: 2, channels: 3 } as const;
    const data = Buffer.from(Array.from({ length: 18 }, (_, i) => 7 * i));
    for (let orientation = 1; orientation <= 8; orientation += 1) {
      const png = sharp(data, { raw }).withMetadata({ orientation }).png();
      const bytes = await png.toBuffer();
      const turned = await sharp(bytes).autoOrient().raw().toBuffer();
      const found = await decodeImage(bytes, { channels: 3, turned: true });
      expect(Buffer.from(seen(found)).equals(turned)).toBe(true);
      const { width, height, channels } = found;
      const copied = plainPixels({ data: turned, width, height, channels });
      expect(fitted(found, { fit: 'crop', size: 8 })).toEqual(
        fitted(copied, { fit: 'crop', size: 8 }),
      );
    }
  });
});

describe('fits', () => {
  const grays = (width: number, height: number, value: (x: number, y: number) => number) => {
    const at = (_: unknown, i: number) => value(i % width, Math.floor(i / width));
    const data = Uint8Array.from({ length: width * height }, at);
    return plainPixels({ data, width, height, channels: 1 });
  };

  test('crop keeps the middle, stretch all, pad all with black beside it', () => {
    // Black, white and black thirds of a wide image.
    const wide = grays(24, 8, (x) => (x >= 8 && x < 16 ? 255 : 0));
    expect(fitted(wide, { fit: 'crop', size: 8 })).toEqual(new Uint8Array(64).fill(255));
    const stretched = fitted(wide, { fit: 'stretch', size: 8 });
    expect([...stretched.subarray(0, 8)]).toEqual([...stretched.subarray(0, 8)].reverse());
    expect(stretched[0]).toBe(0);
    const padded = fitted(wide, { fit: 'pad', size: 24 });
    expect([...padded.subarray(0, 24 * 8)]).toEqual(Array(24 * 8).fill(0));
    expect([...padded.subarray(24 * 8, 24 * 16)]).toEqual([...wide.data]);
    expect([...padded.subarray(24 * 16)]).toEqual(Array(24 * 8).fill(0));
  });

  test('any size to any size: one colour stays what it is, and nothing is left out', () => {
    const side = fc.integer({ min: 1, max: 70 });
    const size = fc.integer({ min: 8, max: 40 });
    const fit = fc.constantFrom('crop' as const, 'stretch' as const);
    fc.assert(
      fc.property(side, side, size, fit, fc.integer({ min: 0, max: 255 }), (w, h, s, f, value) => {
        const found = fitted(
          grays(w, h, () => value),
          { fit: f, size: s },
        );
        expect(found).toEqual(new Uint8Array(s * s).fill(value));
      }),
    );
  });

  test('an image that is all length is cropped without the rest of it', () => {
    const long = grays(2, 40_000, () => 9);
    expect(fitted(long, { fit: 'crop', size: 512 })).toEqual(new Uint8Array(512 * 512).fill(9));
    const padded = fitted(long, { fit: 'pad', size: 8 });
    expect([...padded.subarray(0, 8)]).toEqual([0, 0, 0, 0, 9, 0, 0, 0]);
  });
});

describe('formats', () => {
  const raw = { width: 16, height: 12, channels: 3 } as const;
  const data = Buffer.from(Array.from({ length: 16 * 12 * 3 }, (_, i) => (i * 37) % 256));
  const image = () => sharp(data, { raw });
  const decode = (bytes: Uint8Array) => decodeImage(bytes, stored);

  test('those without loss come back as they were', async () => {
    const files = [
      image().png(),
      image().tiff({ compression: 'lzw' }),
      image().tiff({ compression: 'none' }),
      image().webp({ lossless: true }),
    ];
    for (const file of files) {
      expect(Buffer.from((await decode(await file.toBuffer())).data).equals(data)).toBe(true);
    }
  });

  test('of an animation the first frame counts', async () => {
    const pictures = await Promise.all(
      [0, 255].map((r) => {
        const background = { r, g: 0, b: 90 };
        return sharp({ create: { width: 8, height: 8, channels: 3, background } })
          .png()
          .toBuffer();
      }),
    );
    for (const how of ['gif', 'webp'] as const) {
      const joined = sharp(pictures, { join: { animated: true } });
      const bytes = await (
        how === 'gif' ? joined.gif() : joined.webp({ lossless: true })
      ).toBuffer();
      const found = await decode(bytes);
      expect([found.width, found.height]).toEqual([8, 8]);
      expect([...found.data.subarray(0, 3)]).toEqual([0, 0, 90]);
    }
  });

  test('gray is Pillow’s luma, in one channel', async () => {
    const colours = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30]);
    const png = await sharp(colours, { raw: { width: 4, height: 1, channels: 3 } })
      .png()
      .toBuffer();
    const found = await decodeImage(png, { channels: 1, turned: true });
    expect(found.channels).toBe(1);
    // (19595 R + 38470 G + 7471 B + 32768) >> 16.
    expect([...found.data]).toEqual([76, 150, 29, 18]);
  });

  test('what cannot be read says why', async () => {
    const why = (bytes: Uint8Array) =>
      decode(bytes).then(
        () => 'read',
        (error: unknown) => (error instanceof UnreadableImage ? error.message : String(error)),
      );
    expect(await why(Buffer.alloc(0))).toBe('it is empty');
    expect(await why(Buffer.from('a text'))).toMatch(/not a JPEG, PNG, WebP, GIF or TIFF image/);
    expect(await why(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toMatch(
      /not a JPEG/,
    );
    const large = sharp({ create: { width: 320, height: 320, channels: 3, background: '#a37' } });
    const noisy = Buffer.from(Array.from({ length: 320 * 320 * 3 }, (_, i) => (i * i * 31) % 251));
    const noise = () => sharp(noisy, { raw: { width: 320, height: 320, channels: 3 } });
    const whole = [
      await noise().jpeg().toBuffer(),
      await noise().png().toBuffer(),
      await noise().webp().toBuffer(),
      await noise().gif().toBuffer(),
      await noise().tiff({ compression: 'lzw' }).toBuffer(),
      await large.jpeg({ progressive: true }).toBuffer(),
    ];
    for (const bytes of whole) {
      expect(await why(bytes)).toBe('read');
      for (const share of [0.1, 0.5, 0.8]) {
        expect(await why(bytes.subarray(0, bytes.length * share))).toMatch(/^it is truncated/);
      }
    }
    // A header alone says that it is too large: nothing is unpacked.
    const png = await image().png().toBuffer();
    png.writeUInt32BE(20_000, 16);
    png.writeUInt32BE(5001, 20);
    const { crc32 } = await import('node:zlib');
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    expect(await why(png)).toBe('it has 20000 × 5001 pixels, more than 100,000,000');
  });
});

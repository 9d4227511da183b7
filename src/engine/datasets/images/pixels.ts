/** An image in memory: bytes, 1 channel (gray) or 3 (red, green, blue). */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** Where in the bytes its first pixel is, as it is seen. */
  readonly start: number;
  /** How far a step to the right leads in the bytes, and one down: turned images are not copied. */
  readonly right: number;
  readonly down: number;
}

/** An image of which some rows at a time are in memory. */
export interface ImageRows {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** Rows `top` up to `bottom`, exclusive, or the first of them; they hold until the next are asked for. */
  rows(top: number, bottom: number): Pixels;
}

/** Bytes [H, W, C] as an image. */
export function plainPixels({
  data,
  width,
  height,
  channels,
}: Pick<Pixels, 'data' | 'width' | 'height' | 'channels'>): Pixels {
  return { data, width, height, channels, start: 0, right: channels, down: width * channels };
}

/** An image in memory, by its rows. */
export function rowsOf(image: Pixels): ImageRows {
  const { width, height, channels } = image;
  const rows = (top: number, bottom: number): Pixels => ({
    ...image,
    start: image.start + top * image.down,
    height: bottom - top,
  });
  return { width, height, channels, rows };
}

/**
 * An image, plain in memory, in one channel: ITU-R 601-2's luma, as Pillow's `convert('L')` rounds it. It
 * takes the place of the colours.
 */
export function inGray(image: Pixels): Pixels {
  const { data, width, height, channels } = image;
  if (channels === 1) return image;
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

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

/** Bytes [H, W, C] as an image. */
export function plainPixels({
  data,
  width,
  height,
  channels,
}: Pick<Pixels, 'data' | 'width' | 'height' | 'channels'>): Pixels {
  return { data, width, height, channels, start: 0, right: channels, down: width * channels };
}

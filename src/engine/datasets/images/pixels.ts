/** An image in memory: bytes [H, W, C], 1 channel (gray) or 3 (red, green, blue). */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

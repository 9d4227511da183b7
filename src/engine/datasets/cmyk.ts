/**
 * CMYK bytes as RGB, as Pillow: (255 - C)(255 - K) / 255 and so on, rounded. The result takes the place
 * of what is given.
 */
export function cmykToRgb(cmyk: Uint8Array): Uint8Array {
  const pixels = cmyk.length / 4;
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const white = 255 - (cmyk[4 * pixel + 3] as number);
    for (let c = 0; c < 3; c += 1) {
      const ink = cmyk[4 * pixel + c] as number;
      cmyk[3 * pixel + c] = Math.max(0, white - Math.round((ink * white) / 255));
    }
  }
  return cmyk.subarray(0, 3 * pixels);
}

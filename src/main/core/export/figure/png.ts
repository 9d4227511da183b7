import sharp from 'sharp';

/** Pixels per CSS pixel of the figure: 3000 wide, 300 dots per inch at 25.4 cm. */
const scale = 3;

/** The longest side that the renderer draws. */
const longest = 32_000;

/**
 * An SVG whose text is paths, on a light ground; equal documents give equal bytes. One that would be
 * too long at 300 dots per inch is drawn smaller.
 */
export async function pngOf(svg: string): Promise<Uint8Array> {
  const height = Number(/ height="(\d+)"/.exec(svg)?.[1] ?? 0);
  const drawn = Math.min(scale, longest / Math.max(1, height));
  return sharp(Buffer.from(svg), { density: 72 * drawn })
    .flatten({ background: '#ffffff' })
    .removeAlpha()
    .withMetadata({ density: 300 })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

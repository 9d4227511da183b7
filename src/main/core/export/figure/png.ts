import sharp from 'sharp';
import { type MethodCurve } from '../../../../shared/records';
import { type FigureOptions, figureSvg } from './figure';

/** Pixels per CSS pixel of the figure: 3000 wide, 300 dots per inch at 25.4 cm. */
const scale = 3;

/**
 * The figure as a PNG on a light ground. Its text is drawn as paths of the font that ships with the
 * product, so that no font of the machine takes part.
 */
export async function figurePng(
  curves: readonly MethodCurve[],
  options: Omit<FigureOptions, 'theme' | 'text' | 'embedFont'>,
): Promise<Uint8Array> {
  return pngOf(await figureSvg(curves, { ...options, text: 'paths' }));
}

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

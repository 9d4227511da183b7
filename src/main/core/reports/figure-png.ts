import sharp from 'sharp';
import { type MethodCurve } from '../../../shared/records';
import { figureSvg, type FigureOptions } from './figure';

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
  return pngOf(figureSvg(curves, { ...options, text: 'paths' }));
}

/** An SVG whose text is paths, on a light ground; equal documents give equal bytes. */
export async function pngOf(svg: string): Promise<Uint8Array> {
  return sharp(Buffer.from(svg), { density: 72 * scale })
    .flatten({ background: '#ffffff' })
    .removeAlpha()
    .withMetadata({ density: 300 })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

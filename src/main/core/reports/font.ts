import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as OpenType from 'opentype.js';

const opentype = createRequire(import.meta.url)('opentype.js') as typeof OpenType;

export type Weight = 400 | 600;

/** The font that ships with the product: measures text, and draws it as paths. */
export interface Font {
  readonly family: string;
  /** Width in the unit of `size`. */
  width(text: string, size: number, weight: Weight): number;
  /** SVG path data of text whose baseline starts at (x, y). */
  path(text: string, x: number, y: number, size: number, weight: Weight): string;
  /** @font-face rules that carry the font inside, so that a file needs none installed. */
  readonly css: string;
}

/** Open Inter in `resources/fonts`. */
export function openFont(resources: string): Font {
  const folder = join(resources, 'fonts');
  const open = (name: string) => {
    const bytes = readFileSync(join(folder, name));
    return opentype.parse(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
    );
  };
  const faces = { 400: open('Inter-Regular.ttf'), 600: open('Inter-SemiBold.ttf') };
  const face = (name: string, weight: Weight) =>
    `@font-face{font-family:"Studio Inter";font-weight:${weight};src:url(data:font/woff2;base64,${readFileSync(join(folder, name)).toString('base64')}) format("woff2")}`;
  return {
    family: '"Studio Inter", Inter, "Helvetica Neue", Arial, sans-serif',
    width: (text, size, weight) => faces[weight].getAdvanceWidth(text, size),
    path: (text, x, y, size, weight) => faces[weight].getPath(text, x, y, size).toPathData(2),
    css: face('Inter-Regular.woff2', 400) + face('Inter-SemiBold.woff2', 600),
  };
}

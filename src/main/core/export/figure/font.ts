import { readFileSync } from 'node:fs';
import { Blob, Buffer as Run, Face, Font as Shaper, shape } from 'harfbuzzjs';
import { type TextMeasure, type Weight } from '../../../../shared/charts/text-lines';
import { type FontFiles } from '../../storage/installed-files';
import { withCodePoints } from './code-points';

/** The font of figures and reports: measures text, and draws it as paths. */
export interface Font extends TextMeasure {
  readonly family: string;
  /** SVG path data of text whose baseline starts at (x, y). */
  path(text: string, x: number, y: number, size: number, weight: Weight): string;
  /** @font-face rules that carry the font inside, so that a file needs none installed. */
  readonly css: string;
  /**
   * The font where text becomes paths and no other font can help out: characters that it lacks stand
   * as their code points, so that names in any script can be told apart.
   */
  readonly forPaths: Font;
}

/** `real` text is drawn where the document is opened; `paths` are drawn here. */
export type TextMode = 'real' | 'paths';

export const fontFor = (font: Font, mode: TextMode): Font =>
  mode === 'paths' ? font.forPaths : font;

interface Glyph {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

/** Open Inter. */
export function openFont(files: FontFiles): Font {
  const faces = { 400: openFace(files.whole[400]), 600: openFace(files.whole[600]) };
  const has = (codePoint: number) => faces[400].has(codePoint) && faces[600].has(codePoint);
  const named = (text: string) => withCodePoints(text.normalize('NFC'), has);
  const real = {
    family: '"Studio Inter", Inter, "Helvetica Neue", Arial, sans-serif',
    width: (text: string, size: number, weight: Weight) => faces[weight].width(text, size),
    path: (text: string, x: number, y: number, size: number, weight: Weight) =>
      faces[weight].path(text, x, y, size),
    shown: (text: string) => text,
    css: files.cuts.map(fontFace).join(''),
  };
  const forPaths: Font = {
    ...real,
    width: (text, size, weight) => real.width(named(text), size, weight),
    path: (text, x, y, size, weight) => real.path(named(text), x, y, size, weight),
    shown: named,
    get forPaths() {
      return forPaths;
    },
  };
  return { ...real, forPaths };
}

function fontFace({ weight, file, range }: FontFiles['cuts'][number]): string {
  const data = readFileSync(file).toString('base64');
  return `@font-face{font-family:"Studio Inter";font-weight:${weight};unicode-range:${range};src:url(data:font/woff2;base64,${data}) format("woff2")}`;
}

/** One weight, shaped by HarfBuzz, so that kerning is that of a browser. */
function openFace(file: string) {
  const bytes = readFileSync(file);
  const face = new Face(new Blob(bytes));
  const shaper = new Shaper(face);
  const { upem } = face;

  /** Glyphs with the places of their origins, and where the next would begin; in font units. */
  function lay(text: string): { glyphs: Glyph[]; end: number } {
    const run = new Run();
    run.addText(text);
    run.guessSegmentProperties();
    shape(shaper, run);
    const places = run.getGlyphPositions();
    let end = 0;
    const glyphs = run.getGlyphInfos().map(({ codepoint: id }, index) => {
      const place = places[index];
      if (!place) throw new Error('HarfBuzz gives each glyph a place');
      const glyph = { id, x: end + place.xOffset, y: place.yOffset };
      end += place.xAdvance;
      return glyph;
    });
    return { glyphs, end };
  }

  return {
    has: (codePoint: number): boolean => shaper.nominalGlyph(codePoint) !== undefined,
    width: (text: string, size: number): number => (lay(text).end * size) / upem,
    path(text: string, x: number, y: number, size: number): string {
      const scale = size / upem;
      const number = (value: number) => String(Number(value.toFixed(2)));
      // A font's y goes up, a picture's down; the values of a command are pairs.
      const at = (values: readonly number[], glyph: Glyph) =>
        values
          .map((value, i) =>
            number(i % 2 === 0 ? x + (glyph.x + value) * scale : y - (glyph.y + value) * scale),
          )
          .join(' ');
      return lay(text)
        .glyphs.flatMap((glyph) =>
          shaper.glyphToJson(glyph.id).map(({ type, values }) => `${type}${at(values, glyph)}`),
        )
        .join('');
    },
  };
}

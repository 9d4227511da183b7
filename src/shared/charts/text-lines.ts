import { valueAt } from '../checked-reads';

/** The weights that text of charts and figures is set in. */
export type Weight = 400 | 600;

/** The font that text is laid out with. */
export interface TextMeasure {
  /** Width in the unit of `size`. */
  width(text: string, size: number, weight: Weight): number;
  /** Text as it will stand in the document. */
  shown(text: string): string;
}

/**
 * Text broken at spaces into lines of at most `width`; a single longer word is broken within. Nothing
 * is left out, so that two names never look alike.
 */
export function textLines(
  text: string,
  width: number,
  size: number,
  font: TextMeasure,
  weight: Weight = 400,
): string[] {
  const fits = (line: string) => font.width(line, size, weight) <= width;
  const lines: string[] = [];
  let line = '';
  for (const word of font.shown(text).split(/\s+/u).filter(Boolean)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (fits(longer)) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = broken(word, fits);
    lines.push(...pieces.slice(0, -1));
    line = valueAt(pieces, pieces.length - 1);
  }
  if (line !== '') lines.push(line);
  return lines;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Pieces that fit, or are one letter. */
function broken(word: string, fits: (line: string) => boolean): string[] {
  if (fits(word)) return [word];
  const pieces: string[] = [];
  let piece = '';
  for (const { segment } of graphemes.segment(word)) {
    if (piece !== '' && !fits(piece + segment)) {
      pieces.push(piece);
      piece = '';
    }
    piece += segment;
  }
  return [...pieces, piece];
}

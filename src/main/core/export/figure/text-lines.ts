import { type Weight } from '../../storage/installed-files';
import { type Font } from './font';

/**
 * Text broken at spaces into lines of at most `width`; a single longer word is broken within. Nothing
 * is left out, so that two names never look alike.
 */
export function textLines(
  text: string,
  width: number,
  size: number,
  font: Font,
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
    line = pieces.at(-1) ?? '';
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

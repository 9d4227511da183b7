import { type Font, type Weight } from './font';

/**
 * Text broken at spaces into lines of at most `width`; a single longer word is cut with an
 * ellipsis.
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
    line = fits(word) ? word : cut(word, fits);
  }
  if (line !== '') lines.push(line);
  return lines;
}

function cut(word: string, fits: (line: string) => boolean): string {
  const characters = [...word];
  while (characters.length > 1 && !fits(`${characters.join('')}…`)) characters.pop();
  return `${characters.join('')}…`;
}

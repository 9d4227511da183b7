import { type Weight } from '../../../../shared/charts/text-lines';
import { escapeMarkup } from '../text/markup';
import { coordinate } from '../text/coordinate';
import { type Font, type TextMode } from './font';

export interface TextStyle {
  readonly size: number;
  readonly weight?: Weight;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly fill: string;
  /** An SVG `transform`. */
  readonly transform?: string | undefined;
}

/** Draws one line of text as an SVG element, its baseline at (x, y). */
export type SvgText = (x: number, y: number, words: string, style: TextStyle) => string;

/** Text of a picture: in its font where it is opened, or as paths that need none. */
export function svgText(font: Font, mode: TextMode): SvgText {
  return (x, y, words, { size, weight = 400, anchor = 'start', fill, transform }) => {
    const colour = `fill="${escapeMarkup(fill)}"`;
    const from = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
    const turn = transform === undefined ? '' : ` transform="${transform}"`;
    if (mode === 'real') {
      return `<text x="${coordinate(x)}" y="${coordinate(y)}" font-size="${size}" font-weight="${weight}"${from} ${colour}${turn}>${escapeMarkup(words)}</text>`;
    }
    const width = font.width(words, size, weight);
    const start = anchor === 'start' ? x : x - (anchor === 'middle' ? width / 2 : width);
    return `<path d="${font.path(words, start, y, size, weight)}" ${colour}${turn}/>`;
  };
}

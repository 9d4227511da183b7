import { type MethodCurve } from '../../../../shared/records';
import { escapeMarkup } from '../text/markup';
import { describe, type FigureOptions, noteLine, noteLines, noteSize } from './figure';
import { fontFor } from './font';
import { figurePanels, figureWidth, legendTop, plotBottom, plotHeight, plotTop } from './geometry';
import { legendOf } from './legend';
import { axisTitles, figureMarks, lightTheme } from './marks';
import { textLines } from './text-lines';

export interface FigureBlock {
  /** Such as 'Fig. 2: MNIST'. */
  readonly heading: string;
  readonly caption: string;
  readonly curves: readonly MethodCurve[];
}

const headingHeight = 30;
const headingSize = 17;
const captionSize = 12;
const captionLine = 17;
/** From the panels' end, below the axis title, to the caption's first baseline. */
const captionTop = plotBottom + 68;
const blockGap = 30;

/**
 * Several two-panel figures under one another, with one legend for all (Figs. 2 to 4 together), as
 * a complete SVG document.
 *
 * @param blocks at least one, each with curves.
 */
export function figuresSvg(blocks: readonly FigureBlock[], options: FigureOptions): string {
  const { theme = lightTheme, text: mode = 'real' } = options;
  const font = fontFor(options.font, mode);
  const { text, frame, drawn, legend } = figureMarks(
    methodsOf(blocks).map(({ method }) => method.id),
    font,
    theme,
    mode,
  );
  const parts: string[] = [];
  const words: string[] = [];
  let y = 12;
  for (const { heading, caption, curves } of blocks) {
    const panels = figurePanels(curves);
    const { left } = panels[0];
    const lines = textLines(caption, figureWidth - left - 14, captionSize, font);
    const body = [
      ...panels.flatMap((panel) => [frame(panel), drawn(panel)]),
      text(17, plotTop + plotHeight / 2, axisTitles.y, {
        size: 13,
        anchor: 'middle',
        fill: theme.ink,
        vertical: true,
      }),
      ...lines.map((line, i) =>
        text(left, captionTop + i * captionLine, line, { size: captionSize, fill: theme.muted }),
      ),
    ];
    parts.push(
      text(left, y + headingSize, heading, { size: headingSize, weight: 600, fill: theme.ink }),
      `<g transform="translate(0 ${y + headingHeight})">`,
      ...body,
      '</g>',
    );
    words.push(`${heading}. ${describe(panels, [caption])}`);
    y += headingHeight + captionTop + (lines.length - 1) * captionLine + blockGap;
  }
  const legends = figurePanels(methodsOf(blocks)).map((panel) => legendOf(panel, font));
  const left = figurePanels([])[0].left;
  const notesTop = y + 18 + Math.max(...legends.map((entry) => entry.height)) + 2;
  const notes = noteLines(options.notes, font);
  const height = notesTop + notes.length * noteLine + 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${figureWidth}" height="${height}" viewBox="0 0 ${figureWidth} ${height}" role="img" aria-labelledby="figures-title figures-description" font-family="${escapeMarkup(font.family)}">`,
    `<title id="figures-title">${escapeMarkup(options.title)}</title>`,
    `<desc id="figures-description">${escapeMarkup([...words, ...options.notes].join(' '))}</desc>`,
    options.embedFont ? `<style>${font.css}</style>` : '',
    `<rect width="${figureWidth}" height="${height}" fill="${theme.ground}"/>`,
    ...parts,
    `<g transform="translate(0 ${y + 14 - legendTop})">`,
    ...legends.map(legend),
    '</g>',
    ...notes.map((note, i) =>
      text(left, notesTop + 12 + i * noteLine, note, { size: noteSize, fill: theme.muted }),
    ),
    '</svg>\n',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** One curve of each method that a block has, in the order of their first block. */
function methodsOf(blocks: readonly FigureBlock[]): MethodCurve[] {
  const found = new Map<string, MethodCurve>();
  for (const curve of blocks.flatMap(({ curves }) => curves)) {
    if (!found.has(curve.method.id)) found.set(curve.method.id, curve);
  }
  return [...found.values()];
}

import { type MethodCurve } from '../../../../shared/records';
import { escapeMarkup } from '../text/markup';
import { fixed, levelText } from '../text/numbers';
import { type Font, fontFor, type TextMode } from './font';
import {
  figurePanels,
  figureWidth,
  legendTop,
  notesWidth,
  type Panel,
  plotHeight,
  plotTop,
} from './geometry';
import { legendOf } from './legend';
import { axisTitles, figureMarks, type FigureTheme, lightTheme } from './marks';
import { textLines } from './text-lines';

export { axisTitles, type FigureTheme, figureVariables, lightTheme, pageTheme } from './marks';

export interface FigureOptions {
  readonly title: string;
  /** Below the legend, each from a line of its own. */
  readonly notes: readonly string[];
  readonly font: Font;
  readonly theme?: FigureTheme;
  /** `real` text in the font; `paths` needs no font where it is drawn. */
  readonly text?: TextMode;
  /** Carry the font inside (for real text outside a page that has it). */
  readonly embedFont?: boolean;
  /** Title of the y axis; the score's by default. */
  readonly yTitle?: string;
}

/**
 * The two-panel figure (Figs. 2 to 4 of the paper) as a complete SVG document: individual methods
 * left, combinations right, the random map in both; bands are the curves' intervals.
 *
 * @param curves of one run, all with the same levels.
 */
export function figureSvg(curves: readonly MethodCurve[], options: FigureOptions): string {
  const { theme = lightTheme, text: mode = 'real', yTitle = axisTitles.y } = options;
  const font = fontFor(options.font, mode);
  const panels = figurePanels(curves);
  const { text, frame, drawn, legend } = figureMarks(
    curves.map(({ method }) => method.id),
    font,
    theme,
    mode,
  );
  const legends = panels.map((panel) => legendOf(panel, font));
  const notesTop = legendTop + Math.max(...legends.map(({ height }) => height)) + 8;
  const notes = noteLines(options.notes, font);
  const height = notesTop + notes.length * noteLine + 2;
  const style = options.embedFont ? `<style>${font.css}</style>` : '';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${figureWidth}" height="${height}" viewBox="0 0 ${figureWidth} ${height}" role="img" aria-labelledby="figure-title figure-description" font-family="${escapeMarkup(font.family)}">`,
    `<title id="figure-title">${escapeMarkup(options.title)}</title>`,
    `<desc id="figure-description">${escapeMarkup(describe(panels, options.notes, yTitle))}</desc>`,
    style,
    `<rect width="${figureWidth}" height="${height}" fill="${theme.ground}"/>`,
    text(17, plotTop + plotHeight / 2, yTitle, {
      size: 13,
      anchor: 'middle',
      fill: theme.ink,
      vertical: true,
    }),
    ...panels.flatMap((panel) => [frame(panel), drawn(panel)]),
    ...legends.map(legend),
    ...notes.map((note, index) =>
      text(panels[0].left, notesTop + 12 + index * noteLine, note, {
        size: noteSize,
        fill: theme.muted,
      }),
    ),
    '</svg>\n',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

export const noteLine = 16;
export const noteSize = 11;

/** Notes broken where they are wider than the figure. */
export function noteLines(notes: readonly string[], font: Font): string[] {
  return notes.flatMap((note) => textLines(note, notesWidth, noteSize, font));
}

/** The figure in words, for those who do not see it. */
export function describe(
  panels: readonly Panel[],
  notes: readonly string[],
  yTitle: string = axisTitles.y,
): string {
  const each = panels.map((panel) => {
    const curves = panel.curves.map((curve) => {
      const last = curve.points[curve.points.length - 1];
      return last ? `${curve.method.name} ${fixed(last.mean)}` : curve.method.name;
    });
    const level = panel.curves[0]?.points.at(-1)?.level ?? 0;
    return `${panel.title}, ${yTitle.toLowerCase()} at level ${levelText(level)}: ${curves.join(', ')}.`;
  });
  return [...each, ...notes].join(' ');
}

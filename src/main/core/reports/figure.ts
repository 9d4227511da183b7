import { type MethodCurve } from '../../../shared/records';
import { type Font } from './font';
import {
  figurePanels,
  figureWidth,
  legendRow,
  legendTop,
  type Panel,
  plotHeight,
  plotTop,
} from './figure-geometry';
import { legendOf } from './figure-legend';
import { axisTitles, figureMarks, type FigureTheme, lightTheme } from './figure-marks';
import { escapeMarkup } from './markup';
import { fixed, levelText } from './numbers';

export {
  axisTitles,
  type FigureTheme,
  figureVariables,
  lightTheme,
  pageTheme,
} from './figure-marks';

export interface FigureOptions {
  readonly title: string;
  /** Below the legend, one line each. */
  readonly notes: readonly string[];
  readonly font: Font;
  readonly theme?: FigureTheme;
  /** `real` text in the font; `paths` needs no font where it is drawn. */
  readonly text?: 'real' | 'paths';
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
  const { font, theme = lightTheme, text: mode = 'real', yTitle = axisTitles.y } = options;
  const panels = figurePanels(curves);
  const { text, frame, drawn, legend } = figureMarks(font, theme, mode);
  const legends = panels.map((panel) => legendOf(panel, font));
  const legendRows = Math.max(...legends.map(({ rows }) => rows));
  const notesTop = legendTop + legendRows * legendRow + 8;
  const height = notesTop + options.notes.length * 16 + 2;
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
    ...options.notes.map((note, index) =>
      text(panels[0].left, notesTop + 12 + index * 16, note, { size: 11, fill: theme.muted }),
    ),
    '</svg>\n',
  ]
    .filter((part) => part !== '')
    .join('\n');
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

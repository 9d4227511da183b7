import { markedName } from '../../../../shared/catalogue/methods';
import { methodStyles } from '../../../../shared/catalogue/palette';
import { type ChartTheme, lightTheme } from '../../../../shared/charts/chart-theme';
import {
  curveFigure,
  type FigureBlock,
  type FigureDrawing,
} from '../../../../shared/charts/curve-figure';
import { panelCurves, panels } from '../../../../shared/charts/panels';
import { type TextMeasure } from '../../../../shared/charts/text-lines';
import { valueFigure } from '../../../../shared/charts/value-figure';
import { type MethodCurve, type MethodValue } from '../../../../shared/records';
import { escapeMarkup } from '../text/markup';
import { fixed, formatLevel } from '../../../../shared/format/numbers';
import { type Font, fontFor, type TextMode } from './font';

export interface FigureOptions {
  readonly title: string;
  /** Below the legend, each from a line of its own. */
  readonly notes: readonly string[];
  readonly font: Font;
  readonly theme?: ChartTheme;
  /** `real` text in the font; `paths` needs no font where it is drawn. */
  readonly text?: TextMode;
  /** Carry the font inside (for real text outside a page that has it). */
  readonly embedFont?: boolean;
  /** Title of the axis of values; the score's by default. */
  readonly yTitle?: string;
}

export const scoreTitle = 'Mean softmax score of the ground-truth class';

/** Colours by CSS variables, for a page that is light or dark; see `figureVariables`. */
export const pageTheme: ChartTheme = {
  ground: 'var(--chart-ground)',
  ink: 'var(--ink)',
  muted: 'var(--muted)',
  grid: 'var(--grid)',
  axis: 'var(--muted)',
  colour: (method) => `var(--method-${method})`,
};

/** The variables of `pageTheme` for each method. */
export function figureVariables(methods: readonly string[], scheme: 'light' | 'dark'): string {
  return [...methodStyles(methods)]
    .map(([id, style]) => `--method-${id}:${style[scheme]};`)
    .join('');
}

/**
 * The two-panel figure (Figs. 2 to 4 of the paper) as a complete SVG document: individual methods
 * left, combinations right, the random map in both; bands are the curves' intervals. Equal curves
 * and options give equal bytes.
 *
 * @param curves of one run, all with the same levels.
 */
export function figureSvg(curves: readonly MethodCurve[], options: FigureOptions): Promise<string> {
  const words = [describe(curves, options.yTitle), ...options.notes];
  return curvesDocument([{ heading: null, caption: null, curves }], words, options);
}

/**
 * One value of each method with its interval as a complete SVG document. Equal values and options
 * give equal bytes.
 *
 * @param values of one run, from the top down
 */
export function valuesSvg(values: readonly MethodValue[], options: FigureOptions): Promise<string> {
  const { yTitle: title = scoreTitle, notes } = options;
  const each = values.map(({ method, mean }) => `${markedName(method)} ${fixed(mean)}`);
  return svgDocument(
    (style) => valueFigure({ ...style, values, notes, title }),
    [`${title}: ${each.join(', ')}.`, ...notes],
    options,
  );
}

/**
 * Several two-panel figures under one another, with one legend for all (Figs. 2 to 4 together), as
 * a complete SVG document.
 *
 * @param blocks at least one, each with curves.
 */
export function figuresSvg(
  blocks: readonly FigureBlock[],
  options: FigureOptions,
): Promise<string> {
  const words = blocks.map(({ heading, caption, curves }) =>
    [heading === null ? '' : `${heading}.`, describe(curves, options.yTitle), caption ?? '']
      .filter(Boolean)
      .join(' '),
  );
  return curvesDocument(blocks, [...words, ...options.notes], options);
}

function curvesDocument(
  blocks: readonly FigureBlock[],
  words: readonly string[],
  options: FigureOptions,
): Promise<string> {
  const { yTitle = scoreTitle, notes } = options;
  return svgDocument((style) => curveFigure({ ...style, blocks, notes, yTitle }), words, options);
}

interface FigureStyle {
  readonly theme: ChartTheme;
  readonly family: string;
  readonly measure: TextMeasure;
}

/** @param words the figure for those who do not see it. */
async function svgDocument(
  draw: (style: FigureStyle) => FigureDrawing,
  words: readonly string[],
  options: FigureOptions,
): Promise<string> {
  const { theme = lightTheme, text: mode = 'real' } = options;
  const font = fontFor(options.font, mode);
  const { family } = font;
  const drawing = draw({ theme, family, measure: font });
  // ECharts is loaded with the first figure, so that the application starts without it.
  const { drawChart } = await import('./draw-chart');
  const { width, height } = drawing;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="figure-title figure-description" font-family="${escapeMarkup(family)}">`,
    `<title id="figure-title">${escapeMarkup(options.title)}</title>`,
    `<desc id="figure-description">${escapeMarkup(words.join(' '))}</desc>`,
    options.embedFont ? `<style>${font.css}</style>` : '',
    `<rect width="${width}" height="${height}" fill="${theme.ground}"/>`,
    drawChart(drawing, font, mode),
    '</svg>\n',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** Curves in words: their values at the last level. */
function describe(curves: readonly MethodCurve[], yTitle: string = scoreTitle): string {
  return panels
    .map(({ id, title }) => {
      const own = panelCurves(curves, id);
      const each = own.map(({ method, points }) => {
        const last = points.at(-1);
        const name = markedName(method);
        return last ? `${name} ${fixed(last.mean)}` : name;
      });
      const level = own[0]?.points.at(-1)?.level ?? 0;
      return `${title}, ${yTitle.toLowerCase()} at level ${formatLevel(level)}: ${each.join(', ')}.`;
    })
    .join(' ');
}

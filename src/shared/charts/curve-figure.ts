import type { GraphicComponentOption, GridComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import { type MethodStyle, methodStyles } from '../catalogue/palette';
import { type MethodCurve } from '../records';
import { type ChartTheme } from './chart-theme';
import { axisRoom, curvePanel, type PanelSeries } from './curve-panel';
import { legendOf, legendSeries } from './legend';
import { panelCurves, panels } from './panels';
import { type TextMeasure, textLines, type Weight } from './text-lines';

/** Curves of one run with what stands around them. */
export interface FigureBlock {
  /** Such as 'Fig. 2: MNIST'; null: none. */
  readonly heading: string | null;
  /** Null: none. */
  readonly caption: string | null;
  /** All with the same levels. */
  readonly curves: readonly MethodCurve[];
}

export interface CurveFigure {
  readonly blocks: readonly FigureBlock[];
  /** Below the legend, each from a line of its own. */
  readonly notes: readonly string[];
  readonly yTitle: string;
  readonly theme: ChartTheme;
  /** CSS `font-family` of its text. */
  readonly family: string;
  readonly measure: TextMeasure;
}

export type FigureOption = ComposeOption<
  GraphicComponentOption | GridComponentOption | PanelSeries
>;

/** What ECharts draws it from, in CSS pixels. */
export interface FigureDrawing {
  readonly option: FigureOption;
  readonly width: number;
  readonly height: number;
}

export const figureWidth = 1000;
const left = axisRoom.left;
const right = 14;
const gap = 62;
const plotWidth = (figureWidth - left - right - gap) / 2;
const plotHeight = 324;
/** Of what stands below the panels: from the left one's axis to the right one's end. */
const textWidth = figureWidth - left - right;
const panelLeft = (panel: number): number => left + panel * (plotWidth + gap);

/** Text of one kind: its size, its weight and the height of a line. */
interface TextKind {
  readonly size: number;
  readonly weight: Weight;
  readonly line: number;
}
const headingText: TextKind = { size: 17, weight: 600, line: 42 };
const panelText: TextKind = { size: 14, weight: 600, line: 36 };
const captionText: TextKind = { size: 12, weight: 400, line: 17 };
const noteText: TextKind = { size: 11, weight: 400, line: 16 };
/** From the panels' end, with the title of the axis on it, to what stands below. */
const belowPanels = 54;
const belowCaption = 16;
const aboveNotes = 14;
const margin = 2;

/**
 * Two-panel figures (Figs. 2 to 4 of the paper) under one another, with one legend for all:
 * individual methods left, combinations right, the random map in both.
 *
 * @param figure with at least one block, each with curves.
 */
export function curveFigure(figure: CurveFigure): FigureDrawing {
  const { blocks, theme, family, measure } = figure;
  const all = methodsOf(blocks);
  const styles = methodStyles(all.map(({ method }) => method.id));
  const words: ReturnType<typeof textElement>[] = [];
  const drawn: DrawnPanel[] = [];
  let y = 0;
  /** A line of text, and on to what stands below it. */
  const write = (text: string, kind: TextKind, colour: string): void => {
    words.push(textElement(text, left, y + kind.line / 2, kind, colour, family));
    y += kind.line;
  };
  for (const block of blocks) {
    if (block.heading !== null) write(measure.shown(block.heading), headingText, theme.ink);
    for (const [i, { title }] of panels.entries()) {
      const middle = y + panelText.line / 2;
      words.push(textElement(title, panelLeft(i), middle, panelText, theme.ink, family));
    }
    y += panelText.line;
    drawn.push(...blockPanels(block, drawn.length, y, styles, figure));
    y += plotHeight + belowPanels;
    if (block.caption !== null) {
      for (const line of textLines(block.caption, textWidth, captionText.size, measure)) {
        write(line, captionText, theme.muted);
      }
      y += belowCaption;
    }
  }
  const legends = panels.map(({ id: panel }, grid) => {
    const legend = legendOf(panelCurves(all, panel), plotWidth, measure);
    const place = { panel, grid, left: panelLeft(grid), top: y };
    return {
      height: legend.height,
      series: legendSeries(legend, place, { styles, theme, family }),
    };
  });
  y += Math.max(...legends.map(({ height }) => height)) + aboveNotes;
  const notes = noteElements(figure, { left, top: y });
  words.push(...notes.elements);
  return {
    option: {
      animation: false,
      textStyle: { fontFamily: family },
      graphic: words,
      grid: drawn.map(({ grid }) => grid),
      xAxis: drawn.map(({ xAxis }) => xAxis),
      yAxis: drawn.map(({ yAxis }) => yAxis),
      series: [...drawn.flatMap(({ series }) => series), ...legends.map(({ series }) => series)],
    },
    width: figureWidth,
    height: notes.end,
  };
}

/** Notes below a figure, from `top` down to its end. */
export function noteElements(
  { notes, theme, family, measure }: Pick<CurveFigure, 'notes' | 'theme' | 'family' | 'measure'>,
  at: { readonly left: number; readonly top: number },
): { readonly elements: ReturnType<typeof textElement>[]; readonly end: number } {
  const lines = notes.flatMap((note) =>
    textLines(note, figureWidth - at.left - right, noteText.size, measure),
  );
  const elements = lines.map((line, i) =>
    textElement(line, at.left, at.top + (i + 0.5) * noteText.line, noteText, theme.muted, family),
  );
  return { elements, end: at.top + lines.length * noteText.line + margin };
}

interface DrawnPanel extends ReturnType<typeof curvePanel> {
  readonly grid: GridComponentOption;
}

/**
 * @param first the index of the left panel's grid.
 * @param top of the plots.
 */
function blockPanels(
  { curves }: FigureBlock,
  first: number,
  top: number,
  styles: ReadonlyMap<string, MethodStyle>,
  { theme, yTitle, measure }: CurveFigure,
): DrawnPanel[] {
  const levels = curves[0]?.points.map(({ level }) => level) ?? [];
  return panels.map(({ id }, i) => ({
    ...curvePanel(
      {
        panel: id,
        curves,
        styles,
        levels,
        yTitle: i === 0 ? measure.shown(yTitle) : '',
        bands: true,
        highlighted: null,
        theme,
      },
      first + i,
    ),
    grid: {
      left: panelLeft(i),
      top,
      width: plotWidth,
      height: plotHeight,
      outerBoundsMode: 'none',
    },
  }));
}

/** @param middle of the line. */
function textElement(
  text: string,
  x: number,
  middle: number,
  { size, weight }: TextKind,
  colour: string,
  family: string,
) {
  return {
    type: 'text' as const,
    silent: true,
    x,
    y: middle,
    style: {
      text,
      fill: colour,
      verticalAlign: 'middle' as const,
      fontSize: size,
      fontWeight: weight,
      fontFamily: family,
    },
  };
}

/** One curve of each method that a block has, in the order of their first block. */
function methodsOf(blocks: readonly FigureBlock[]): MethodCurve[] {
  const found = new Map<string, MethodCurve>();
  for (const curve of blocks.flatMap(({ curves }) => curves)) {
    if (!found.has(curve.method.id)) found.set(curve.method.id, curve);
  }
  return [...found.values()];
}

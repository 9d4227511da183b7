import { markedName } from '../catalogue/methods';
import { type MethodValue } from '../records';
import { type ChartTheme } from './chart-theme';
import { type FigureDrawing, figureWidth, noteElements } from './curve-figure';
import { labelSize } from './curve-panel';
import { type TextMeasure } from './text-lines';
import { valueFoot, valuePanel, valueRow } from './value-panel';

export interface ValueFigure {
  /** From the top down, at least one. */
  readonly values: readonly MethodValue[];
  /** Below the plot, each from a line of its own. */
  readonly notes: readonly string[];
  readonly title: string;
  readonly theme: ChartTheme;
  /** CSS `font-family` of its text. */
  readonly family: string;
  readonly measure: TextMeasure;
}

const top = 10;
const right = 24;
const beside = 14;
const aboveNotes = 14;

/** One value of each method with its interval, best first as a page of its own. */
export function valueFigure(figure: ValueFigure): FigureDrawing {
  const { values, theme, family, measure } = figure;
  const shown = values.map((value) => ({
    ...value,
    method: { ...value.method, name: measure.shown(value.method.name) },
  }));
  const nameWidth = Math.ceil(
    Math.max(...shown.map(({ method }) => measure.width(markedName(method), labelSize, 400))),
  );
  const height = values.length * valueRow;
  const left = nameWidth + beside;
  const notes = noteElements(figure, { left, top: top + height + valueFoot + aboveNotes });
  return {
    option: {
      animation: false,
      textStyle: { fontFamily: family },
      graphic: notes.elements,
      grid: { left, top, width: figureWidth - left - right, height, outerBoundsMode: 'none' },
      ...valuePanel({
        values: shown,
        among: values.map(({ method }) => method.id),
        title: measure.shown(figure.title),
        nameWidth: nameWidth + 2,
        theme,
      }),
    },
    width: figureWidth,
    height: notes.end,
  };
}

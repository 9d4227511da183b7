import type { CustomSeriesOption } from 'echarts/charts';
import { markedName } from '../catalogue/methods';
import { type MethodStyle } from '../catalogue/palette';
import { type MethodCurve } from '../records';
import { type ChartTheme } from './chart-theme';
import { lineWidth, markerElement, markerScale } from './marks';
import { isControl, type PanelId } from './panels';
import { seriesId } from './series-key';
import { type TextMeasure, textLines } from './text-lines';

const nameSize = 12;
const row = 21;
/** From one line of a name to its next. */
const lineHeight = 15;
/** Length of the line that shows a method's dash and marker. */
const sampleWidth = 28;
const sampleGap = 7;
const columnGap = 12;

export interface LegendEntry {
  readonly curve: MethodCurve;
  /** The name, in as many lines as it takes. */
  readonly lines: readonly string[];
  readonly x: number;
  /** The middle of its line and marker and of the name's first line. */
  readonly y: number;
}

export interface Legend {
  readonly entries: readonly LegendEntry[];
  readonly height: number;
}

/**
 * A panel's legend: the paper's order, controls last; two columns where they fit, else one.
 *
 * @param room its width.
 */
export function legendOf(
  curves: readonly MethodCurve[],
  room: number,
  measure: TextMeasure,
): Legend {
  const ordered = [...curves.filter((curve) => !isControl(curve)), ...curves.filter(isControl)];
  const width = ({ method }: MethodCurve) =>
    sampleWidth + sampleGap + measure.width(markedName(method), nameSize, 400);
  const widest = (some: readonly MethodCurve[]) => Math.max(0, ...some.map(width));
  const half = Math.ceil(ordered.length / 2);
  const first = widest(ordered.slice(0, half));
  const second = widest(ordered.slice(half));
  const two = first + columnGap + second <= room;
  const rows = two ? half : ordered.length;
  const offset = Math.max(first + columnGap, Math.min(room / 2, room - second));
  let end = 0;
  const entries = ordered.map((curve, index): LegendEntry => {
    const top = two ? (index % rows) * row : end;
    const name = markedName(curve.method);
    const lines = textLines(name, room - sampleWidth - sampleGap, nameSize, measure);
    end = top + row + lineHeight * (lines.length - 1);
    return { curve, lines, x: index < rows ? 0 : offset, y: top + row / 2 };
  });
  return { entries, height: two ? rows * row : end };
}

/** Where a legend stands: of which panel, in the series of which grid, and its top left corner. */
export interface LegendPlace {
  readonly panel: PanelId;
  readonly grid: number;
  readonly left: number;
  readonly top: number;
}

export interface LegendLook {
  readonly styles: ReadonlyMap<string, MethodStyle>;
  readonly theme: ChartTheme;
  readonly family: string;
}

/** A legend as ECharts draws it: each method's line and marker as in the panel, then its name. */
export function legendSeries(
  { entries }: Legend,
  { panel, grid, left, top }: LegendPlace,
  { styles, theme, family }: LegendLook,
): CustomSeriesOption {
  const children = entries.flatMap(({ curve, lines, x, y }) => {
    const { id } = curve.method;
    const style = styles.get(id);
    if (!style) throw new RangeError(`${id} is no method of the figure`);
    const colour = theme.colour(id, style);
    const scale = isControl(curve) ? markerScale.control : markerScale.method;
    const [x1, middle] = [left + x, top + y];
    const x2 = x1 + sampleWidth;
    return [
      {
        type: 'line' as const,
        shape: { x1, y1: middle, x2, y2: middle },
        style: { stroke: colour, lineWidth, lineDash: [...style.dash] },
      },
      markerElement(style.marker, { x: (x1 + x2) / 2, y: middle }, { scale, colour, theme }),
      ...lines.map((text, i) => ({
        type: 'text' as const,
        style: {
          text,
          x: x2 + sampleGap,
          y: middle + i * lineHeight,
          verticalAlign: 'middle' as const,
          fill: theme.ink,
          fontSize: nameSize,
          fontFamily: family,
        },
      })),
    ];
  });
  return {
    type: 'custom',
    id: seriesId({ part: 'legend', panel, grid, method: '' }),
    xAxisIndex: grid,
    yAxisIndex: grid,
    silent: true,
    clip: false,
    data: [[0, 0]],
    renderItem: () => ({ type: 'group', children }),
  };
}

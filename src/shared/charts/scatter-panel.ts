import type { CustomSeriesOption, LineSeriesOption, ScatterSeriesOption } from 'echarts/charts';
import type { GridComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import { markedName } from '../catalogue/methods';
import { type MethodStyle, methodStyles } from '../catalogue/palette';
import { valueAt } from '../checked-reads';
import { type ChartTheme } from './chart-theme';
import { labelHeight, labelPlaces } from './label-places';
import { markerRim, markerSymbol, symbolSize } from './marks';
import { roundRange } from './round-range';

export type ScatterOption = ComposeOption<
  CustomSeriesOption | GridComponentOption | LineSeriesOption | ScatterSeriesOption
>;

/** One method: a value on each axis, with its interval where there is one. */
export interface ScatterPoint {
  readonly method: string;
  readonly name: string;
  readonly x: number;
  readonly xLow: number | null;
  readonly xHigh: number | null;
  readonly y: number;
  readonly yLow: number | null;
  readonly yHigh: number | null;
}

export interface ScatterAxis {
  readonly name: string;
  /** The labels where the axis is a rating scale; it then runs from 1 to their number. */
  readonly labels?: readonly string[];
}

export interface ScatterInput {
  readonly points: readonly ScatterPoint[];
  /** Ids of every method of the study, drawn here or not. */
  readonly among: readonly string[];
  readonly x: ScatterAxis;
  readonly y: ScatterAxis;
  readonly theme: ChartTheme;
  /** CSS `font-family` of its text. */
  readonly family: string;
  /** The point that is read: the others step back. */
  readonly highlighted: number | null;
}

/** The axis of values with their intervals. */
export const valueRange = (points: readonly ScatterPoint[]) =>
  roundRange(points.flatMap(({ y, yLow, yHigh }) => [y, yLow ?? y, yHigh ?? y]));

function axisOf({ name, labels }: ScatterAxis, range: object, theme: ChartTheme, gap: number) {
  return {
    type: 'value' as const,
    name,
    nameLocation: 'middle' as const,
    nameGap: gap,
    nameTextStyle: { color: theme.muted, fontSize: 12 },
    axisLabel: {
      color: theme.muted,
      fontSize: 11,
      formatter: (value: number) =>
        labels ? (labels[Math.round(value) - 1] ?? '') : value.toFixed(2).replace('-', '−'),
      // A study's own labels may be long, or many.
      ...(labels && { width: 62, overflow: 'truncate' as const, hideOverlap: true }),
    },
    axisLine: { show: true, onZero: false, lineStyle: { color: theme.axis } },
    axisTick: { show: true, lineStyle: { color: theme.axis } },
    splitLine: { lineStyle: { color: theme.grid } },
    ...(labels
      ? { min: 0.7, max: labels.length + 0.3, interval: 1, ...scaleTicks(labels) }
      : range),
  };
}

/** Ticks at the labels alone, though the axis leaves room at both ends. */
const scaleTicks = (labels: readonly string[]) => ({ customValues: labels.map((_, i) => i + 1) });

/** Methods as points with their names, and intervals along both axes. */
export function scatterPanel(input: ScatterInput): ScatterOption {
  const { points, theme, highlighted } = input;
  const range = valueRange(points);
  const faded = (i: number) => highlighted !== null && highlighted !== i;
  const styles = methodStyles([...input.among, ...points.map(({ method }) => method)]);
  const styleOf = (method: string): MethodStyle => {
    const style = styles.get(method);
    if (!style) throw new RangeError(`${method} is no method of the figure`);
    return style;
  };
  const colour = (method: string) => theme.colour(method, styleOf(method));
  const tall = (axis: ScatterAxis) => (axis.labels ? 66 : 44);
  const withTicks = (axis: ReturnType<typeof axisOf>, { labels }: ScatterAxis) =>
    labels
      ? {
          ...axis,
          axisLabel: { ...axis.axisLabel, ...scaleTicks(labels) },
          axisTick: { ...axis.axisTick, ...scaleTicks(labels) },
        }
      : axis;
  return {
    animation: false,
    textStyle: { fontFamily: input.family },
    grid: { left: tall(input.y) + 20, right: 16, top: 14, bottom: 46, outerBoundsMode: 'none' },
    xAxis: withTicks(axisOf(input.x, range, theme, 28), input.x),
    yAxis: withTicks(axisOf(input.y, range, theme, tall(input.y)), input.y),
    series: [
      ...(input.y.labels || range.min > 0 ? [] : [zeroLine(theme)]),
      {
        type: 'custom',
        id: 'intervals',
        silent: true,
        clip: true,
        data: points.map(({ x, y }, i) => [x, y, i]),
        encode: { x: 0, y: 1 },
        renderItem: (_params, api) => {
          const i = Number(api.value(2));
          const point = points[i];
          if (!point) return null;
          const { x, y, xLow, xHigh, yLow, yHigh } = point;
          const style = {
            stroke: colour(point.method),
            lineWidth: 1.5,
            opacity: faded(i) ? 0.12 : 0.45,
          };
          const segment = (from: number[], to: number[]) => {
            const [[x1 = 0, y1 = 0], [x2 = 0, y2 = 0]] = [api.coord(from), api.coord(to)];
            return { type: 'line' as const, shape: { x1, y1, x2, y2 }, style };
          };
          return {
            type: 'group',
            children: [
              ...(xLow === null || xHigh === null ? [] : [segment([xLow, y], [xHigh, y])]),
              ...(yLow === null || yHigh === null ? [] : [segment([x, yLow], [x, yHigh])]),
            ],
          };
        },
        z: 2,
      },
      {
        type: 'scatter',
        id: 'methods',
        data: points.map(({ method, name, x, y }, i) => ({
          value: [x, y],
          name,
          symbol: markerSymbol(styleOf(method).marker),
          symbolSize: symbolSize(highlighted === i ? 1.25 * pointScale : pointScale),
          itemStyle: {
            color: colour(method),
            opacity: faded(i) ? 0.3 : 1,
            borderColor: theme.ground,
            borderWidth: markerRim,
          },
        })),
        emphasis: { disabled: true },
        cursor: 'default',
        z: 3,
      },
      labels(input, faded, colour),
    ],
  };
}

/** Half the size of a point's marker of about one unit, in pixels. */
const pointScale = 5.4;
const longest = 32;
/** Enough for any name of so many letters, so that labels are placed without measuring text. */
const letter = 6;

/** Names beside their points, moved so that they cover neither points nor each other. */
function labels(
  { points, theme, family }: ScatterInput,
  faded: (i: number) => boolean,
  colour: (method: string) => string,
): CustomSeriesOption {
  const names = points.map(({ method, name }) =>
    markedName({
      id: method,
      name: name.length > longest ? `${name.slice(0, longest - 1)}…` : name,
    }),
  );
  return {
    type: 'custom',
    id: 'labels',
    silent: true,
    data: points.map(({ x, y }, i) => [x, y, i]),
    encode: { x: 0, y: 1 },
    renderItem: ({ coordSys }, api) => {
      const i = Number(api.value(2));
      const places = labelPlaces(
        points.map(({ x, y }, at) => {
          const [px = 0, py = 0] = api.coord([x, y]);
          return { x: px, y: py, width: valueAt(names, at).length * letter };
        }),
        areaOf(coordSys),
      );
      const [place, name, point] = [places[i], names[i], points[i]];
      if (!place || name === undefined || !point) return null;
      const [x1 = 0, y1 = 0] = api.coord([point.x, point.y]);
      const opacity = faded(i) ? 0.35 : 1;
      const text = {
        type: 'text' as const,
        style: {
          text: name,
          x: place.left < x1 - 1 ? place.left + name.length * letter : place.left,
          y: place.top + labelHeight / 2,
          align: place.left < x1 - 1 ? ('right' as const) : ('left' as const),
          verticalAlign: 'middle' as const,
          fill: theme.ink,
          stroke: theme.ground,
          lineWidth: 2,
          fontSize: 11,
          fontFamily: family,
          opacity,
        },
      };
      if (!place.away) return text;
      const width = name.length * letter;
      const shape = {
        x1,
        y1,
        x2: Math.max(place.left, Math.min(x1, place.left + width)),
        y2: place.top > y1 ? place.top : place.top + labelHeight,
      };
      const stroke = colour(point.method);
      const line = { type: 'line' as const, shape, style: { stroke, opacity } };
      return { type: 'group', children: [line, text] };
    },
    z: 4,
  };
}

/** The plot's own rectangle, which ECharts hands on untyped. */
function areaOf(system: object): { left: number; top: number; right: number; bottom: number } {
  const of = (name: string) => Number(Object.entries(system).find(([key]) => key === name)?.[1]);
  const [x, y, width, height] = [of('x'), of('y'), of('width'), of('height')];
  return { left: x, top: y, right: x + width, bottom: y + height };
}

/** As good as random. */
function zeroLine(theme: ChartTheme): LineSeriesOption {
  return {
    type: 'line',
    id: 'zero',
    silent: true,
    symbol: 'none',
    data: [
      [0.7, 0],
      [5.3, 0],
    ],
    lineStyle: { color: theme.axis, width: 1, type: 'dashed' },
    z: 1,
  };
}

/** Points from left to right, as the arrow keys go through them: indices. */
export function readingOrder(points: readonly ScatterPoint[]): number[] {
  return points
    .map((_, i) => i)
    .sort((a, b) => {
      const [p, q] = [points[a], points[b]];
      return p && q ? p.x - q.x || p.y - q.y : 0;
    });
}

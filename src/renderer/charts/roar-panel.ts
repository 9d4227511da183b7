import { type CustomSeriesOption, type LineSeriesOption } from 'echarts/charts';
import { type GridComponentOption } from 'echarts/components';
import { type ComposeOption } from 'echarts/core';
import { type Method, randomMethodId } from '../../shared/catalogue/methods';
import { markerPaths, type MethodStyle, methodStyle } from '../../shared/catalogue/palette';
import { type MethodCurve } from '../../shared/records';
import { formatLevel } from '../format';
import { type ChartColours } from './chart-theme';
import { type Measure } from './measures';

export type PanelOption = ComposeOption<
  CustomSeriesOption | GridComponentOption | LineSeriesOption
>;

export type PanelSide = 'individual' | 'combination';

/** Which of the two panels of Figs. 2 to 4 a method belongs to; the random map is in both. */
export function inPanel(method: Method, side: PanelSide): boolean {
  if (method.id === randomMethodId) return true;
  if (method.group === 'composed') return side === 'combination';
  if (method.group === 'control') return side === 'individual';
  return method.group === side;
}

export interface PanelInput {
  readonly curves: readonly MethodCurve[];
  /** Ids of every method of the figure, which may have other panels. */
  readonly among: readonly string[];
  readonly side: PanelSide;
  /** Every level of the run, scored or not: the width of the panel. */
  readonly levels: readonly number[];
  readonly measure: Measure;
  /** Method ids that the legend has switched off. */
  readonly hidden: ReadonlySet<string>;
  readonly bands: boolean;
  readonly dark: boolean;
  readonly colours: ChartColours;
  /** The method under the pointer in the legend: the others step back. */
  readonly highlighted: string | null;
}

/** Screen pixels around the plot: what lies over it reckons with them. */
export const plotMargin = { left: 54, right: 14, top: 12, bottom: 46 } as const;

/** The curves of one panel that its legend shows. */
export function shownCurves({ curves, side, hidden }: PanelInput): MethodCurve[] {
  return curves.filter(({ method }) => inPanel(method, side) && !hidden.has(method.id));
}

/** Ends and steps of the axis of levels: labelled at every tenth (finer where levels end early). */
export function levelAxis(levels: readonly number[]): { max: number; interval: number } {
  const last = Math.max(0.05, ...levels);
  const interval = last > 0.5 ? 0.1 : 0.05;
  return { max: Number((Math.ceil(last / interval - 1e-9) * interval).toFixed(2)), interval };
}

/** One panel of the ROAR figure: curves with their intervals as bands over the levels. */
export function roarPanel(input: PanelInput): PanelOption {
  const { colours } = input;
  const shown = shownCurves(input);
  const axis = {
    type: 'value' as const,
    nameLocation: 'middle' as const,
    nameTextStyle: { color: colours.muted, fontSize: 12 },
    axisLabel: { color: colours.muted, fontSize: 11, formatter: formatLevel },
    axisLine: { show: true, lineStyle: { color: colours.line } },
    axisTick: { show: true, lineStyle: { color: colours.line } },
    splitLine: { lineStyle: { color: colours.grid } },
    min: 0,
  };
  return {
    animation: false,
    grid: { ...plotMargin },
    xAxis: {
      ...axis,
      ...levelAxis(input.levels),
      name: 'Degradation level t',
      nameGap: 28,
      splitLine: { show: false },
      // The pointer's line alone: the values stand in a table of the page's own.
      axisPointer: {
        show: true,
        type: 'line',
        snap: true,
        triggerTooltip: false,
        animation: false,
        label: { show: false },
        lineStyle: { color: colours.line, type: 'dashed' },
      },
    },
    yAxis: { ...axis, name: input.measure.axis, nameGap: 36, max: 1, interval: 0.2 },
    series: [
      ...(input.bands ? shown.flatMap((curve) => band(curve, input)) : []),
      ...shown.map((curve) => line(curve, input)),
    ],
  };
}

function colourOf(style: MethodStyle, dark: boolean): string {
  return dark ? style.dark : style.light;
}

function faded(id: string, highlighted: string | null): boolean {
  return highlighted !== null && highlighted !== id;
}

function line(curve: MethodCurve, { among, dark, highlighted }: PanelInput): LineSeriesOption {
  const { method, points } = curve;
  const style = methodStyle(method.id, among);
  const colour = colourOf(style, dark);
  const opacity = faded(method.id, highlighted) ? 0.15 : 1;
  return {
    type: 'line',
    id: method.id,
    name: method.name,
    data: points.map(({ level, mean }) => [level, mean]),
    symbol: `path://${markerPaths[style.marker]}`,
    symbolSize: highlighted === method.id ? 10 : 8,
    showAllSymbol: true,
    lineStyle: {
      color: colour,
      width: highlighted === method.id ? 3 : 2,
      type: style.dash.length > 0 ? [...style.dash] : 'solid',
      opacity,
    },
    itemStyle: { color: colour, opacity },
    emphasis: { disabled: true },
    z: highlighted === method.id ? 4 : 3,
  };
}

/** Whether any of the curves has intervals: of one image or one repetition none has. */
export const hasIntervals = (curves: readonly MethodCurve[]): boolean =>
  curves.some((curve) => intervals(curve).length > 0);

interface PointInterval {
  readonly level: number;
  readonly low: number;
  readonly high: number;
}

function intervals({ points }: MethodCurve): PointInterval[] {
  return points.flatMap(({ level, low, high }) =>
    low === null || high === null ? [] : [{ level, low, high }],
  );
}

/**
 * The interval of each point as one polygon: up along the upper ends, back along the lower. Nothing
 * where there are none.
 */
function band(curve: MethodCurve, { among, dark, highlighted }: PanelInput): CustomSeriesOption[] {
  const { method } = curve;
  const points = intervals(curve);
  if (points.length === 0) return [];
  const series: CustomSeriesOption = {
    type: 'custom',
    id: `${method.id}-band`,
    name: `${method.name} interval`,
    silent: true,
    tooltip: { show: false },
    data: points.length > 1 ? [[0, 0]] : [],
    renderItem: (_params, api) => ({
      type: 'polygon',
      shape: {
        points: [
          ...points.map(({ level, high }) => api.coord([level, high])),
          ...points.toReversed().map(({ level, low }) => api.coord([level, low])),
        ],
      },
      style: {
        fill: colourOf(methodStyle(method.id, among), dark),
        opacity: faded(method.id, highlighted) ? 0.02 : highlighted ? 0.22 : 0.12,
      },
    }),
    z: 1,
  };
  return [series];
}

/** One line of the table under the pointer. */
export interface PanelValue {
  readonly method: Method;
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** At one level: every shown method, best first, with its interval. */
export function valuesAt(
  shown: readonly MethodCurve[],
  level: number,
  lowIsGood = true,
): PanelValue[] {
  return shown
    .flatMap(({ method, points }) => {
      const point = points.find((candidate) => Math.abs(candidate.level - level) < 1e-9);
      return point ? [{ method, mean: point.mean, low: point.low, high: point.high }] : [];
    })
    .sort((a, b) => (lowIsGood ? a.mean - b.mean : b.mean - a.mean));
}

/** The scored level next to a place on the axis; null where none is scored. */
export function nearestLevel(shown: readonly MethodCurve[], place: number): number | null {
  let nearest: number | null = null;
  for (const { points } of shown) {
    for (const { level } of points) {
      if (nearest === null || Math.abs(level - place) < Math.abs(nearest - place)) nearest = level;
    }
  }
  return nearest;
}

import type { CustomSeriesOption, LineSeriesOption } from 'echarts/charts';
import type { GridComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import { type MethodStyle } from '../catalogue/palette';
import { levelText } from '../levels';
import { type MethodCurve } from '../records';
import { type ChartTheme } from './chart-theme';
import { lineWidth, markerRim, markerScale, markerSymbol, symbolSize } from './marks';
import { isControl, panelCurves, type PanelId } from './panels';
import { seriesId } from './series-key';

export type PanelSeries = CustomSeriesOption | LineSeriesOption;
type Axes = ComposeOption<GridComponentOption | PanelSeries>;
type Axis<Name extends 'xAxis' | 'yAxis'> = Exclude<Axes[Name], readonly unknown[] | undefined>;

export interface CurvePanel {
  readonly panel: PanelId;
  /** All of the figure: the panel draws its own. */
  readonly curves: readonly MethodCurve[];
  /** Of every method of the figure, whatever is drawn of it. */
  readonly styles: ReadonlyMap<string, MethodStyle>;
  /** The axis runs over them, whether they have points or not. */
  readonly levels: readonly number[];
  /** Empty: none, as beside a panel that has it. */
  readonly yTitle: string;
  /** Whether intervals are drawn. */
  readonly bands: boolean;
  /** The method that stands out: the others step back. */
  readonly highlighted: string | null;
  readonly theme: ChartTheme;
}

export interface PanelOption {
  readonly xAxis: Axis<'xAxis'>;
  readonly yAxis: Axis<'yAxis'>;
  readonly series: readonly PanelSeries[];
}

export const levelTitle = 'Degradation level';
/** Pixels that titles and labels take around a plot. */
export const axisRoom = { left: 64, bottom: 46 } as const;
export const labelSize = 12;
export const titleSize = 13;
const scoreTicks = [0, 0.2, 0.4, 0.6, 0.8, 1];
/** Room in the frame as a share of an axis, so that markers at its ends stay whole. */
const inset = { x: 0.027, y: 0.035 } as const;
const mostLabels = 11;
/** More than a panel has curves. */
const planes = 1000;

/** Ends of the axis of levels, beyond the first and the last one. */
export function levelRange(levels: readonly number[]): { readonly min: number; max: number } {
  const first = levels.length > 0 ? Math.min(...levels) : 0;
  const last = levels.length > 0 ? Math.max(...levels) : 1;
  const span = last > first ? last - first : 1;
  return { min: first - inset.x * span, max: first + (1 + inset.x) * span };
}

/** Levels that get a label: all of them, or as many as fit. */
export function labelledLevels(levels: readonly number[]): number[] {
  const every = Math.ceil(levels.length / mostLabels);
  return levels.filter((_, index) => index % every === 0);
}

/**
 * One panel of a figure: the curves of its methods over the levels, their intervals as bands. Scores
 * always span 0 to 1, so that figures can be compared.
 *
 * @param grid the index of the grid that it stands on.
 */
export function curvePanel(panel: CurvePanel, grid = 0): PanelOption {
  const { theme, levels } = panel;
  const axis = {
    type: 'value' as const,
    gridIndex: grid,
    nameLocation: 'middle' as const,
    nameMoveOverlap: false,
    nameTextStyle: { color: theme.ink, fontSize: titleSize },
    axisLine: { show: true, onZero: false, lineStyle: { color: theme.axis, cap: 'butt' as const } },
  };
  const label = { color: theme.muted, fontSize: labelSize, hideOverlap: true };
  // Controls first, so that methods are drawn over them.
  const own = panelCurves(panel.curves, panel.panel);
  const drawn = [...own.filter(isControl), ...own.filter((curve) => !isControl(curve))];
  return {
    xAxis: {
      ...axis,
      ...levelRange(levels),
      name: levelTitle,
      nameGap: 31,
      axisTick: { show: true, customValues: [...levels], lineStyle: { color: theme.axis } },
      axisLabel: {
        ...label,
        margin: 10,
        customValues: labelledLevels(levels),
        formatter: levelText,
      },
      splitLine: { show: false },
    },
    yAxis: {
      ...axis,
      min: 0,
      max: 1 + inset.y,
      name: panel.yTitle,
      nameGap: 45,
      axisTick: { show: false, customValues: scoreTicks },
      axisLabel: {
        ...label,
        margin: 9,
        customValues: scoreTicks,
        formatter: (value: number) => value.toFixed(1),
      },
      splitLine: { showMinLine: false, lineStyle: { color: theme.grid } },
    },
    series: [
      ...(panel.bands ? drawn.flatMap((curve) => band(curve, panel, grid)) : []),
      ...drawn.map((curve, order) => line(curve, order, panel, grid)),
    ],
  };
}

function styleOf(method: string, { styles, theme }: CurvePanel) {
  const style = styles.get(method);
  if (!style) throw new RangeError(`${method} is no method of the figure`);
  return { style, color: theme.colour(method, style) };
}

function line(
  curve: MethodCurve,
  order: number,
  panel: CurvePanel,
  grid: number,
): LineSeriesOption {
  const { method, points } = curve;
  const { highlighted } = panel;
  const { style, color } = styleOf(method.id, panel);
  const first = highlighted === method.id;
  const opacity = first || highlighted === null ? 1 : 0.15;
  const scale = isControl(curve) ? markerScale.control : markerScale.method;
  return {
    type: 'line',
    id: seriesId({ part: 'curve', panel: panel.panel, grid, method: method.id }),
    name: method.name,
    xAxisIndex: grid,
    yAxisIndex: grid,
    data: points.map(({ level, mean }) => [level, mean]),
    clip: false,
    symbol: markerSymbol(style.marker),
    symbolSize: symbolSize(first ? 1.25 * scale : scale),
    showAllSymbol: true,
    lineStyle: {
      color,
      opacity,
      width: first ? 1.5 * lineWidth : lineWidth,
      type: style.dash.length > 0 ? [...style.dash] : 'solid',
      cap: 'butt',
      join: 'round',
    },
    itemStyle: { color, opacity, borderColor: panel.theme.ground, borderWidth: markerRim },
    emphasis: { disabled: true },
    // Each curve with its markers on a plane of its own: the next covers both.
    z: 3 + grid * planes + (first ? planes - 1 : order),
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
function band(curve: MethodCurve, panel: CurvePanel, grid: number): CustomSeriesOption[] {
  const { method } = curve;
  const points = intervals(curve);
  if (points.length === 0) return [];
  const { highlighted } = panel;
  const { color: fill } = styleOf(method.id, panel);
  const opacity = highlighted === null ? 0.13 : highlighted === method.id ? 0.22 : 0.02;
  return [
    {
      type: 'custom',
      id: seriesId({ part: 'band', panel: panel.panel, grid, method: method.id }),
      name: `${method.name} interval`,
      xAxisIndex: grid,
      yAxisIndex: grid,
      silent: true,
      // An interval of Student's t may end beyond 0 or 1.
      clip: true,
      tooltip: { show: false },
      data: [[0, 0]],
      renderItem: (_params, api) => ({
        type: 'polygon',
        shape: {
          points: [
            ...points.map(({ level, high }) => api.coord([level, high])),
            ...points.toReversed().map(({ level, low }) => api.coord([level, low])),
          ],
        },
        style: { fill, opacity },
      }),
      z: 1,
    },
  ];
}

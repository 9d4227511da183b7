import { type CustomSeriesOption, type LineSeriesOption } from 'echarts/charts';
import { type GridComponentOption, type TooltipComponentOption } from 'echarts/components';
import { type ComposeOption } from 'echarts/core';
import { type Method, randomMethodId } from '../../shared/catalogue/methods';
import { markerPaths, methodStyle } from '../../shared/catalogue/palette';
import { type MethodCurve } from '../../shared/records';
import { type ChartColours } from './chart-theme';

export type PanelOption = ComposeOption<
  CustomSeriesOption | GridComponentOption | LineSeriesOption | TooltipComponentOption
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
  readonly side: PanelSide;
  /** Method ids that the legend has switched off. */
  readonly hidden: ReadonlySet<string>;
  readonly bands: boolean;
  readonly dark: boolean;
  readonly colours: ChartColours;
  /** The method under the pointer in the legend: the others step back. */
  readonly highlighted: string | null;
}

/** One panel of the ROAR figure: curves with their intervals as bands over the levels. */
export function roarPanel(input: PanelInput): PanelOption {
  const { colours } = input;
  const shown = input.curves.filter(
    ({ method }) => inPanel(method, input.side) && !input.hidden.has(method.id),
  );
  const last = Math.max(
    0,
    ...input.curves.flatMap(({ points }) => points.map(({ level }) => level)),
  );
  const axis = {
    type: 'value' as const,
    nameLocation: 'middle' as const,
    nameTextStyle: { color: colours.muted, fontSize: 12 },
    axisLabel: { color: colours.muted, fontSize: 11 },
    axisLine: { show: true, lineStyle: { color: colours.line } },
    axisTick: { show: true, lineStyle: { color: colours.line } },
    splitLine: { lineStyle: { color: colours.grid } },
    min: 0,
    interval: last <= 1 ? undefined : 0.1,
  };
  return {
    animation: false,
    grid: { left: 58, right: 16, top: 14, bottom: 50 },
    xAxis: {
      ...axis,
      name: 'Degradation level t',
      nameGap: 30,
      max: last,
      interval: last > 0.5 ? 0.1 : 0.05,
    },
    yAxis: { ...axis, name: 'Mean softmax score', nameGap: 40, max: 1, interval: 0.2 },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      confine: true,
      backgroundColor: colours.surface,
      borderColor: colours.line,
      textStyle: { color: colours.ink, fontSize: 12 },
      axisPointer: { type: 'line', lineStyle: { color: colours.line } },
      formatter: (params) => tooltipText(shown, Array.isArray(params) ? params[0] : params),
    },
    series: [
      ...(input.bands ? shown.map((curve) => band(curve, input)) : []),
      ...shown.map((curve) => line(curve, input)),
    ],
  };
}

function colourOf(id: string, dark: boolean): string {
  const style = methodStyle(id);
  return dark ? style.dark : style.light;
}

function faded(id: string, highlighted: string | null): boolean {
  return highlighted !== null && highlighted !== id;
}

function line(curve: MethodCurve, { dark, highlighted }: PanelInput): LineSeriesOption {
  const { method, points } = curve;
  const style = methodStyle(method.id);
  const colour = colourOf(method.id, dark);
  const opacity = faded(method.id, highlighted) ? 0.18 : 1;
  return {
    type: 'line',
    id: method.id,
    name: method.name,
    data: points.map(({ level, mean }) => [level, mean]),
    symbol: `path://${markerPaths[style.marker]}`,
    symbolSize: 8,
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

/** The interval of each point as one polygon: up along the upper ends, back along the lower. */
function band(curve: MethodCurve, { dark, highlighted }: PanelInput): CustomSeriesOption {
  const { method, points } = curve;
  return {
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
        fill: colourOf(method.id, dark),
        opacity: faded(method.id, highlighted) ? 0.03 : 0.13,
      },
    }),
    z: 1,
  };
}

/** At one level: every shown method, best (lowest) first, with its interval. */
function tooltipText(shown: readonly MethodCurve[], param: unknown): string {
  const level = levelOf(param);
  if (level === null) return '';
  const rows = shown
    .flatMap(({ method, points }) => {
      const point = points.find((candidate) => Math.abs(candidate.level - level) < 1e-9);
      return point ? [{ name: method.name, point }] : [];
    })
    .sort((a, b) => a.point.mean - b.point.mean);
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  return [
    `t = ${level}`,
    ...rows.map(
      ({ name, point }) =>
        `${name.padEnd(width)}  ${point.mean.toFixed(3)}  [${point.low.toFixed(3)}, ${point.high.toFixed(3)}]`,
    ),
  ].join('\n');
}

function levelOf(param: unknown): number | null {
  if (typeof param !== 'object' || param === null || !('value' in param)) return null;
  const { value } = param;
  const level: unknown = Array.isArray(value) ? value[0] : null;
  return typeof level === 'number' ? level : null;
}

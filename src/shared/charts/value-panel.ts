import type { CustomSeriesOption } from 'echarts/charts';
import type { GridComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import { markedName } from '../catalogue/methods';
import { methodStyles } from '../catalogue/palette';
import { type MethodValue } from '../records';
import { type ChartTheme } from './chart-theme';
import { labelSize, titleSize } from './curve-panel';
import { lineWidth, markerElement, markerScale } from './marks';
import { roundRange } from './round-range';
import { seriesId } from './series-key';

export type ValueOption = ComposeOption<CustomSeriesOption | GridComponentOption>;

export interface ValuePanel {
  /** From the top down. */
  readonly values: readonly MethodValue[];
  /** Ids of every method of the figure. */
  readonly among: readonly string[];
  /** Of the axis. */
  readonly title: string;
  /** Pixels that a name may take. */
  readonly nameWidth: number;
  readonly theme: ChartTheme;
}

/** Pixels of a method's row. */
export const valueRow = 26;
/** Below the plot: numbers and the title of their axis. */
export const valueFoot = 46;

/** One value of each method as a marker with its interval, a method a row. */
export function valuePanel({
  values,
  among,
  title,
  nameWidth,
  theme,
}: ValuePanel): Pick<ValueOption, 'xAxis' | 'yAxis' | 'series'> {
  const styles = methodStyles(among);
  const axisLine = { show: true, onZero: false, lineStyle: { color: theme.axis } };
  return {
    xAxis: {
      type: 'value',
      ...roundRange(values.flatMap(({ mean, low, high }) => [mean, low ?? mean, high ?? mean])),
      name: title,
      nameLocation: 'middle',
      nameGap: 31,
      nameTextStyle: { color: theme.ink, fontSize: titleSize },
      axisLine,
      axisTick: { show: true, lineStyle: { color: theme.axis } },
      axisLabel: {
        color: theme.muted,
        fontSize: labelSize,
        formatter: (value: number) => String(Number(value.toPrecision(6))).replace('-', '−'),
      },
      splitLine: { lineStyle: { color: theme.grid } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: values.map(({ method }) => markedName(method)),
      axisLine,
      axisTick: { show: false },
      axisLabel: {
        color: theme.ink,
        fontSize: labelSize,
        interval: 0,
        width: nameWidth,
        overflow: 'truncate',
      },
    },
    series: values.map(({ method, mean, low, high }, row): CustomSeriesOption => {
      const style = styles.get(method.id);
      if (!style) throw new RangeError(`${method.id} is no method of the figure`);
      const colour = theme.colour(method.id, style);
      const scale = method.group === 'control' ? markerScale.control : markerScale.method;
      return {
        type: 'custom',
        id: seriesId({ part: 'value', panel: '', grid: 0, method: method.id }),
        name: method.name,
        silent: true,
        clip: false,
        data: [[mean, row]],
        encode: { x: 0, y: 1 },
        renderItem: (_params, api) => {
          const at = (value: number) => api.coord([value, row]);
          const [x = 0, y = 0] = at(mean);
          const marker = markerElement(style.marker, { x, y }, { scale, colour, theme });
          if (low === null || high === null) return marker;
          const [[x1 = 0], [x2 = 0]] = [at(low), at(high)];
          const line = {
            type: 'line' as const,
            shape: { x1, y1: y, x2, y2: y },
            style: { stroke: colour, lineWidth },
          };
          return { type: 'group', children: [line, marker] };
        },
      };
    }),
  };
}

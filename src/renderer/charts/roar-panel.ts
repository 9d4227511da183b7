import type { GridComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import { type MetricDescriptor } from '../../shared/catalogue/metric';
import { type Method } from '../../shared/catalogue/methods';
import { methodStyles } from '../../shared/catalogue/palette';
import { axisRoom, curvePanel, type PanelSeries } from '../../shared/charts/curve-panel';
import { panelCurves, type PanelId } from '../../shared/charts/panels';
import { type MethodCurve } from '../../shared/records';
import { type ChartLook } from './use-chart-look';

export type PanelOption = ComposeOption<GridComponentOption | PanelSeries>;

export interface PanelInput {
  readonly curves: readonly MethodCurve[];
  /** Ids of every method of the figure, which may have other panels. */
  readonly among: readonly string[];
  readonly side: PanelId;
  /** Every level of the run, scored or not: the width of the panel. */
  readonly levels: readonly number[];
  readonly metric: Pick<MetricDescriptor, 'better' | 'words'>;
  /** Method ids that the legend has switched off. */
  readonly hidden: ReadonlySet<string>;
  readonly bands: boolean;
  readonly look: ChartLook;
  /** The method under the pointer in the legend: the others step back. */
  readonly highlighted: string | null;
}

/** Screen pixels around the plot: what lies over it reckons with them. */
export const plotMargin = { ...axisRoom, right: 14, top: 12 } as const;

/** The curves of one panel that its legend shows. */
export function shownCurves({ curves, side, hidden }: PanelInput): MethodCurve[] {
  return panelCurves(curves, side).filter(({ method }) => !hidden.has(method.id));
}

/** One panel of the figure, with a line that follows the pointer from level to level. */
export function roarPanel(input: PanelInput): PanelOption {
  const { levels, bands, highlighted, look, metric, side } = input;
  const { xAxis, yAxis, series } = curvePanel({
    panel: side,
    curves: shownCurves(input),
    styles: methodStyles(input.among),
    levels,
    yTitle: metric.words.axis,
    bands,
    highlighted,
    theme: look.theme,
  });
  return {
    animation: false,
    textStyle: { fontFamily: look.family },
    grid: { ...plotMargin, outerBoundsMode: 'none' },
    xAxis: {
      ...xAxis,
      // The pointer's line alone: the values stand in a table of the page's own.
      axisPointer: {
        show: true,
        type: 'line',
        snap: true,
        triggerTooltip: false,
        animation: false,
        label: { show: false },
        lineStyle: { color: look.theme.axis, type: 'dashed' },
      },
    },
    yAxis,
    series: [...series],
  };
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
  better: MetricDescriptor['better'] = 'lower',
): PanelValue[] {
  return shown
    .flatMap(({ method, points }) => {
      const point = points.find((candidate) => Math.abs(candidate.level - level) < 1e-9);
      return point ? [{ method, mean: point.mean, low: point.low, high: point.high }] : [];
    })
    .sort((a, b) => (better === 'lower' ? a.mean - b.mean : b.mean - a.mean));
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

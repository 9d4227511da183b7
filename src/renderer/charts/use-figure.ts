import { connect } from 'echarts/core';
import { computed, reactive, ref, useId } from 'vue';
import { type MetricDescriptor } from '../../shared/catalogue/metric';
import { panelCurves, type PanelId, panels } from '../../shared/charts/panels';
import { type MethodCurve } from '../../shared/records';
import { formatLevel } from '../format';
import { type PanelInput } from './roar-panel';
import { useChartLook } from './use-chart-look';

export interface FigurePanel {
  readonly side: PanelId;
  readonly title: string;
  readonly methods: readonly MethodCurve['method'][];
  readonly input: PanelInput;
  /** Its last values in words. */
  readonly description: string;
}

export interface Figure {
  /** Panels of one figure move their pointers together. */
  readonly group: string;
  /** Ids of every method that any of its panels shows. */
  readonly among: readonly string[];
  /** Ids of the methods that are not shown. */
  readonly hidden: ReadonlySet<string>;
  /** Whether intervals are shown. */
  readonly bands: boolean;
  toggle(method: string): void;
  showAll(): void;
  highlight(method: string | null): void;
  showBands(on: boolean): void;
  /** The two panels of a dataset. */
  panels(
    curves: readonly MethodCurve[],
    levels: readonly number[],
    metric: MetricDescriptor,
  ): FigurePanel[];
}

function describe(curves: readonly MethodCurve[]): string {
  return curves
    .map(({ method, points }) => {
      const last = points.at(-1);
      return last
        ? `${method.name} ${last.mean.toFixed(2)} at t = ${formatLevel(last.level)}`
        : method.name;
    })
    .join('; ');
}

/**
 * What the panels of one figure share: hidden and highlighted methods, bands, colours.
 *
 * @param methods ids of every method that any of its panels shows
 */
export function useFigure(methods: () => readonly string[]): Figure {
  const group = useId();
  connect(group);
  const hidden = ref(new Set<string>());
  const highlighted = ref<string | null>(null);
  const bands = ref(true);
  const look = useChartLook();
  const among = computed(methods);
  return reactive({
    group,
    among,
    hidden,
    bands,
    showAll: () => (hidden.value = new Set()),
    highlight: (method: string | null) => (highlighted.value = method),
    showBands: (on: boolean) => (bands.value = on),
    toggle(method: string) {
      const next = new Set(hidden.value);
      if (!next.delete(method)) next.add(method);
      hidden.value = next;
    },
    panels: (curves: readonly MethodCurve[], levels: readonly number[], metric: MetricDescriptor) =>
      panels.map(({ id: side, title }) => {
        const shown = panelCurves(curves, side);
        const input: PanelInput = {
          curves,
          among: among.value,
          side,
          levels,
          metric,
          hidden: hidden.value,
          bands: bands.value,
          look: look.value,
          highlighted: shown.some(({ method }) => method.id === highlighted.value)
            ? highlighted.value
            : null,
        };
        const own = shown.map(({ method }) => method);
        return { side, title, methods: own, input, description: describe(shown) };
      }),
  });
}

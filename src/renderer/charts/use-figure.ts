import { connect } from 'echarts/core';
import { nextTick, ref, type Ref, useId, watch } from 'vue';
import { type Protocol } from '../../shared/catalogue/roar';
import { type MethodCurve } from '../../shared/records';
import { formatLevel } from '../format';
import { useTheme } from '../stores/theme';
import { type ChartColours, chartColours } from './chart-theme';
import { measureOf } from './measures';
import { inPanel, type PanelInput, type PanelSide } from './roar-panel';

export const panelSides: readonly { readonly side: PanelSide; readonly title: string }[] = [
  { side: 'individual', title: 'Individual methods' },
  { side: 'combination', title: 'Combinations' },
];

export interface FigurePanel {
  readonly side: PanelSide;
  readonly title: string;
  readonly methods: readonly MethodCurve['method'][];
  readonly input: PanelInput;
  /** Its last values in words. */
  readonly description: string;
}

export interface Figure {
  /** Panels of one figure move their pointers together. */
  readonly group: string;
  readonly hidden: Ref<Set<string>>;
  readonly highlighted: Ref<string | null>;
  readonly bands: Ref<boolean>;
  toggle(method: string): void;
  /** The two panels of a dataset. */
  panels(
    curves: readonly MethodCurve[],
    levels: readonly number[],
    protocol: Protocol,
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
 * @param among ids of every method that any of its panels shows
 */
export function useFigure(among: () => readonly string[]): Figure {
  const theme = useTheme();
  const group = useId();
  connect(group);
  const hidden = ref(new Set<string>());
  const highlighted = ref<string | null>(null);
  const bands = ref(true);
  const colours = ref<ChartColours>(chartColours());
  // The tokens change with the class on the root element, one tick after the store.
  watch(
    () => theme.dark,
    () => void nextTick(() => (colours.value = chartColours())),
  );
  return {
    group,
    hidden,
    highlighted,
    bands,
    toggle(method) {
      const next = new Set(hidden.value);
      if (!next.delete(method)) next.add(method);
      hidden.value = next;
    },
    panels: (curves, levels, protocol) =>
      panelSides.map(({ side, title }) => {
        const shown = curves.filter(({ method }) => inPanel(method, side));
        const input: PanelInput = {
          curves,
          among: among(),
          side,
          levels,
          measure: measureOf(protocol),
          hidden: hidden.value,
          bands: bands.value,
          dark: theme.dark,
          colours: colours.value,
          highlighted: shown.some(({ method }) => method.id === highlighted.value)
            ? highlighted.value
            : null,
        };
        const methods = shown.map(({ method }) => method);
        return { side, title, methods, input, description: describe(shown) };
      }),
  };
}

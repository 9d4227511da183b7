import { computed, type ComputedRef } from 'vue';
import { type ChartTheme } from '../../shared/charts/chart-theme';
import { useChartTokens } from '../composables/useChartTokens';
import { useTheme } from '../stores/theme';

/** How charts look on the page: colours, and the font of their text. */
export interface ChartLook {
  readonly theme: ChartTheme;
  readonly family: string;
}

/** The look by the page's tokens, as they are under the current theme. */
export function useChartLook(): ComputedRef<ChartLook> {
  const page = useTheme();
  const tokens = useChartTokens();
  return computed(() => {
    const { ink, muted, grid, line, surface, font } = tokens.value;
    const scheme = page.dark ? 'dark' : 'light';
    return {
      theme: {
        ink,
        muted,
        grid,
        axis: line,
        ground: surface,
        colour: (_, style) => style[scheme],
      },
      family: font,
    };
  });
}

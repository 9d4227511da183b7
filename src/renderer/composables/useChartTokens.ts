import { computed, type ComputedRef } from 'vue';
import { useTheme } from '../stores/theme';

/** The design tokens that small charts draw with, as they are under the current theme. */
export interface ChartTokens {
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly line: string;
  readonly surface: string;
  readonly first: string;
  readonly second: string;
  readonly third: string;
  /** A CSS `font-family`. */
  readonly font: string;
}

export function useChartTokens(): ComputedRef<ChartTokens> {
  const theme = useTheme();
  return computed(() => {
    const read = () => getComputedStyle(document.documentElement);
    // Both branches read the same page; naming `dark` makes this run again when it changes.
    const style = theme.dark ? read() : read();
    const token = (name: string) => style.getPropertyValue(name).trim();
    return {
      ink: token('--ink'),
      muted: token('--ink-muted'),
      grid: token('--grid-line'),
      line: token('--line-strong'),
      surface: token('--surface'),
      first: token('--series-1'),
      second: token('--series-2'),
      third: token('--series-3'),
      font: token('--font'),
    };
  });
}

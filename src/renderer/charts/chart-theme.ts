/** Colours that a chart takes from the design tokens of the page. */
export interface ChartColours {
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly surface: string;
  readonly line: string;
}

/** Read the tokens as they are now: call it again when the theme changes. */
export function chartColours(element: Element = document.documentElement): ChartColours {
  const style = getComputedStyle(element);
  const token = (name: string, fallback: string) => style.getPropertyValue(name).trim() || fallback;
  return {
    ink: token('--ink', '#171c24'),
    muted: token('--ink-muted', '#4c5666'),
    grid: token('--grid-line', '#e6e9ee'),
    surface: token('--surface', '#ffffff'),
    line: token('--line-strong', '#848d9b'),
  };
}

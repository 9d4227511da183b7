import { chartGround, type MethodStyle } from '../catalogue/palette';

/** The colours of a chart; any that CSS knows where the chart is drawn as SVG. */
export interface ChartTheme {
  readonly ground: string;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  /** Of axes and their ticks. */
  readonly axis: string;
  colour(method: string, style: MethodStyle): string;
}

/** Of pictures, which are light. */
export const lightTheme: ChartTheme = {
  ground: chartGround.light,
  ink: '#1a1a1a',
  muted: '#595959',
  grid: '#e4e4e4',
  axis: '#595959',
  colour: (_, style) => style.light,
};

import { type Marker, markerPaths, markerReach } from '../catalogue/palette';
import { type ChartTheme } from './chart-theme';

/** Half the size of a marker of about one unit, in pixels, for each kind of method. */
export const markerScale = { method: 3.9, control: 2.6 } as const;
export const lineWidth = 1.8;
/** Of the ground's colour around markers, so that they stay apart where curves meet. */
export const markerRim = 0.9;

/**
 * ECharts stretches a symbol to its size: two bare corners make every marker fill the same square,
 * so that all keep their proportions and centres.
 */
const frame = `M-${markerReach} -${markerReach}M${markerReach} ${markerReach}`;

export const markerSymbol = (marker: Marker): string => `path://${frame}${markerPaths[marker]}`;

/** The size of that symbol for a marker of `scale` pixels to the unit. */
export const symbolSize = (scale: number): number => 2 * markerReach * scale;

/** A marker at a point, as an element that ECharts draws. */
export const markerElement = (
  marker: Marker,
  { x, y }: { readonly x: number; readonly y: number },
  { scale, colour, theme }: { scale: number; colour: string; theme: ChartTheme },
) => ({
  type: 'path' as const,
  x,
  y,
  scaleX: scale,
  scaleY: scale,
  shape: { pathData: markerPaths[marker] },
  style: { fill: colour, stroke: theme.ground, lineWidth: markerRim, strokeNoScale: true },
});

import { type MethodCurve } from '../../../../shared/records';

/** Where everything of the two-panel figure stands, in CSS pixels. */
export const figureWidth = 1000;
const left = 64;
const right = 14;
const gap = 62;
export const plotTop = 36;
export const plotHeight = 324;
export const plotBottom = plotTop + plotHeight;
/** Of what stands below the panels: from the left one's axis to the right one's end. */
export const notesWidth = figureWidth - left - right;
export const plotWidth = (figureWidth - left - right - gap) / 2;
/** Room inside the frame, so that markers at the first and last level and at 1 stay whole. */
const inset = 11;
export const legendTop = plotBottom + 66;
export const legendRow = 21;
/** From one line of a name in the legend to its next. */
export const legendLine = 15;

export type PanelId = 'individual' | 'combination';

export interface Panel {
  readonly id: PanelId;
  readonly title: string;
  readonly left: number;
  /** Controls first, so that methods are drawn over them. */
  readonly curves: readonly MethodCurve[];
  x(level: number): number;
}

/** Mean score to pixel; the axis always spans 0 to 1, so that figures can be compared. */
export const yOf = (score: number): number => plotBottom - score * (plotHeight - inset);

/** The paper's panels (Figs. 2 to 4): individual methods left, combinations right, controls in both. */
export function figurePanels(curves: readonly MethodCurve[]): readonly [Panel, Panel] {
  const levels = curves[0]?.points.map((point) => point.level) ?? [];
  const first = levels[0] ?? 0;
  const last = levels[levels.length - 1] ?? 1;
  const span = last > first ? last - first : 1;
  const controls = curves.filter(({ method }) => method.group === 'control');
  const panel = (
    id: PanelId,
    title: string,
    start: number,
    groups: readonly MethodCurve['method']['group'][],
  ): Panel => ({
    id,
    title,
    left: start,
    curves: [...controls, ...curves.filter(({ method }) => groups.includes(method.group))],
    x: (level) => start + inset + ((level - first) / span) * (plotWidth - 2 * inset),
  });
  return [
    panel('individual', 'Individual methods', left, ['individual']),
    panel('combination', 'Combination methods', left + plotWidth + gap, [
      'combination',
      'composed',
    ]),
  ];
}

/** Levels that get a tick label: all of them, or as many as fit. */
export function labelledLevels(levels: readonly number[]): readonly number[] {
  const every = Math.ceil(levels.length / 11);
  return levels.filter((_, index) => index % every === 0);
}

import { type Method, randomMethodId } from '../catalogue/methods';
import { type MethodCurve } from '../records';

/** The two panels of the paper's figures (Figs. 2 to 4), left and right. */
export const panels = [
  { id: 'individual', title: 'Individual methods' },
  { id: 'combination', title: 'Combinations' },
] as const;

export type PanelId = (typeof panels)[number]['id'];

/** Which panel a method belongs to; the random map is in both. */
export function inPanel(method: Method, panel: PanelId): boolean {
  if (method.id === randomMethodId) return true;
  if (method.group === 'composed') return panel === 'combination';
  if (method.group === 'control') return panel === 'individual';
  return method.group === panel;
}

/** The curves of a panel, in their order. */
export function panelCurves(curves: readonly MethodCurve[], panel: PanelId): MethodCurve[] {
  return curves.filter(({ method }) => inPanel(method, panel));
}

export const isControl = ({ method }: MethodCurve): boolean => method.group === 'control';

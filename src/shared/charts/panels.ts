import { type Method, randomMethodId } from '../catalogue/methods';
import { type MethodCurve } from '../records';

/** The two panels of the paper's figures (Figs. 2 to 4), left and right. */
export const panels = [
  { id: 'individual', title: 'Individual methods' },
  { id: 'combination', title: 'Combinations' },
] as const;

export type PanelId = (typeof panels)[number]['id'];

/** Of every group, so that no method is left out of a figure. */
const panelOf: Readonly<Record<Method['group'], PanelId>> = {
  individual: 'individual',
  combination: 'combination',
  control: 'individual',
  composed: 'combination',
  imported: 'individual',
};

/** Which panel a method belongs to; the random map is in both. */
export const inPanel = ({ id, group }: Method, panel: PanelId): boolean =>
  id === randomMethodId || panelOf[group] === panel;

/** The curves of a panel, in their order. */
export function panelCurves(curves: readonly MethodCurve[], panel: PanelId): MethodCurve[] {
  return curves.filter(({ method }) => inPanel(method, panel));
}

export const isControl = ({ method }: MethodCurve): boolean => method.group === 'control';

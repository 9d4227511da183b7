import { guided as descriptor } from '../../shared/catalogue/operators';
import { baseOperator } from './operator';

/**
 * Guided backpropagation (Eqs. 4, 5): at every gated activation only signals R > 0 through units
 * f > 0 pass. Which activations are gated is the parameter `guidedGate`.
 */
export const guided = baseOperator(descriptor, ({ score, target, guidedGate }) => ({
  gate: guidedGate,
  score,
  target,
}));

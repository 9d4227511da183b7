import { gradient as descriptor } from '../../shared/catalogue/operators';
import { baseOperator } from './operator';

/** Vanilla gradient (Eq. 1): M_c(x) = ∂S_c(x)/∂x. */
export const gradient = baseOperator(descriptor, ({ score, target }) => ({
  gate: 'none',
  score,
  target,
}));

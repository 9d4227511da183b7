import { type BaseOperator } from './operator';

/** Vanilla gradient (Eq. 1): M_c(x) = ∂S_c(x)/∂x. */
export const gradient: BaseOperator = { gate: () => 'none' };

import { timesInput as descriptor } from '../../shared/catalogue/operators';
import { wrapperOperator } from './operator';

/** z ⊙ A(z) (Sec. IV, Grad × Input). Under smooth or integrate z is the noisy or path point. */
export const timesInput = wrapperOperator(descriptor, () => ({
  count: 1,
  point: (input) => input,
  aggregate: { kind: 'sum', weights: Float64Array.of(1), square: false },
  factor: (input) => input,
}));

import { meanSquare as descriptor } from '../../shared/catalogue/operators';
import { noisyPoints } from './noisy-points';
import { wrapperOperator } from './operator';

/**
 * SmoothGrad squared (Hooker et al. 2019, arXiv 1806.10758): the mean over i of A(z + ε_i)², with smooth's
 * n noise tensors N(0, σ²).
 */
export const meanSquare = wrapperOperator(descriptor, ({ n, sigma, sigmaMode }) => ({
  ...noisyPoints({ n, sigma, sigmaMode }),
  aggregate: { kind: 'sum', weights: new Float64Array(n).fill(1 / n), square: true },
  factor: null,
}));

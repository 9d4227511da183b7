import { variance as descriptor } from '../../shared/catalogue/operators';
import { noisyPoints } from './noisy-points';
import { wrapperOperator } from './operator';

/**
 * VarGrad (Adebayo et al. 2018, arXiv 1810.03307): the population variance over i of A(z + ε_i), with
 * smooth's n noise tensors N(0, σ²).
 */
export const variance = wrapperOperator(descriptor, ({ n, sigma, sigmaMode }) => ({
  ...noisyPoints({ n, sigma, sigmaMode }),
  aggregate: { kind: 'variance' },
  factor: null,
}));

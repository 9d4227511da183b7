import { type MapParameters } from '../../shared/catalogue/parameters';
import { smooth as descriptor } from '../../shared/catalogue/operators';
import { noisyPoints } from './noisy-points';
import { type Aggregate, wrapperOperator } from './operator';

/**
 * SmoothGrad and noise tunnelling (Eqs. 2, 6, 7): (1/n) Σ A(z + ε_i) with n noise tensors
 * N(0, σ²), drawn once per image, never clipped and the same at every z. `smoothAggregate` replaces
 * the mean of the signed values by the mean of their squares (SmoothGrad²) or by their population
 * variance (VarGrad; Hooker et al. 2019, arXiv 1806.10758).
 */
export const smooth = wrapperOperator(descriptor, ({ n, sigma, sigmaMode, smoothAggregate }) => ({
  ...noisyPoints({ n, sigma, sigmaMode }),
  aggregate: aggregateOf(smoothAggregate, n),
  factor: null,
}));

function aggregateOf(kind: MapParameters['smoothAggregate'], n: number): Aggregate {
  if (kind === 'variance') return { kind };
  return {
    kind: 'sum',
    weights: new Float64Array(n).fill(1 / n),
    square: kind === 'mean-square',
  };
}

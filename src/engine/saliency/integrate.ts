import { integrate as descriptor } from '../../shared/catalogue/operators';
import { valueAt } from '../../shared/checked-reads';
import { baselineRow, type Coefficients, wrapperOperator } from './operator';
import { quadratureRule } from './quadrature';

/**
 * Integrated gradients and gradient replacement (Eqs. 3, 8, 9):
 * (z - x') ⊙ ∫ A(x' + α (z - x')) dα over α in [0, 1], by a quadrature with `steps` points. x' is
 * the baseline of the clean image, also where z carries noise (Eq. 6).
 */
export const integrate = wrapperOperator(descriptor, ({ steps, quadrature, baseline }) => {
  const { nodes, weights } = quadratureRule(quadrature, steps);
  return {
    count: steps,
    point(input, index) {
      const alpha = valueAt(nodes, index);
      return shifted(
        input.map((value) => alpha * value),
        1 - alpha,
      );
    },
    aggregate: { kind: 'sum', weights, square: false },
    factor: (input) => shifted(input.slice(), -1),
    baseline,
  };
});

/** Add a multiple of the baseline, in place. */
function shifted(coefficients: Coefficients, multiple: number): Coefficients {
  coefficients[baselineRow] = valueAt(coefficients, baselineRow) + multiple;
  return coefficients;
}

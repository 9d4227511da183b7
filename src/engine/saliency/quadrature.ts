import { type MapParameters } from '../../shared/catalogue/parameters';

/** ∫ f over [0, 1] ≈ Σ weights[k] f(nodes[k]). */
export interface QuadratureRule {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

/**
 * A rule with `points` evaluations on [0, 1]; weights sum to 1, nodes ascend.
 * - `gauss-legendre`: exact for polynomials up to degree 2 points - 1
 * - `midpoint`: nodes (k + 1/2) / points
 * - `trapezoid`: nodes k / (points - 1), both ends included; one point alone is the midpoint
 * - `riemann-right`: nodes k / points, k = 1 .. points
 *
 * @param points a whole number, at least 1
 */
export function quadratureRule(kind: MapParameters['quadrature'], points: number): QuadratureRule {
  const rule = (node: (k: number) => number, weight: (k: number) => number): QuadratureRule => ({
    nodes: Float64Array.from({ length: points }, (_, k) => node(k)),
    weights: Float64Array.from({ length: points }, (_, k) => weight(k)),
  });
  switch (kind) {
    case 'gauss-legendre':
      return gaussLegendre(points);
    case 'riemann-right':
      return rule(
        (k) => (k + 1) / points,
        () => 1 / points,
      );
    case 'trapezoid':
      if (points > 1) {
        return rule(
          (k) => k / (points - 1),
          (k) => (k === 0 || k === points - 1 ? 0.5 : 1) / (points - 1),
        );
      }
      return rule(
        () => 0.5,
        () => 1,
      );
    case 'midpoint':
      return rule(
        (k) => (k + 0.5) / points,
        () => 1 / points,
      );
  }
}

/**
 * Gauss-Legendre on [0, 1]: nodes are the roots of P_n by Newton's method from Tricomi's estimate
 * cos(π (k - 1/4) / (n + 1/2)), weights 2 / ((1 - t²) P_n'(t)²), both moved from [-1, 1]
 * (Abramowitz and Stegun 25.4.29 and 25.4.30).
 */
function gaussLegendre(n: number): QuadratureRule {
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let k = 0; k < Math.ceil(n / 2); k += 1) {
    let t = Math.cos((Math.PI * (k + 0.75)) / (n + 0.5));
    for (let iteration = 0; iteration < 100; iteration += 1) {
      const { value, derivative } = legendre(n, t);
      const step = value / derivative;
      t -= step;
      if (Math.abs(step) < 1e-15) break;
    }
    // The middle root of an odd polynomial is 0 exactly.
    if (n % 2 === 1 && k === (n - 1) / 2) t = 0;
    const slope = legendre(n, t).derivative;
    const weight = 1 / ((1 - t * t) * slope * slope);
    nodes[k] = (1 - t) / 2;
    nodes[n - 1 - k] = (1 + t) / 2;
    weights[k] = weight;
    weights[n - 1 - k] = weight;
  }
  return { nodes, weights };
}

/** P_n(t) and its derivative for |t| < 1, by the three-term recurrence. */
function legendre(n: number, t: number): { value: number; derivative: number } {
  let previous = 1;
  let value = t;
  for (let k = 2; k <= n; k += 1) {
    [previous, value] = [value, ((2 * k - 1) * t * value - (k - 1) * previous) / k];
  }
  return { value, derivative: (n * (t * value - previous)) / (t * t - 1) };
}

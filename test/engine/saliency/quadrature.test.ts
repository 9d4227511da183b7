import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quadratureRule } from '../../../src/engine/saliency/quadrature';
import { type MapParameters } from '../../../src/shared/catalogue/parameters';
import { integrate } from '../../../src/shared/catalogue/operators';
import { valueAt } from '../../../src/shared/checked-reads';

const quadratures = integrate.parameters.quadrature.choices.map(({ value }) => value);

const integral = (
  kind: MapParameters['quadrature'],
  points: number,
  f: (alpha: number) => number,
) => {
  const { nodes, weights } = quadratureRule(kind, points);
  return nodes.reduce((sum, node, k) => sum + valueAt(weights, k) * f(node), 0);
};

describe('Gauss-Legendre', () => {
  it('has the nodes and weights of Abramowitz and Stegun, table 25.4', () => {
    // On [-1, 1], to 15 digits; on [0, 1] the node is (1 + t) / 2 and the weight half.
    const table: Record<number, [number, number][]> = {
      1: [[0, 2]],
      2: [[0.577350269189626, 1]],
      3: [
        [0, 0.888888888888889],
        [0.774596669241483, 0.555555555555556],
      ],
      5: [
        [0, 0.568888888888889],
        [0.538469310105683, 0.478628670499366],
        [0.906179845938664, 0.236926885056189],
      ],
      10: [
        [0.148874338981631, 0.295524224714753],
        [0.433395394129247, 0.269266719309996],
        [0.679409568299024, 0.219086362515982],
        [0.865063366688985, 0.149451349150581],
        [0.973906528517172, 0.066671344308688],
      ],
    };
    for (const [points, rows] of Object.entries(table)) {
      const n = Number(points);
      const { nodes, weights } = quadratureRule('gauss-legendre', n);
      rows.forEach(([t, w], i) => {
        const k = n - rows.length + i;
        expect(Math.abs(valueAt(nodes, k) - (1 + t) / 2)).toBeLessThan(6e-16);
        expect(Math.abs(valueAt(weights, k) - w / 2)).toBeLessThan(6e-16);
        expect(nodes[n - 1 - k]).toBeCloseTo((1 - t) / 2, 15);
        expect(weights[n - 1 - k]).toBe(weights[k]);
      });
    }
  });

  it('integrates polynomials up to degree 2 n - 1 exactly', () => {
    for (const n of [1, 2, 3, 7, 16, 50]) {
      for (let degree = 0; degree < 2 * n; degree += 1) {
        const value = integral('gauss-legendre', n, (alpha) => alpha ** degree);
        expect(Math.abs(value * (degree + 1) - 1)).toBeLessThan(1e-13);
      }
      // And not the next: the error of α^(2n) is (n!)^4 / ((2n + 1) ((2n)!)²), 1/180 for n = 2.
      if (n === 2) {
        expect(1 / 5 - integral('gauss-legendre', 2, (alpha) => alpha ** 4)).toBeCloseTo(
          1 / 180,
          14,
        );
      }
    }
  });
});

describe('every rule', () => {
  it('has ascending nodes in [0, 1] and weights that sum to 1', () => {
    fc.assert(
      fc.property(fc.constantFrom(...quadratures), fc.integer({ min: 1, max: 500 }), (kind, n) => {
        const { nodes, weights } = quadratureRule(kind, n);
        expect(nodes).toHaveLength(n);
        nodes.forEach((node, k) => {
          expect(node).toBeGreaterThan(k === 0 ? -1e-300 : valueAt(nodes, k - 1));
          expect(node).toBeLessThanOrEqual(1);
        });
        expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 12);
      }),
    );
  });

  it('errs on α² as its theory says', () => {
    // ∫ α² = 1/3. Right sum: + 1/(2n) + 1/(6n²). Midpoint: - 1/(12n²). Trapezoid: + 1/(6(n-1)²).
    const n = 10;
    const error = (kind: MapParameters['quadrature']) =>
      integral(kind, n, (alpha) => alpha * alpha) - 1 / 3;
    expect(error('riemann-right')).toBeCloseTo(1 / (2 * n) + 1 / (6 * n * n), 14);
    expect(error('midpoint')).toBeCloseTo(-1 / (12 * n * n), 14);
    expect(error('trapezoid')).toBeCloseTo(1 / (6 * (n - 1) ** 2), 14);
    expect(error('gauss-legendre')).toBeCloseTo(0, 14);
    expect([...quadratureRule('trapezoid', 1).nodes]).toEqual([0.5]);
  });
});

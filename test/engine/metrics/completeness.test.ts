import { describe, expect, it } from 'vitest';
import { completenessError } from '../../../src/engine/metrics/completeness';
import { quadratureRule } from '../../../src/engine/saliency/quadrature';
import { valueAt } from '../../../src/shared/checked-reads';
import { dot, ones, weightsOfF } from './toys';

const g = (x: ArrayLike<number>) => 1 / (1 + Math.exp(5 - dot(weightsOfF, x)));
const gradient = (x: ArrayLike<number>) => weightsOfF.map((w) => w * g(x) * (1 - g(x)));
const errorOf = (map: readonly number[]) =>
  completenessError(Float32Array.from(map), g(ones), g([0, 0, 0, 0]));

describe('completeness error', () => {
  it('of g is large for the gradient times the input', () => {
    expect(errorOf(gradient(ones))).toBeCloseTo(0.920134, 6);
  });

  it.each([
    ['gauss-legendre', 0.033798],
    ['midpoint', 0.004011],
    ['riemann-right', 0.006164],
  ] as const)('of g is small for five points of %s', (kind, expected) => {
    const { nodes, weights } = quadratureRule(kind, 5);
    const map = weightsOfF.map((_, i) =>
      nodes.reduce((sum, node, k) => {
        const at = gradient(ones.map((x) => node * x));
        return sum + valueAt(weights, k) * valueAt(at, i);
      }, 0),
    );
    expect(errorOf(map)).toBeCloseTo(expected, 6);
  });

  it('refuses a map with a value that is no number', () => {
    const broken = Float32Array.of(1, Number.NaN);
    expect(() => completenessError(broken, 1, 0, 'map of image 3')).toThrow(
      /map of image 3 is NaN/,
    );
  });

  it('counts what the baseline has', () => {
    expect(completenessError(Float32Array.of(1, -3), 4, 5)).toBe(1);
  });
});

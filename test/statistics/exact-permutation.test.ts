import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kendallTauB, spearman } from '../../src/statistics/correlation';
import { exactPairs, kendallExactP, spearmanExactP } from '../../src/statistics/exact-permutation';

function* permutations(values: readonly number[]): Generator<number[]> {
  if (values.length < 2) {
    yield [...values];
    return;
  }
  for (const [i, first] of values.entries()) {
    for (const rest of permutations(values.filter((_, j) => j !== i))) yield [first, ...rest];
  }
}

/** What the exact p is, by walking through every order. */
function walked(of: typeof spearman, x: readonly number[], y: readonly number[]): number | null {
  const found = of(x, y);
  if (found === null) return null;
  let [all, far] = [0, 0];
  for (const order of permutations(y)) {
    all += 1;
    if (Math.abs(of(x, order) ?? 0) >= Math.abs(found) - 1e-12) far += 1;
  }
  return far / all;
}

const ascending = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('the exact permutation p', () => {
  it('of perfect order is two of all n! orders', () => {
    expect(spearmanExactP(ascending(5), ascending(5))).toBeCloseTo(2 / 120, 15);
    expect(kendallExactP(ascending(9), ascending(9).reverse())).toBeCloseTo(2 / 362_880, 15);
    expect(spearmanExactP(ascending(12), ascending(12))).toBeCloseTo(2 / 479_001_600, 18);
  });

  it('has the published tail probabilities', () => {
    // Kendall and Gibbons 1990, tables 1 and 2: n = 4, S = 4, one-sided .167; n = 5, sum d2 = 4: .067.
    expect(kendallExactP([1, 2, 3, 4], [2, 1, 3, 4])).toBeCloseTo(2 * (4 / 24), 12);
    expect(spearmanExactP([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])).toBeCloseTo(2 * (8 / 120), 12);
  });

  it('equals a walk through all orders, ties included', () => {
    const pairs = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 })),
      {
        minLength: 2,
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(pairs, (list) => {
        const [x, y] = [list.map(([a]) => a), list.map(([, b]) => b)];
        for (const [of, exact] of [
          [spearman, spearmanExactP],
          [kendallTauB, kendallExactP],
        ] as const) {
          const p = walked(of, x, y);
          if (p === null) expect(exact(x, y)).toBeNull();
          else expect(exact(x, y)).toBeCloseTo(p, 12);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is not defined for too many pairs, too few or a constant side', () => {
    expect(spearmanExactP(ascending(exactPairs + 1), ascending(exactPairs + 1))).toBeNull();
    expect(kendallExactP([1], [1])).toBeNull();
    expect(spearmanExactP([], [])).toBeNull();
    expect(kendallExactP([1, 1, 1], [1, 2, 3])).toBeNull();
    expect(() => spearmanExactP([1, 2], [1])).toThrow(RangeError);
    expect(() => kendallExactP([1, Number.NaN], [1, 2])).toThrow(RangeError);
  });

  it('is there for ten methods, and for the most there may be', () => {
    for (const n of [10, exactPairs]) {
      const y = ascending(n).map((i) => (i * 7) % n);
      expect(spearmanExactP(ascending(n), y)).toBeGreaterThan(0);
      expect(kendallExactP(ascending(n), y)).toBeGreaterThan(0);
    }
  });
});

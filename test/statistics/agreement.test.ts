import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerMedian } from '../../src/statistics/median-label';
import { agreeingShare } from '../../src/statistics/percent-agreement';
import { contingency, weightedKappa } from '../../src/statistics/weighted-kappa';

describe('percentage agreement', () => {
  it('is the share of agreeing pairs', () => {
    expect(agreeingShare([2, 2, 3])).toBeCloseTo(1 / 3, 12);
    expect(agreeingShare([1, 1, 5, 5])).toBeCloseTo(2 / 6, 12);
  });

  it('is not defined where nothing pairs', () => {
    expect(agreeingShare([4])).toBeNull();
    expect(agreeingShare([])).toBeNull();
  });

  it('stays in 0 to 1 and is 1 exactly where all agree', () => {
    const units = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(units, (unit) => {
        const value = agreeingShare(unit);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(value === 1).toBe(new Set(unit).size === 1);
      }),
    );
  });
});

describe('weighted kappa', () => {
  const table = [
    [0, 4, 1],
    [0, 8, 0],
    [0, 1, 5],
  ];

  it('has the published values: SAS gives .4842 as the simple and .4701 as the weighted kappa', () => {
    expect(weightedKappa(table, 'unweighted')).toBeCloseTo(0.4842, 4);
    expect(weightedKappa(table, 'linear')).toBeCloseTo(0.4701, 4);
  });

  it('with quadratic weights is what a count by hand gives', () => {
    // Rows 5, 8, 6, columns 0, 13, 6 of 19: observed 4 + 4 x 1 + 1, expected 311 / 19.
    expect(weightedKappa(table, 'quadratic')).toBeCloseTo(1 - (9 * 19) / 311, 12);
    // Kappa with quadratic weights and equal margins is the correlation (Fleiss and Cohen 1973).
    const equal = [
      [2, 1, 0],
      [1, 2, 1],
      [0, 1, 2],
    ];
    expect(weightedKappa(equal, 'quadratic')).toBeCloseTo(4 / 6, 12);
  });

  it('is not defined without items or with one category alone', () => {
    expect(weightedKappa(contingency([], 5), 'quadratic')).toBeNull();
    expect(weightedKappa(contingency([[3, 3]], 5), 'linear')).toBeNull();
  });

  it('is symmetric in the raters, at most 1, 1 in perfect agreement', () => {
    const score = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(score, score), { minLength: 1 }),
        fc.constantFrom('unweighted' as const, 'linear' as const, 'quadratic' as const),
        (pairs, weights) => {
          const value = weightedKappa(contingency(pairs, 5), weights);
          if (value === null) return;
          const mirrored = pairs.map(([a, b]) => [b, a] as const);
          expect(weightedKappa(contingency(mirrored, 5), weights)).toBeCloseTo(value, 12);
          expect(value).toBeLessThanOrEqual(1);
          const same = weightedKappa(
            contingency(
              pairs.map(([a]) => [a, a] as const),
              5,
            ),
            weights,
          );
          expect(same === null || same === 1).toBe(true);
        },
      ),
    );
  });

  it('refuses what is no table', () => {
    expect(() => weightedKappa([[1, 2]], 'linear')).toThrow(RangeError);
    expect(() => weightedKappa([[-1]], 'linear')).toThrow(RangeError);
    expect(() => contingency([[0, 3]], 5)).toThrow('accepted: 1 to 5');
  });
});

describe('median label', () => {
  it('is the middle one, of two middle ones the lower', () => {
    expect(lowerMedian([5, 1, 3])).toBe(3);
    expect(lowerMedian([5, 4, 1, 3])).toBe(3);
    expect(lowerMedian([2, 5])).toBe(2);
    expect(lowerMedian([4])).toBe(4);
    expect(lowerMedian([])).toBeNull();
  });

  it('is a label that was given, with at most half of the labels below and above it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (scores) => {
        const median = lowerMedian(scores) ?? Number.NaN;
        expect(scores).toContain(median);
        expect(scores.filter((score) => score < median).length).toBeLessThan(scores.length / 2);
        expect(scores.filter((score) => score > median).length).toBeLessThanOrEqual(
          scores.length / 2,
        );
      }),
    );
  });
});

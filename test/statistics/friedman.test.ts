import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chiSquareTail } from '../../src/statistics/chi-square';
import { friedmanTest } from '../../src/statistics/friedman';

describe('the tail of chi-square', () => {
  it.each([
    [2, 2, 0.36787944117144233],
    // Critical values of the usual tables.
    [3.841458820694124, 1, 0.05],
    [15.507313055865453, 8, 0.05],
    [20.090235029663233, 8, 0.01],
    [124.34211340400407, 100, 0.05],
    [0.0157907740934312, 1, 0.9],
  ])('of %f with %i degrees of freedom', (x, degrees, p) => {
    expect(chiSquareTail(x, degrees)).toBeCloseTo(p, 10);
  });

  it.each([
    // In 40 digits, by mpmath 1.3.
    [700, 1, 2.9902269751246203e-154],
    [200, 1, 2.088487583762545e-45],
    [1200, 1000, 1.2255942330622905e-5],
  ])('far out, of %f with %i degrees of freedom', (x, degrees, p) => {
    expect(Math.abs(chiSquareTail(x, degrees) / p - 1)).toBeLessThan(1e-12);
  });

  it('equals its closed form for even degrees', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 400, noNaN: true }),
        fc.integer({ min: 1, max: 40 }),
        (x, half) => {
          let term = Math.exp(-x / 2);
          let sum = term;
          for (let i = 1; i < half; i += 1) {
            term *= x / 2 / i;
            sum += term;
          }
          expect(chiSquareTail(x, 2 * half)).toBeCloseTo(sum, 11);
        },
      ),
    );
  });

  it('falls from 1 to 0 and refuses what has no meaning', () => {
    expect(chiSquareTail(0, 3)).toBe(1);
    expect(chiSquareTail(Infinity, 3)).toBe(0);
    expect(chiSquareTail(900, 8)).toBeGreaterThan(0);
    expect(chiSquareTail(1e5, 8)).toBe(0);
    expect(chiSquareTail(1e-300, 8)).toBe(1);
    expect(() => chiSquareTail(-1, 3)).toThrow(RangeError);
    expect(() => chiSquareTail(1, 0)).toThrow(RangeError);
  });
});

describe('Friedman’s test', () => {
  it('has Q = 2 with 2 degrees of freedom where the rank sums say so', () => {
    // Two blocks (1, 2, 3) and (2, 1, 3) over two: rank sums 3, 3, 6, Q = 3; by hand.
    const three = friedmanTest([
      [1, 2, 3],
      [2, 1, 3],
    ]);
    expect(three).toMatchObject({ statistic: 3, degrees: 2 });
    const test = friedmanTest([
      [1, 2, 3],
      [1, 3, 2],
      [2, 1, 3],
      [3, 1, 2],
      [1, 2, 3],
      [1, 3, 2],
      [3, 2, 1],
      [1, 2, 3],
    ]);
    // Rank sums 13, 16, 19: Q = 12 (169 + 256 + 361) / 96 - 96 = 2.25.
    expect(test).toMatchObject({ statistic: 2.25, degrees: 2 });
  });

  it('reproduces a published example with ties (Conover 1999: lawns of 12 homeowners, 4 grasses)', () => {
    const ranks = [
      [4, 3, 2, 1],
      [4, 2, 3, 1],
      [3, 1.5, 1.5, 4],
      [3, 1, 2, 4],
      [4, 2, 1, 3],
      [2, 2, 2, 4],
      [1, 3, 2, 4],
      [2, 4, 1, 3],
      [3.5, 1, 2, 3.5],
      [4, 1, 3, 2],
      [4, 2, 3, 1],
      [3.5, 1, 2, 3.5],
    ];
    const test = friedmanTest(ranks);
    expect(test).toMatchObject({ degrees: 3 });
    if (typeof test === 'string') throw new Error(test);
    expect(test.statistic).toBeCloseTo(8.097, 3);
    expect(test.p).toBeCloseTo(0.044, 3);
  });

  it('is not computed, and says why', () => {
    expect(
      friedmanTest([
        [1, 2],
        [null, 1],
      ]),
    ).toBe('incomplete');
    expect(friedmanTest([[1, 2, 3]])).toBe('too-small');
    expect(friedmanTest([[1], [2]])).toBe('too-small');
    expect(friedmanTest([])).toBe('too-small');
    expect(
      friedmanTest([
        [2, 2],
        [5, 5],
      ]),
    ).toBe('tied');
    expect(() => friedmanTest([[1, 2], [1]])).toThrow(RangeError);
  });

  it('keeps to ranks within blocks: shifts, orders and names change nothing', () => {
    const blocks = fc.integer({ min: 2, max: 6 }).chain((k) =>
      fc.array(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: k, maxLength: k }), {
        minLength: 2,
        maxLength: 8,
      }),
    );
    fc.assert(
      fc.property(blocks, (list) => {
        const test = friedmanTest(list);
        const other = friedmanTest(
          [...list].reverse().map((block, b) => [...block].reverse().map((v) => v ** 3 + 7 * b)),
        );
        if (typeof test === 'string' || typeof other === 'string') {
          expect(other).toBe(test);
          return;
        }
        expect(other.statistic).toBeCloseTo(test.statistic, 9);
        expect(test.p).toBeGreaterThanOrEqual(0);
        expect(test.p).toBeLessThanOrEqual(1);
        // At its largest where all blocks agree: b (k - 1).
        expect(test.statistic).toBeLessThanOrEqual(list.length * test.degrees + 1e-9);
      }),
    );
  });
});

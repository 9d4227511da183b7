import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Method } from '../../src/shared/catalogue/methods';
import { summariseRepetitions } from '../../src/statistics/repetition-curves';
import { studentQuantile } from '../../src/statistics/student-t';

describe('studentQuantile', () => {
  it('agrees with the printed tables', () => {
    const known: [number, number, number][] = [
      [0.975, 1, 12.706205],
      [0.975, 2, 4.302653],
      [0.975, 4, 2.776445],
      [0.975, 9, 2.262157],
      [0.95, 4, 2.131847],
      [0.995, 30, 2.749996],
      [0.975, 1e6, 1.959966],
      [0.5, 7, 0],
      [0.025, 4, -2.776445],
    ];
    for (const [probability, freedom, value] of known) {
      expect(studentQuantile(probability, freedom)).toBeCloseTo(value, 5);
    }
    // With one degree of freedom it is Cauchy's, with two it has a closed form.
    expect(studentQuantile(0.9, 1)).toBeCloseTo(Math.tan(Math.PI * 0.4), 10);
    expect(studentQuantile(0.9, 2)).toBeCloseTo(0.8 / Math.sqrt(2 * 0.9 * 0.1), 10);
  });

  it('is exact to 1e-12 near the median and far out', () => {
    // In 40 digits, by mpmath 1.3.
    const known: [number, number, number][] = [
      [0.5001, 1000, 0.00025072550362288887],
      [0.6, 9, 0.26095533647391095],
      [0.999999, 100, 5.048830877221447],
    ];
    for (const [probability, freedom, value] of known) {
      expect(Math.abs(studentQuantile(probability, freedom) / value - 1)).toBeLessThan(1e-12);
    }
  });

  it('refuses what has no quantile', () => {
    expect(() => studentQuantile(1, 3)).toThrow(RangeError);
    expect(() => studentQuantile(0.5, 0)).toThrow(RangeError);
    expect(() => studentQuantile(0.9, 2.5)).toThrow('accepted: 1, 2, ...');
  });
});

const method = (id: string): Method => ({
  ...{ id, name: id, composition: 'gradient', group: 'individual', equations: '' },
});
const methods = ['good', 'random', 'bad'].map(method);

/** Three methods at levels 0, .5 and 1, two repetitions that lie 0.02 apart. */
const input = {
  methods,
  levels: [0, 0.5, 1],
  accuracies: Float64Array.of(
    ...[0.98, 1, 0.58, 0.6, 0.48, 0.5],
    ...[0.98, 1, 0.78, 0.8, 0.58, 0.6],
    ...[0.98, 1, 0.88, 0.9, 0.78, 0.8],
  ),
  tied: Float64Array.of(0, 0.1, 0.2, 0, 0, 0, 0, 0, 0),
  randomIndex: 1,
  better: 'lower' as const,
};

describe('summariseRepetitions', () => {
  it('gives means, spreads and intervals by Student’s t', () => {
    const [good] = summariseRepetitions(input);
    const [, middle] = good?.points ?? [];
    const deviation = 0.02 / Math.SQRT2;
    const half = (studentQuantile(0.975, 1) * deviation) / Math.SQRT2;
    expect(middle?.mean).toBeCloseTo(0.59, 12);
    expect(middle?.spread).toBeCloseTo(deviation, 12);
    expect(middle?.low).toBeCloseTo(0.59 - half, 9);
    expect(middle?.high).toBeCloseTo(0.59 + half, 9);
    // No accuracy is above 1.
    expect(good?.points[0]?.high).toBe(1);
    expect(middle).toMatchObject({ level: 0.5, n: 2, tied: 0.1 });
    // Repetitions of one seed move together: their differences have no spread.
    expect(middle?.difference).toBeCloseTo(0.2, 12);
    expect(middle?.differenceHigh).toBeCloseTo(0.2, 9);
    expect(good?.area).toBeCloseTo(0.25 * (0.99 + 2 * 0.59 + 0.49), 12);
    expect(good?.advantage).toBeCloseTo(0.25 * (2 * 0.2 + 0.1), 12);
  });

  it('ranks by paired differences, the other way round where top pixels are kept', () => {
    const ranks = (better: 'lower' | 'higher') =>
      summariseRepetitions({ ...input, better }).map(({ rank }) => rank);
    expect(ranks('lower')).toEqual([1, 2, 3]);
    expect(ranks('higher')).toEqual([3, 2, 1]);
    const [good, random, bad] = summariseRepetitions({ ...input, better: 'higher' });
    expect(good?.advantage).toBeLessThan(0);
    expect(random).toMatchObject({ advantage: 0, advantageLow: 0, advantageHigh: 0 });
    expect(bad?.advantage).toBeGreaterThan(0);
    expect(bad?.points[1]?.difference).toBeCloseTo(0.1, 12);
  });

  it('says of one repetition nothing but its value', () => {
    const single = {
      ...input,
      accuracies: input.accuracies.filter((_, i) => i % 2 === 0),
    };
    for (const curve of summariseRepetitions(single)) {
      expect(curve.rank).toBe(1);
      expect(curve.tiedWith).toHaveLength(2);
      for (const { mean, low, high, spread, n } of curve.points) {
        expect(mean).toBeGreaterThan(0);
        expect([low, high, spread, n]).toEqual([null, null, null, 1]);
      }
      expect([curve.areaLow, curve.areaHigh]).toEqual([null, null]);
      expect([curve.advantageLow, curve.advantageHigh]).toEqual([null, null]);
    }
  });

  it('keeps intervals around means whatever the accuracies', () => {
    const accuracy = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(accuracy, { minLength: 27, maxLength: 27 }), (values) => {
        const curves = summariseRepetitions({ ...input, accuracies: Float64Array.from(values) });
        for (const curve of curves) {
          expect(curve.areaLow).toBeLessThanOrEqual(curve.area);
          expect(curve.areaHigh).toBeGreaterThanOrEqual(curve.area);
          expect(curve.rank + curve.tiedWith.length).toBeLessThanOrEqual(3);
        }
        // Mutual: a tie is a tie from both sides.
        for (const { method: a, tiedWith } of curves) {
          for (const other of tiedWith) {
            expect(curves.find(({ method: b }) => b.id === other)?.tiedWith).toContain(a.id);
          }
        }
      }),
    );
  });

  it('refuses shapes that do not fit, levels that do not ascend and what is no number', () => {
    const bad = [
      { accuracies: new Float64Array(8) },
      { tied: new Float64Array(3) },
      { randomIndex: 3 },
      { levels: [0, 0.5, 0.5] },
      { accuracies: new Float64Array(18).fill(Number.NaN) },
      { tied: new Float64Array(9).fill(Number.NaN) },
    ];
    for (const change of bad) {
      expect(() => summariseRepetitions({ ...input, ...change })).toThrow(RangeError);
    }
    const { id } = input.methods[1] ?? { id: '' };
    const accuracies = input.accuracies.with(9, Number.NaN);
    expect(() => summariseRepetitions({ ...input, accuracies })).toThrow(
      `the accuracy of ${id} at level ${input.levels[1]}, repetition 1 is NaN`,
    );
  });
});

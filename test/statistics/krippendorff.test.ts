import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addCoincidences,
  type AlphaMetric,
  alphaMetrics,
  alphaOfCoincidences,
  krippendorffAlpha,
} from '../../src/statistics/krippendorff';

/** Krippendorff 2011, example C: observers A to D on 12 units, 0 where one is missing. */
const observers = [
  [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
  [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
  [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
  [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
];
const example = Array.from({ length: 12 }, (_, unit) =>
  observers.map((row) => row[unit] ?? 0).filter((value) => value > 0),
);

const units = fc.array(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 5 }), {
  maxLength: 12,
});
const metrics = fc.constantFrom(...alphaMetrics);

describe('Krippendorff’s alpha', () => {
  it.each<[AlphaMetric, number]>([
    ['nominal', 0.743],
    ['ordinal', 0.815],
    ['interval', 0.849],
    ['ratio', 0.797],
  ])('%s on the published example with missing values is %f', (metric, value) => {
    expect(krippendorffAlpha(example, metric)).toBeCloseTo(value, 3);
  });

  it('is the published .095 for two observers of binary data (Krippendorff 2011, example A)', () => {
    const meg = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0];
    const owen = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0];
    const pairs = meg.map((value, i) => [value, owen[i] ?? 0]);
    expect(krippendorffAlpha(pairs, 'nominal')).toBeCloseTo(0.095, 3);
  });

  it('is 1 where all agree on more than one value, and not defined where nothing can disagree', () => {
    for (const metric of alphaMetrics) {
      expect(krippendorffAlpha([[1, 1], [4, 4, 4], [2]], metric)).toBe(1);
      expect(krippendorffAlpha([[3, 3], [3]], metric)).toBeNull();
      expect(krippendorffAlpha([[1], [2], []], metric)).toBeNull();
      expect(krippendorffAlpha([], metric)).toBeNull();
    }
  });

  it('is below 0 where raters disagree by rule', () => {
    expect(krippendorffAlpha(Array(6).fill([1, 5]), 'ordinal')).toBeLessThan(0);
  });

  it('does not change with the order of observers or units, nor with units that pair nothing', () => {
    fc.assert(
      fc.property(units, metrics, fc.integer({ min: 1, max: 5 }), (list, metric, lone) => {
        const value = krippendorffAlpha(list, metric);
        const shuffled = [...list].reverse().map((unit) => [...unit].reverse());
        const same = krippendorffAlpha([...shuffled, [lone], []], metric);
        if (value === null) expect(same).toBeNull();
        else expect(same).toBeCloseTo(value, 10);
      }),
    );
  });

  it('is at most 1 and finite wherever it is defined', () => {
    fc.assert(
      fc.property(units, metrics, (list, metric) => {
        const value = krippendorffAlpha(list, metric);
        if (value === null) return;
        expect(Number.isFinite(value)).toBe(true);
        expect(value).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('takes any ascending numbers for the categories where only order counts', () => {
    fc.assert(
      fc.property(units, (list) => {
        const spread = list.map((unit) => unit.map((value) => value ** 3 - 40));
        const [a, b] = [krippendorffAlpha(list, 'ordinal'), krippendorffAlpha(spread, 'ordinal')];
        if (a === null) expect(b).toBeNull();
        else expect(b).toBeCloseTo(a, 10);
      }),
    );
  });

  it('follows from summed coincidences, categories that never occur included', () => {
    const sum = new Float64Array(36);
    for (const unit of example) addCoincidences(sum, unit, 6);
    expect(alphaOfCoincidences(sum, [0, 1, 2, 3, 4, 5], 'ordinal')).toBeCloseTo(0.815, 3);
  });

  it('counts every ordered pair of a unit as 1 / (m - 1)', () => {
    const unit = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 9 });
    fc.assert(
      fc.property(unit, (values) => {
        const expected = new Float64Array(25);
        values.forEach((a, i) => {
          values.forEach((b, j) => {
            if (i !== j) expected[a * 5 + b] = (expected[a * 5 + b] ?? 0) + 1 / (values.length - 1);
          });
        });
        const found = new Float64Array(25);
        addCoincidences(found, values, 5);
        found.forEach((count, at) => expect(count).toBeCloseTo(expected[at] ?? Number.NaN, 12));
      }),
    );
  });

  it('refuses what has no distance', () => {
    expect(() => krippendorffAlpha([[1, Number.NaN]], 'interval')).toThrow(RangeError);
    expect(() => krippendorffAlpha([[-1, 2]], 'ratio')).toThrow(RangeError);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentileInterval, quantile, resampleMeans } from '../../src/statistics/bootstrap';
import { normalDeviates } from './normal';

const options = { resamples: 4000, seed: 3 };

describe('quantile', () => {
  it('interpolates between order statistics as NumPy does by default', () => {
    // numpy.quantile([1, 2, 4, 8], p)
    expect(quantile([1, 2, 4, 8], 0)).toBe(1);
    expect(quantile([1, 2, 4, 8], 0.25)).toBe(1.75);
    expect(quantile([1, 2, 4, 8], 0.5)).toBe(3);
    expect(quantile([1, 2, 4, 8], 0.9)).toBeCloseTo(6.8, 12);
    expect(quantile([1, 2, 4, 8], 1)).toBe(8);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
    expect(() => quantile([1], 1.5)).toThrow(RangeError);
  });

  it('gives the 2.5% and 97.5% points', () => {
    const values = Float64Array.from({ length: 1001 }, (_, i) => 1000 - i);
    const { low, high } = percentileInterval(values);
    expect(low).toBeCloseTo(25, 9);
    expect(high).toBeCloseTo(975, 9);
    expect(percentileInterval(values, 0.5)).toEqual({ low: 250, high: 750 });
    expect(values[0]).toBe(1000);
  });
});

describe('bootstrap of means', () => {
  it('agrees with the normal interval of a mean for many items', () => {
    const n = 2000;
    const values = normalDeviates(n, 11).map((z) => 5 + 2 * z);
    const mean = values.reduce((a, b) => a + b, 0) / n;
    const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / n);
    const { low, high } = percentileInterval(resampleMeans(values, n, options));
    const half = (1.959964 * sd) / Math.sqrt(n);
    expect(low).toBeGreaterThan(mean - half * 1.06);
    expect(low).toBeLessThan(mean - half * 0.94);
    expect(high).toBeGreaterThan(mean + half * 0.94);
    expect(high).toBeLessThan(mean + half * 1.06);
  });

  it('has the standard deviation sigma / sqrt(n)', () => {
    const values = Float64Array.of(0, 0, 0, 1, 1, 0, 1, 0, 0, 0);
    const means = resampleMeans(values, 10, { resamples: 20_000, seed: 1 });
    const mean = means.reduce((a, b) => a + b, 0) / means.length;
    const variance = means.reduce((a, b) => a + (b - mean) ** 2, 0) / means.length;
    expect(mean).toBeCloseTo(0.3, 2);
    expect(variance).toBeCloseTo((0.3 * 0.7) / 10, 3);
  });

  it('resamples all rows alike: a row’s values do not depend on the others', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.integer({ min: 0, max: 1000 }),
        (row, seed) => {
          const other = row.map((value) => value / 2 - 1);
          const few = { resamples: 20, seed };
          const both = resampleMeans(Float64Array.from([...other, ...row]), row.length, few);
          const alone = resampleMeans(Float64Array.from(row), row.length, few);
          expect([...both.subarray(20)]).toEqual([...alone]);
        },
      ),
    );
  });

  it('draws by (seed, purpose) alone', () => {
    const values = normalDeviates(50, 1);
    const draw = (seed: number, purpose?: string) =>
      resampleMeans(values, 50, { resamples: 10, seed, ...(purpose ? { purpose } : {}) });
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1)).not.toEqual(draw(1, 'elsewhere'));
  });

  it('refuses what it cannot resample', () => {
    expect(() => resampleMeans(Float64Array.of(1, 2, 3), 2, options)).toThrow('not rows of 2');
    expect(() => resampleMeans(Float64Array.of(), 0, options)).toThrow('count is 0');
    expect(() => resampleMeans(Float64Array.of(Number.NaN), 1, options)).toThrow('not finite');
    expect(() => resampleMeans(Float64Array.of(1), 1, { resamples: 0, seed: 1 })).toThrow(
      'resamples is 0',
    );
  });
});

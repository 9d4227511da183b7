import { describe, expect, it } from 'vitest';
import { builtInMethods } from '../../src/shared/catalogue/methods';
import { summariseCurves } from '../../src/statistics/curves';
import { summariseDefined, summariseValues } from '../../src/statistics/values';
import { normalDeviates } from './normal';

const methods = ['smoothgrad', 'sobel', 'random'].map((id) => {
  const found = builtInMethods.find((method) => method.id === id);
  if (!found) throw new Error(id);
  return found;
});
const options = { randomIndex: 2, seed: 3, resamples: 400 };
const noise = normalDeviates(3 * 40, 5);
/** The first is far better than the others where higher is, which do not differ. */
const values = Float32Array.from(
  { length: 3 * 40 },
  (_, i) => (i < 40 ? 2 : 0) + 0.3 * (noise[i] ?? 0),
);

describe('values of single images', () => {
  it('give means and advantages worked by hand', () => {
    const input = { methods, values: Float32Array.from([1, 3, 2, 4, 0, 1]), ...options };
    const [a, b, random] = summariseValues({ ...input, better: 'higher' });
    expect([a?.mean, b?.mean, random?.mean]).toEqual([2, 3, 0.5]);
    expect([a?.advantage, b?.advantage, random?.advantage]).toEqual([1.5, 2.5, 0]);
    expect(summariseValues(input).map(({ advantage }) => advantage)).toEqual([-1.5, -2.5, 0]);
    expect(a?.n).toBe(2);
  });

  it('rank methods apart where their paired interval excludes 0, either way round', () => {
    const ranks = (better: 'lower' | 'higher') =>
      summariseValues({ methods, values, ...options, better }).map(({ rank }) => rank);
    expect(ranks('higher')).toEqual([1, 2, 2]);
    expect(ranks('lower')).toEqual([3, 1, 1]);
    const [, sobel] = summariseValues({ methods, values, ...options, better: 'higher' });
    expect(sobel?.tiedWith).toEqual(['random']);
  });

  it('have the means and intervals of a curve’s single point', () => {
    const [value] = summariseValues({ methods, values, ...options });
    const tied = values.map(() => 0);
    const [curve] = summariseCurves({ methods, levels: [0], scores: values, tied, ...options });
    const { mean, low, high } = curve?.points[0] ?? {};
    expect(value).toMatchObject({ low, high });
    expect(value?.mean).toBeCloseTo(mean ?? NaN, 12);
  });

  it('of one image have no interval and tie all methods', () => {
    const alone = summariseValues({ methods, values: Float32Array.from([1, 2, 3]), ...options });
    for (const { low, high, advantageLow, rank } of alone) {
      expect([low, high, advantageLow, rank]).toEqual([null, null, null, 1]);
    }
  });

  it('are refused by method and image where one is no number', () => {
    const broken = values.with(45, Number.NaN);
    expect(() => summariseValues({ methods, values: broken, ...options })).toThrow(
      'image 5 is NaN',
    );
    expect(() => summariseValues({ methods, values: values.subarray(1), ...options })).toThrow(
      RangeError,
    );
  });
});

describe('values that are not all defined', () => {
  const rows = (values: readonly number[], methodCount: number) =>
    summariseDefined({
      ...{ methods: methodCount, values: Float32Array.from(values), better: 'higher' },
      ...{ randomIndex: methodCount - 1, seed: 3, resamples: 400 },
    });

  it('leave the means of their methods, and count', () => {
    const [a, b, random] = rows([1, Number.NaN, 3, 2, 4, 6, 0, 1, Number.NaN], 3);
    expect(a).toMatchObject({ mean: 2, n: 2, advantage: 1.5 });
    expect(b).toMatchObject({ mean: 4, n: 3, advantage: 3.5 });
    expect(random).toMatchObject({ mean: 0.5, n: 2, advantage: 0 });
    // Every resampled mean is one of those that are there.
    expect(a?.low).toBe(1);
    expect(a?.high).toBe(3);
  });

  it('leave no mean, interval or rank where none is defined, and none of the others’ ties', () => {
    const none = [Number.NaN, Number.NaN, Number.NaN];
    const [a, b, random] = rows([...none, 2, 4, 6, 0, 1, 2], 3);
    expect(a).toEqual({
      ...{ mean: null, low: null, high: null, n: 0, rank: null, tiedWith: [] },
      ...{ advantage: null, advantageLow: null, advantageHigh: null },
    });
    expect([b?.tiedWith, random?.tiedWith].flat()).not.toContain(0);
    // And no advantage where random has none.
    const [c] = rows([2, 4, 6, ...none], 2);
    expect(c).toMatchObject({ mean: 4, n: 3, advantage: null, advantageLow: null, rank: 1 });
  });

  it('have no interval where one is defined', () => {
    const [a] = rows([5, Number.NaN, Number.NaN, 0, 1, 2], 2);
    expect(a).toMatchObject({ mean: 5, low: null, high: null, n: 1, rank: 1, tiedWith: [1] });
  });

  it('are those of the images that are defined where these are the same for all', () => {
    const gaps = values.map((value, i) => (i % 40 < 10 ? Number.NaN : value));
    const dense = values.filter((_, i) => i % 40 >= 10);
    const of = (all: Float32Array) =>
      summariseDefined({ methods: 3, values: all, ...options, resamples: 4000, better: 'higher' });
    of(gaps).forEach((gap, m) => {
      const whole = of(dense)[m];
      expect(gap.mean).toBeCloseTo(whole?.mean ?? Number.NaN, 12);
      expect(gap.rank).toBe(whole?.rank);
      // The bootstrap of 40 images draws about 30 of these.
      for (const bound of ['low', 'high', 'advantageLow', 'advantageHigh'] as const) {
        expect(Math.abs((gap[bound] ?? NaN) - (whole?.[bound] ?? NaN))).toBeLessThan(0.03);
      }
    });
  });
});

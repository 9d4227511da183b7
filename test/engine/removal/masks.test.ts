import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueAt } from '../../../src/shared/checked-reads';
import { canonicalLevel, removedCount } from '../../../src/shared/levels';
import { isRemoved, type Mask, randomMask, topMask } from '../../../src/engine/removal/mask';
import { paperLevels } from '../../../src/shared/catalogue/metrics';

const countOf = (mask: Mask, pixels: number) => {
  let count = 0;
  for (let pixel = 0; pixel < 8 * mask.length; pixel += 1) {
    if (isRemoved(mask, pixel)) {
      expect(pixel).toBeLessThan(pixels);
      count += 1;
    }
  }
  return count;
};

describe('removedCount', () => {
  it('rounds half up, on numbers worked by hand', () => {
    // 28 x 28 = 784: 78.4, 156.8, 235.2, 313.6, 392, 470.4, 548.8, 627.2, 705.6.
    const counts = paperLevels.map((level) => removedCount(level, 784));
    expect(counts).toEqual([0, 78, 157, 235, 314, 392, 470, 549, 627, 706]);
    expect(removedCount(1, 784)).toBe(784);
    expect(removedCount(0.5, 1)).toBe(1);
    expect(removedCount(0.5, 785)).toBe(393);
    expect(removedCount(0.25, 2)).toBe(1);
    expect(removedCount(0.4, 1)).toBe(0);
  });

  it('is not deceived by binary fractions', () => {
    // 14.5 exactly, although 0.29 * 50 is 14.499999999999998 in floats.
    expect(0.29 * 50).toBeLessThan(14.5);
    expect(removedCount(0.29, 50)).toBe(15);
    // 0.1 * 3 = 0.30000000000000004; 0.3 of 5 is 1.5.
    expect(removedCount(0.1 * 3, 5)).toBe(2);
    expect(canonicalLevel(0.1 * 3)).toBe(0.3);
    expect(() => removedCount(1.1, 4)).toThrow(RangeError);
    expect(() => removedCount(NaN, 4)).toThrow(RangeError);
  });

  it('equals integer arithmetic for every level in thousandths', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.integer({ min: 1, max: 100_000 }),
        (t, p) => {
          expect(removedCount(t / 1000, p)).toBe(Math.floor((2 * t * p + 1000) / 2000));
        },
      ),
    );
  });
});

describe('random masks', () => {
  const options = { seed: 3, level: 0.3, image: 17, pixels: 784, split: 'train' } as const;

  it('remove exactly the stated count, whatever the size', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 400 }),
        fc.nat(),
        (level, pixels, image) => {
          const mask = randomMask({ ...options, level, pixels, image });
          expect(countOf(mask, pixels)).toBe(removedCount(level, pixels));
        },
      ),
    );
  });

  it('come from (seed, level, image, split, epoch) alone', () => {
    const mask = randomMask(options);
    expect(randomMask({ ...options, level: 0.1 * 3 })).toEqual(mask);
    const others = [
      { ...options, seed: 4 },
      { ...options, image: 18 },
      { ...options, split: 'validation' as const },
      { ...options, epoch: 0 },
      { ...options, epoch: 1 },
    ].map(randomMask);
    const distinct = new Set([mask, ...others].map((one) => one.join()));
    expect(distinct.size).toBe(6);
    // Levels are drawn apart: a smaller one is no part of a larger one.
    const larger = randomMask({ ...options, level: 0.5 });
    const shared = mask.map((byte, i) => byte & valueAt(larger, i));
    expect(countOf(shared, 784)).toBeLessThan(235);
  });

  it('are uniform: each location is removed equally often, each pair too', () => {
    // 4,000 masks of 3 of 10: a location's count is binomial, 1200 ± 29; a pair's share is
    // 3/10 · 2/9, 267 ± 16. Six deviations.
    const pixels = 10;
    for (const [level, single, pair] of [
      [0.3, 1200, 267],
      [0.7, 2800, 1867],
    ] as const) {
      const singles = new Array<number>(pixels).fill(0);
      let adjacent = 0;
      for (let image = 0; image < 4000; image += 1) {
        const mask = randomMask({ ...options, pixels, level, image });
        for (let p = 0; p < pixels; p += 1)
          if (isRemoved(mask, p)) singles[p] = valueAt(singles, p) + 1;
        if (isRemoved(mask, 8) && isRemoved(mask, 9)) adjacent += 1;
      }
      for (const count of singles) expect(Math.abs(count - single)).toBeLessThan(175);
      expect(Math.abs(adjacent - pair)).toBeLessThan(190);
    }
  });
});

describe('topMask', () => {
  it('is nested in the count', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat({ max: 60 }), { minLength: 61, maxLength: 61 }),
        fc.nat({ max: 61 }),
        fc.nat({ max: 61 }),
        (order, a, b) => {
          const [low, high] = [topMask(order, Math.min(a, b)), topMask(order, Math.max(a, b))];
          expect(countOf(low, 61)).toBe(Math.min(a, b));
          low.forEach((byte, i) => expect(byte & valueAt(high, i)).toBe(byte));
        },
      ),
    );
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deriveSeed } from '../../src/shared/seeds';

test('gives two non-negative int32, the same each time', () => {
  fc.assert(
    fc.property(
      fc.maxSafeInteger(),
      fc.string(),
      fc.array(fc.oneof(fc.double(), fc.string())),
      (seed, purpose, items) => {
        const pair = deriveSeed(seed, purpose, ...items);
        for (const half of pair) {
          expect(Number.isInteger(half)).toBe(true);
          expect(half).toBeGreaterThanOrEqual(0);
          expect(half).toBeLessThan(2 ** 31);
        }
        expect(deriveSeed(seed, purpose, ...items)).toEqual(pair);
      },
    ),
  );
});

test('never changes: stored results depend on it', () => {
  expect(deriveSeed(0, 'noise', 7)).toEqual([567463669, 1191728421]);
  expect(deriveSeed(2147483647, 'train-mask', 0.1, 59999)).toEqual([85792358, 585826162]);
});

test('tells apart what is not the same', () => {
  const seeds = [
    deriveSeed(1, 'noise', 0),
    deriveSeed(0, 'noise', 1),
    deriveSeed(0, 'noise', '1'),
    deriveSeed(0, 'noise'),
    deriveSeed(0, 'noise', 0, 0),
    deriveSeed(0, 'nois', 'e'),
    deriveSeed(0, 'noise', 'a', 'b'),
    deriveSeed(0, 'noise', 'ab'),
    deriveSeed(0, 'noise', 0.1),
    deriveSeed(0, 'noise', -1),
  ];
  expect(new Set(seeds.map(String)).size).toBe(seeds.length);
});

test('spreads consecutive items evenly', () => {
  const count = 20_000;
  const first = Array.from({ length: count }, (_, item) => deriveSeed(3, 'ties', item));
  expect(new Set(first.map(String)).size).toBe(count);
  for (const half of [0, 1] as const) {
    const mean = first.reduce((sum, pair) => sum + pair[half] / 2 ** 31, 0) / count;
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / count));
  }
});

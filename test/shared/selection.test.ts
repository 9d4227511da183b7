import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededPermutation, stratifiedIndices } from '../../src/shared/selection';

const labels = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 80 });
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

describe('seededPermutation', () => {
  it('holds every index once and depends on seed, purpose and item', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), seeds, (count, seed) => {
        const order = seededPermutation(count, seed, 'images', 3);
        expect([...order].sort((a, b) => a - b)).toEqual([...order.keys()]);
      }),
    );
    const base = seededPermutation(50, 1, 'images', 3);
    expect(seededPermutation(50, 1, 'images', 3)).toEqual(base);
    expect(seededPermutation(50, 2, 'images', 3)).not.toEqual(base);
    expect(seededPermutation(50, 1, 'other', 3)).not.toEqual(base);
    expect(seededPermutation(50, 1, 'images', 4)).not.toEqual(base);
  });

  it('reaches every order of three about equally often', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 6000; seed += 1) {
      const key = seededPermutation(3, seed, 'images', 0).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe('stratifiedIndices', () => {
  it('takes as many of each class as of any other, nested in count, ascending and once each', () => {
    fc.assert(
      fc.property(labels, seeds, fc.nat(), (all, seed, raw) => {
        const count = raw % (all.length + 1);
        const chosen = stratifiedIndices(all, count, seed);
        expect(chosen).toHaveLength(count);
        expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => a - b));
        const taken = (label: number) => chosen.filter((i) => all[i] === label).length;
        const held = (label: number) => all.filter((other) => other === label).length;
        const most = Math.max(0, ...all.map(taken));
        for (const label of new Set(all)) {
          if (taken(label) < held(label)) expect(taken(label)).toBeGreaterThanOrEqual(most - 1);
        }
        if (count < all.length) {
          expect(stratifiedIndices(all, count + 1, seed)).toEqual(expect.arrayContaining(chosen));
        }
      }),
    );
  });

  it('refuses a count that the split cannot give', () => {
    expect(() => stratifiedIndices([0, 1], 3, 0)).toThrow(RangeError);
    expect(() => stratifiedIndices([0, 1], -1, 0)).toThrow(RangeError);
  });
});

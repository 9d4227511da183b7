import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { complexity } from '../../../src/engine/metrics/complexity';
import { sparseness } from '../../../src/engine/metrics/sparseness';
import { G } from './toys';

const maps = fc
  .array(fc.float({ min: 0, max: 8, noNaN: true }), { minLength: 2, maxLength: 40 })
  .map((values) => Float32Array.from(values, (value) => Math.round(value * 64) / 64))
  .filter((map) => map.some((value) => value > 0));

describe('sparseness and complexity', () => {
  it.each([
    [[4, 3, 2, 1], 0.25, 1.279854],
    [[...G], 0.296296, 2.049841],
    [[1, 0, 0, 0], 0.75, 0],
    [[3, 3, 3, 3, 3], 0, Math.log(5)],
  ])('of %j are %d and %d', (map, gini, entropy) => {
    expect(sparseness(Float32Array.from(map))).toBeCloseTo(gini, 6);
    expect(complexity(Float32Array.from(map))).toBeCloseTo(entropy, 6);
  });

  it('are undefined of a map that is 0', () => {
    expect(sparseness(new Float32Array(9))).toBeNull();
    expect(complexity(new Float32Array(9))).toBeNull();
  });

  it.each([sparseness, complexity])('refuse what is no share of a map: %o', (metric) => {
    expect(() => metric(Float32Array.of(1, Number.NaN), 'the map of image 3')).toThrow(
      /the map of image 3 at pixel 1 is NaN/,
    );
    expect(() => metric(Float32Array.of(Infinity, 1))).toThrow(/no finite number/);
    expect(() => metric(Float32Array.of(1, -2))).toThrow(/map at pixel 1 is -2; accepted/);
  });

  it('stay within their ranges, and know neither scale nor place', () => {
    fc.assert(
      fc.property(maps, (map) => {
        const pixels = map.length;
        const [gini = -1, entropy = -1] = [sparseness(map) ?? -1, complexity(map) ?? -1];
        expect(gini).toBeGreaterThanOrEqual(-1e-12);
        expect(gini).toBeLessThanOrEqual(1 - 1 / pixels + 1e-12);
        expect(entropy).toBeGreaterThanOrEqual(-1e-12);
        expect(entropy).toBeLessThanOrEqual(Math.log(pixels) + 1e-12);
        const other = map.map((value) => value * 4).reverse();
        expect(sparseness(other)).toBeCloseTo(gini, 9);
        expect(complexity(other)).toBeCloseTo(entropy, 9);
      }),
    );
  });
});

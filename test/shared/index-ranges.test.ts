import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countIn,
  inBoth,
  indicesIn,
  isIn,
  placesIn,
  rangesOf,
} from '../../src/shared/index-ranges';

const indices = fc
  .uniqueArray(fc.nat(400), { maxLength: 200 })
  .map((all) => all.sort((a, b) => a - b));

describe('ranges of indices', () => {
  it('hold the indices that they were made of, each at its place', () => {
    fc.assert(
      fc.property(indices, (all) => {
        const ranges = rangesOf(all);
        const placeOf = placesIn(ranges);
        expect(indicesIn(ranges)).toEqual(all);
        expect(countIn(ranges)).toBe(all.length);
        for (let wanted = -1; wanted <= 402; wanted += 1) {
          const place = all.indexOf(wanted);
          expect(placeOf(wanted)).toBe(place < 0 ? null : place);
          expect(isIn(ranges, wanted)).toBe(place >= 0);
        }
      }),
    );
  });

  it('share what both hold', () => {
    fc.assert(
      fc.property(indices, indices, (a, b) => {
        const both = a.filter((index) => b.includes(index));
        expect(indicesIn(inBoth(rangesOf(a), rangesOf(b)))).toEqual(both);
      }),
    );
  });

  it('are looked up without a walk: every one of 100,000 scattered images', () => {
    const scattered = Array.from({ length: 100_000 }, (_, i) => 3 * i);
    const ranges = rangesOf(scattered);
    const placeOf = placesIn(ranges);
    const begun = performance.now();
    expect(scattered.every((image, i) => placeOf(image) === i && isIn(ranges, image))).toBe(true);
    // A walk takes 5,000,000,000 steps.
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});

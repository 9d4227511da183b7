import fc from 'fast-check';
import { expect, it } from 'vitest';
import { areaUnderRoc } from '../../src/statistics/roc-area';

it('counts pairs: those in order whole, ties half', () => {
  const values = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.boolean()), {
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(values, (labelled) => {
      const [positive, negative] = [true, false].map((which) =>
        labelled.flatMap(([value, inside]) => (inside === which ? [value] : [])),
      );
      const pairs = (positive ?? []).flatMap((p) =>
        (negative ?? []).map((n) => (p > n ? 1 : p === n ? 0.5 : 0)),
      );
      const area = areaUnderRoc(
        labelled.map(([value]) => value),
        (index) => labelled[index]?.[1] === true,
      );
      if (pairs.length === 0) expect(area).toBeNull();
      else
        expect(area).toBeCloseTo(pairs.reduce((sum: number, p) => sum + p, 0) / pairs.length, 12);
    }),
  );
});

it('refuses a value that is not finite', () => {
  expect(() => areaUnderRoc([1, Infinity], (i) => i === 0)).toThrow(RangeError);
});

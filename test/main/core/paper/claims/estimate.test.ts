import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allAbove,
  average,
  combine,
  intervalOf,
  minus,
  sideOf,
} from '../../../../../src/main/core/paper/claims/estimate';

const estimate = fc
  .tuple(
    fc.double({ min: -5, max: 5, noNaN: true }),
    fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 50, maxLength: 50 }),
  )
  .map(([value, draws]) => ({ value, draws: Float64Array.from(draws) }));

describe('figures with resamples', () => {
  it('a difference and its reverse lie on opposite sides', () => {
    const opposite = { above: 'below', below: 'above', open: 'open' } as const;
    fc.assert(
      fc.property(estimate, estimate, (a, b) => {
        expect(sideOf(minus(b, a))).toBe(opposite[sideOf(minus(a, b))]);
      }),
    );
  });

  it('a figure does not differ from itself', () => {
    fc.assert(
      fc.property(estimate, (a) => {
        expect(intervalOf(minus(a, a))).toEqual({ low: 0, high: 0 });
        expect(allAbove([minus(a, a)])).toBe('undecided');
      }),
    );
  });

  it('means are taken within each resample', () => {
    const a = { value: 1, draws: Float64Array.of(1, 2) };
    const b = { value: 3, draws: Float64Array.of(5, 0) };
    expect(average([a, b])).toEqual({ value: 2, draws: Float64Array.of(3, 1) });
  });

  it('without resamples on one side nothing is decided', () => {
    const bare = { value: 9, draws: null };
    expect(allAbove([bare])).toBe('undecided');
    expect(combine([bare, { value: 1, draws: Float64Array.of(1) }], () => 1).draws).toBeNull();
  });

  it('one difference against is enough, none is not held', () => {
    const up = { value: 1, draws: new Float64Array(99).fill(1) };
    const down = { value: -1, draws: new Float64Array(99).fill(-1) };
    expect(allAbove([up, up])).toBe('held');
    expect(allAbove([up, down])).toBe('not-held');
    expect(allAbove([])).toBe('undecided');
  });
});

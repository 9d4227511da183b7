import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { probabilityOf, softmax } from '../../src/statistics/softmax';

const logits = fc.array(fc.double({ min: -60, max: 60, noNaN: true }), {
  minLength: 2,
  maxLength: 12,
});

describe('softmax', () => {
  it('has the values worked by hand', () => {
    // e^0 : e^ln 3 is 1 : 3.
    const [first, second] = softmax([0, Math.log(3)]);
    expect(first).toBeCloseTo(0.25, 15);
    expect(second).toBeCloseTo(0.75, 15);
    expect([...softmax([1000, 1000])]).toEqual([0.5, 0.5]);
  });

  it('sums to 1, whatever is added to all logits', () => {
    fc.assert(
      fc.property(logits, fc.integer({ min: -500, max: 500 }), (z, shift) => {
        const p = softmax(z);
        expect(p.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
        softmax(z.map((value) => value + shift)).forEach((value, k) => {
          expect(value).toBeCloseTo(p[k] ?? 0, 10);
        });
      }),
    );
  });

  it('refuses what is not finite, and no logits', () => {
    for (const z of [[], [0, Number.NaN], [Infinity, 0]]) {
      expect(() => softmax(z)).toThrow(RangeError);
      expect(() => probabilityOf(z, 0)).toThrow(RangeError);
    }
    expect(() => probabilityOf([0, 1], 2)).toThrow('no class 2');
  });
});

describe('a class’s probability', () => {
  it('knows how far it is from 1, where a difference would give 0', () => {
    // Of two classes 1 - p is 1 / (1 + e^m), and log p is -log(1 + e^-m).
    for (const margin of [1, 20, 50, 300]) {
      const { p, others, logarithm } = probabilityOf([0, margin], 1);
      const expected = 1 / (1 + Math.exp(margin));
      expect(Math.abs(others / expected - 1)).toBeLessThan(1e-14);
      expect(Math.abs(logarithm / -Math.log1p(Math.exp(-margin)) - 1)).toBeLessThan(1e-14);
      expect(p).toBe(1 / (1 + Math.exp(-margin)));
    }
  });

  it('has a logarithm where it underflows itself', () => {
    expect(probabilityOf([0, 2000], 0)).toEqual({ p: 0, others: 1, logarithm: -2000 });
  });

  it('is what softmax says, and with the others 1', () => {
    fc.assert(
      fc.property(logits, fc.nat(11), (z, chosen) => {
        const target = chosen % z.length;
        const { p, others, logarithm } = probabilityOf(z, target);
        expect(p).toBe(softmax(z)[target]);
        expect(p + others).toBeCloseTo(1, 12);
        expect(logarithm).toBeCloseTo(Math.log(p), 10);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ratesAt, type Schedule } from '../../../src/engine/models/schedule';
import { relativeError } from '../support';
import { reference } from './resnet18-fixture';

test('a constant rate is the recipe’s, and leaves momentum alone', () => {
  const rates = ratesAt({ kind: 'constant' }, 0.1, { step: 17, steps: 5 });
  expect(rates).toEqual({ learningRate: 0.1 });
});

test('steps are those of PyTorch’s StepLR', () => {
  // Two steps an epoch; the fixture has an epoch a value.
  const rates = Array.from({ length: 14 }, (_, step) =>
    ratesAt({ kind: 'step', every: 2, factor: 0.3 }, 0.1, { step, steps: 2 }),
  );
  const expected = [...reference('step.rates')].flatMap((rate) => [rate, rate]);
  const learningRates = rates.map(({ learningRate }) => learningRate);
  expect(relativeError(learningRates, expected)).toBeLessThan(1e-6);
});

describe('one cycle', () => {
  const schedule: Schedule = { kind: 'one-cycle', epochs: 2 };

  test('is PyTorch’s OneCycleLR, of the rate and of momentum', () => {
    const rates = Array.from({ length: 20 }, (_, step) =>
      ratesAt(schedule, 0.1, { step, steps: 10 }),
    );
    const part = (pick: (rate: (typeof rates)[number]) => number | undefined) =>
      rates.map((rate) => pick(rate) ?? NaN);
    expect(
      relativeError(
        part(({ learningRate }) => learningRate),
        reference('one-cycle.rates'),
      ),
    ).toBeLessThan(1e-6);
    expect(
      relativeError(
        part(({ momentum }) => momentum),
        reference('one-cycle.momenta'),
      ),
    ).toBeLessThan(1e-6);
  });

  test('rises to its peak and falls to its end, momentum the other way', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 5, max: 40 }),
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        (epochs, steps, rising) => {
          const all = Array.from({ length: epochs * steps }, (_, step) =>
            ratesAt({ kind: 'one-cycle', epochs, rising }, 1, { step, steps }),
          );
          const top = rising * epochs * steps - 1;
          all.forEach(({ learningRate, momentum = NaN }, step) => {
            expect(learningRate).toBeGreaterThan(0);
            expect(learningRate).toBeLessThanOrEqual(1);
            expect(momentum).toBeGreaterThanOrEqual(0.85 - 1e-12);
            expect(momentum).toBeLessThanOrEqual(0.95 + 1e-12);
            const next = all[step + 1];
            if (!next || (step <= top && step + 1 > top)) return;
            const up = step + 1 <= top;
            expect(Math.sign(next.learningRate - learningRate)).toBe(up ? 1 : -1);
            expect(Math.sign((next.momentum ?? NaN) - momentum)).toBe(up ? -1 : 1);
          });
          expect(all.at(-1)?.learningRate).toBeCloseTo(4e-6, 12);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('begins at its peak where one step alone would rise', () => {
    const short = { kind: 'one-cycle', epochs: 1, rising: 0.2 } as const;
    const { learningRate } = ratesAt(short, 0.1, { step: 0, steps: 5 });
    expect(learningRate).toBeCloseTo(0.1, 12);
  });

  test('has no step beyond its epochs', () => {
    expect(() => ratesAt(schedule, 0.1, { step: 20, steps: 10 })).toThrow('beyond the 20 steps');
  });
});

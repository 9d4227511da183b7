import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadPaper, type PaperTable } from '../../src/main/core/paper/paper';
import { ratingLabels } from '../../src/shared/ratings/questions';
import { kendallTauB, rankCorrelation, spearman } from '../../src/statistics/correlation';
import { midRanks } from '../../src/statistics/ranks';

const { tables } = loadPaper('resources');
const score = (label: string) => ratingLabels.findIndex((known) => known === label) + 1;
const cells = (table: PaperTable) => table.rows.flatMap((row) => row.cells.map(score));
const column = (table: PaperTable, dataset: number) =>
  table.rows.map((row) => score(row.cells[dataset] ?? ''));
const total = (table: PaperTable, method: string) =>
  table.rows
    .find((row) => row.method === method)
    ?.cells.map(score)
    .reduce((sum, value) => sum + value, 0);

describe('rank correlation on the paper’s two tables, published values', () => {
  it('over all 27 cells', () => {
    const [one, two] = [cells(tables[0]), cells(tables[1])];
    expect(spearman(one, two)).toBeCloseTo(0.7226, 4);
    expect(kendallTauB(one, two)).toBeCloseTo(0.639, 4);
  });

  it.each([
    [0, 'MNIST', 0.7456, 0.6774],
    [1, 'CIFAR10', 0.5845, 0.4913],
    [2, 'Tiny ImageNet', 0.871, 0.8101],
  ])('within dataset %i, %s', (dataset, name, rho, tau) => {
    expect(tables[0].datasets[dataset]).toBe(name);
    const [one, two] = [column(tables[0], dataset), column(tables[1], dataset)];
    expect(spearman(one, two)).toBeCloseTo(rho, 4);
    expect(kendallTauB(one, two)).toBeCloseTo(tau, 4);
  });

  it('row totals name the methods that the text names', () => {
    const totals = (table: PaperTable) => table.rows.map((row) => total(table, row.method) ?? 0);
    expect(total(tables[0], 'smoothgrad')).toBe(10);
    expect(Math.max(...totals(tables[0]))).toBe(10);
    expect(totals(tables[0]).filter((value) => value === 10)).toHaveLength(1);
    expect(total(tables[1], 'smoothed-integrated-gradients')).toBe(11);
    expect(total(tables[1], 'smoothed-guided-backprop')).toBe(11);
    expect(total(tables[1], 'smoothgrad')).toBe(10);
    expect(totals(tables[1]).filter((value) => value >= 10)).toHaveLength(3);
  });
});

describe('rank correlation', () => {
  it('is not defined for a constant side or a single pair', () => {
    expect(spearman([1, 1, 1], [1, 2, 3])).toBeNull();
    expect(kendallTauB([1], [2])).toBeNull();
    expect(kendallTauB([1, 2], [3, 3])).toBeNull();
  });

  it('of long lists is Spearman’s, and 1 itself of equal ones', () => {
    const list = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 9 }), fc.double({ noNaN: true, noDefaultInfinity: true })),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(list, (pairs) => {
        const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
        const expected = spearman(x, y);
        if (expected === null) expect(rankCorrelation(x, y)).toBeNull();
        else expect(rankCorrelation(x, y)).toBeCloseTo(expected, 12);
        expect(rankCorrelation(y, y)).toBe(spearman(y, y) === null ? null : 1);
      }),
    );
    expect(() => rankCorrelation([1], [1, 2])).toThrow(RangeError);
    expect(() => rankCorrelation([1, Number.NaN], [1, 2])).toThrow(RangeError);
  });

  it('refuses sides of different length and values that are not finite', () => {
    expect(() => spearman([1, 2], [1])).toThrow(RangeError);
    expect(() => kendallTauB([1, Number.NaN], [1, 2])).toThrow(RangeError);
  });

  it('is 1 with itself, symmetric, odd under reversal and blind to monotone changes', () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer()), {
      minLength: 2,
      maxLength: 30,
    });
    fc.assert(
      fc.property(pairs, (list) => {
        const x = list.map(([a]) => a);
        const y = list.map(([, b]) => b);
        for (const correlation of [spearman, kendallTauB]) {
          const value = correlation(x, y);
          if (value === null) continue;
          expect(correlation(x, x)).toBeCloseTo(1, 12);
          expect(correlation(y, x)).toBeCloseTo(value, 12);
          expect(
            correlation(
              x,
              y.map((b) => -b),
            ),
          ).toBeCloseTo(-value, 12);
          expect(
            correlation(
              x.map((a) => a ** 3 + 2),
              y,
            ),
          ).toBeCloseTo(value, 12);
        }
      }),
    );
  });
});

describe('mid-ranks', () => {
  it('shares the mean of the ranks among equals', () => {
    expect(midRanks([10, 20, 10, 30, 10])).toEqual([2, 4, 2, 5, 2]);
    expect(midRanks([])).toEqual([]);
  });

  it('sums to n (n + 1) / 2', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 })), (values) => {
        const sum = midRanks(values).reduce((a, b) => a + b, 0);
        expect(sum).toBe((values.length * (values.length + 1)) / 2);
      }),
    );
  });
});

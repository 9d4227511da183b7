import { describe, expect, it } from 'vitest';
import { computeResults } from '../../../../src/main/core/analysis/compute-results';
import { type ComparedAreas } from '../../../../src/main/core/analysis/input';
import { columnsOf, scoreOf } from '../../../../src/main/core/analysis/order';
import {
  paperCorrelations,
  paperFriedman,
} from '../../../../src/main/core/analysis/paper-statistics';
import { questionIds } from '../../../../src/shared/ratings/questions';
import { type Correlation } from '../../../../src/shared/ratings/results';
import { crossed, formula, input, paper, row } from './made';
import { datasetNames } from '../../../fixtures/datasets';

const find = (
  list: readonly Correlation[],
  against: Correlation['against'],
  dataset: string,
  statistic: Correlation['statistic'],
) => list.find((e) => e.against === against && e.dataset === dataset && e.statistic === statistic);

describe('the paper’s own tables', () => {
  const list = paperCorrelations(paper, datasetNames);
  const value = (dataset: string, statistic: Correlation['statistic']) =>
    find(list, 'edge-differentiation', dataset, statistic);

  it('correlate over 27 cells and within datasets as published', () => {
    expect(value('all', 'spearman')?.value).toBeCloseTo(0.7226, 4);
    expect(value('all', 'kendall-tau-b')?.value).toBeCloseTo(0.639, 4);
    expect(value('all', 'spearman')).toMatchObject({ n: 27, p: null, low: null, high: null });
    expect(value('mnist', 'spearman')?.value).toBeCloseTo(0.7456, 4);
    expect(value('cifar10', 'spearman')?.value).toBeCloseTo(0.5845, 4);
    expect(value('tiny-imagenet', 'spearman')?.value).toBeCloseTo(0.871, 4);
    expect(value('pooled', 'spearman')?.value).toBeCloseTo((0.7456 + 0.5845 + 0.871) / 3, 3);
    expect(value('mnist', 'kendall-tau-b')?.value).toBeCloseTo(0.6774, 4);
    expect(value('cifar10', 'kendall-tau-b')?.value).toBeCloseTo(0.4913, 4);
    expect(value('tiny-imagenet', 'kendall-tau-b')?.value).toBeCloseTo(0.8101, 4);
    const p = value('mnist', 'spearman')?.p ?? 1;
    expect(p).toBeGreaterThan(0.01);
    expect(p).toBeLessThan(0.05);
  });

  it('differ between methods by Friedman’s test as published: not shown', () => {
    const [one, two] = paperFriedman(paper);
    expect(one).toMatchObject({
      question: 'visual-coherence',
      degrees: 8,
      blocks: 3,
      treatments: 9,
    });
    expect(one?.statistic).toBeCloseTo(6.523, 3);
    expect(one?.p).toBeCloseTo(0.589, 3);
    expect(two?.statistic).toBeCloseTo(11.69, 3);
    expect(two?.p).toBeCloseTo(0.166, 3);
    expect(one?.sentence).toContain('No difference between the 9 methods');
    expect(one?.sentence).toContain('Three datasets cannot rank nine methods.');
  });

  it('come out the same when given as ratings of two raters on two images', () => {
    const ratings = paper.flatMap((table) =>
      table.rows.flatMap(({ method, cells }) =>
        columnsOf(datasetNames, table).flatMap((dataset, column) =>
          ['R1', 'R2'].flatMap((rater) =>
            ['0', '1'].map((image) =>
              row({
                dataset: dataset ?? '',
                ...{ image, rater, method },
                question: table.question,
                score: scoreOf(cells[column] ?? 'Very Low'),
              }),
            ),
          ),
        ),
      ),
    );
    const results = computeResults(input({ ratings }));
    expect(results.tables).toHaveLength(54);
    expect(results.tables.every(({ label, paper: printed }) => label === printed)).toBe(true);
    for (const { dataset, statistic, value: published } of list) {
      const found = find(results.correlation, 'edge-differentiation', dataset, statistic);
      expect(found?.value).toBeCloseTo(published ?? NaN, 12);
      // Raters and images agree in everything, so that no resample differs.
      expect(found?.low).toBeCloseTo(published ?? NaN, 12);
      expect(found?.high).toBeCloseTo(published ?? NaN, 12);
    }
  });
});

/** Three methods and random, whose advantages are 3, 2, 1 on every image, give or take `noise`. */
function roar(dataset: string, noise = 0): ComparedAreas {
  const images = 6;
  const swing = (m: number, i: number) => noise * Math.sin(3 * m + 5 * i);
  return {
    dataset,
    areas: {
      methods: ['random', 'a', 'b', 'c'],
      areas: Float64Array.from({ length: 4 * images }, (_, at) => {
        const [m, i] = [Math.floor(at / images), at % images];
        return m === 0 ? 5 : 5 - (4 - m) + swing(m, i);
      }),
      random: new Float64Array(images).fill(5),
      better: 'lower',
    },
    reason: null,
  };
}

describe('human against ROAR', () => {
  const methods = ['a', 'b', 'c', 'random'];
  const agreeing = ({ method }: { method: number }) => [5, 4, 2, 1][method] ?? 1;

  it('is positive where what raters like has a larger advantage, without the random control', () => {
    const results = computeResults(
      input({
        ratings: crossed({ raters: 3, images: 3, methods }, agreeing),
        roar: [roar('mnist')],
      }),
    );
    for (const question of questionIds) {
      const found = results.correlation.filter(
        (entry) => entry.question === question && entry.against === 'roar-advantage',
      );
      expect(found.map(({ dataset }) => dataset)).toEqual(['mnist', 'pooled', 'mnist', 'pooled']);
      for (const entry of found) {
        expect(entry).toMatchObject({ value: 1, low: 1, high: 1, n: 3, reason: null });
        // Two of six orders.
        expect(entry.p).toBeCloseTo(1 / 3, 12);
      }
    }
    expect(
      results.notes.some((note) => note.includes('left out of the comparison with ROAR')),
    ).toBe(true);
  });

  it('has an interval that ROAR’s own images widen', () => {
    const ratings = crossed({ raters: 3, images: 3, methods }, agreeing);
    const of = (noise: number) =>
      find(
        computeResults(input({ ratings, roar: [roar('mnist', noise)] })).correlation,
        'roar-advantage',
        'mnist',
        'spearman',
      );
    expect(of(0)?.low).toBe(1);
    expect(of(6)?.low).toBeLessThan(of(6)?.high ?? -2);
  });

  it('pools coefficients within datasets, and sets all cells together beside them', () => {
    const ratings = [
      ...crossed({ raters: 2, images: 3, methods }, agreeing),
      ...crossed({ raters: 2, images: 3, methods, dataset: 'cifar10' }, (at) => 6 - agreeing(at)),
    ];
    const { correlation } = computeResults(
      input({ ratings, roar: [roar('mnist'), roar('cifar10')] }),
    );
    const value = (dataset: string) => find(correlation, 'roar-advantage', dataset, 'spearman');
    expect(value('mnist')?.value).toBe(1);
    expect(value('cifar10')?.value).toBe(-1);
    expect(value('pooled')).toMatchObject({ value: 0, low: 0, high: 0, p: null, n: 6 });
    expect(value('all')?.n).toBe(6);
    expect(value('all')?.p).not.toBeNull();
  });

  it('says why there is none', () => {
    const { correlation } = computeResults(
      input({
        ratings: [
          ...crossed({ raters: 2, images: 2, methods }, agreeing),
          ...crossed({ raters: 2, images: 2, methods, dataset: 'cifar10' }, agreeing),
        ],
        roar: [roar('mnist'), { dataset: 'cifar10', areas: null, reason: 'Another model.' }],
      }),
    );
    expect(find(correlation, 'roar-advantage', 'cifar10', 'spearman')).toMatchObject({
      value: null,
      p: null,
      n: 0,
      reason: 'Another model.',
    });
    expect(find(correlation, 'roar-advantage', 'pooled', 'spearman')?.value).toBe(1);
    expect(find(correlation, 'roar-advantage', 'all', 'spearman')).toBeUndefined();
    // Random is a row of both tables like any other.
    expect(find(correlation, 'edge-differentiation', 'all', 'spearman')?.n).toBe(8);
  });

  it('has a value but no interval for one rater and one image', () => {
    const { correlation } = computeResults(
      input({
        ratings: crossed({ raters: 1, images: 1, methods }, agreeing),
        roar: [roar('mnist')],
      }),
    );
    const found = find(correlation, 'roar-advantage', 'mnist', 'kendall-tau-b');
    expect(found).toMatchObject({ value: 1, low: null, high: null });
    expect(found?.reason).toContain('One rater and one image');
  });

  it('has none where ROAR ran on one image, or a method has one label alone', () => {
    const ratings = crossed({ raters: 3, images: 3, methods }, agreeing);
    const of = (part: Parameters<typeof input>[0]) =>
      find(computeResults(input(part)).correlation, 'roar-advantage', 'mnist', 'spearman');
    const areas = {
      methods: ['a', 'b', 'c'],
      areas: Float64Array.of(2, 3, 4),
      random: Float64Array.of(5),
      better: 'lower' as const,
    };
    const single = of({ ratings, roar: [{ dataset: 'mnist', areas, reason: null }] });
    expect(single).toMatchObject({ value: 1, low: null, high: null });
    expect(single?.reason).toContain('ROAR run on one image');
    const alone = ratings.filter(
      ({ method, rater, image }) => method !== 'b' || (rater === 'R1' && image === '0'),
    );
    const found = of({ ratings: alone, roar: [roar('mnist')] });
    expect(found).toMatchObject({ value: 1, low: null, high: null });
    expect(found?.reason).toBe('One label alone leaves nothing to resample for an interval: b.');
    const { tables } = computeResults(input({ ratings: alone }));
    expect(tables.find(({ method }) => method === 'b')).toMatchObject({ n: 1, low: null });
    expect(tables.find(({ method }) => method === 'a')?.low).not.toBeNull();
  });

  it('is not defined where all methods are rated the same', () => {
    const { correlation } = computeResults(
      input({
        ratings: crossed({ raters: 2, images: 2, methods }, () => 3),
        roar: [roar('mnist')],
      }),
    );
    expect(find(correlation, 'roar-advantage', 'mnist', 'spearman')).toMatchObject({
      value: null,
      reason: 'All 3 methods have the same value on one side.',
    });
  });

  it('keeps its coefficient within its interval on spread data', () => {
    const { correlation } = computeResults(
      input({
        ratings: crossed({ raters: 6, images: 8, methods }, formula),
        roar: [roar('mnist', 1)],
      }),
    );
    for (const { value, low, high } of correlation) {
      if (value === null || low === null || high === null) continue;
      expect(low).toBeLessThanOrEqual(value);
      expect(high).toBeGreaterThanOrEqual(value);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeResults } from '../../../../src/main/core/analysis/compute-results';
import { type ComputedResults, type RatedRow } from '../../../../src/main/core/analysis/input';
import { ratingLabels } from '../../../../src/shared/ratings/questions';
import { studyResultsSchema } from '../../../../src/shared/ratings/results';
import { crossed, formula, input, row, studyMethods, usualStudy } from './made';

/** Of an answer with a NaN or a wrong shape this is not true. */
function fitsTheContract(results: ComputedResults): void {
  const computed = studyResultsSchema.pick({
    tables: true,
    agreement: true,
    kappas: true,
    friedman: true,
    correlation: true,
    raters: true,
    counted: true,
    leftOut: true,
    images: true,
    checks: true,
    filterNotes: true,
    notes: true,
    paper: true,
  });
  const { methods, datasets, ...rest } = results;
  expect(methods.every((id) => typeof id === 'string')).toBe(true);
  expect(datasets.every((id) => typeof id === 'string')).toBe(true);
  expect(computed.parse(rest)).toEqual(rest);
  expect(JSON.parse(JSON.stringify(rest))).toEqual(rest);
}

describe('tables', () => {
  const scores = [1, 2, 4, 4];
  const results = computeResults(
    input({
      ratings: [
        ...scores.map((score, i) =>
          row({ rater: `R${(i % 2) + 1}`, image: String(Math.floor(i / 2)), score }),
        ),
        row({ kind: 'repeat', repeat: 1, trial: '40', score: 5 }),
        row({ kind: 'practice', trial: '0', method: 'outline', score: 5 }),
        row({ kind: 'attention', trial: '9', method: 'flat', score: 1 }),
      ],
      methods: ['random', 'smoothgrad', 'vanilla-gradient'],
      datasets: ['mnist'],
    }),
  );
  const cell = results.tables.find(({ method }) => method === 'vanilla-gradient');

  it('show the lower of two middle labels, mean, n, distribution and the paper’s label', () => {
    expect(cell).toMatchObject({
      question: 'visual-coherence',
      dataset: 'mnist',
      median: 2,
      label: 'Low',
      mean: 2.75,
      n: 4,
      distribution: [1, 1, 0, 2, 0],
      paper: 'Very Low',
    });
    expect(results.counted).toBe(4);
  });

  it('give an interval of the mean that resamples raters and images', () => {
    // One of the images alone: 1.5 and 4 at the ends, whoever rates.
    expect(cell?.low).toBeGreaterThanOrEqual(1);
    expect(cell?.low).toBeLessThanOrEqual(1.5);
    expect(cell?.high).toBe(4);
  });

  it('have a row for each method of the study, rated or not, in the paper’s order', () => {
    expect(results.methods).toEqual(['vanilla-gradient', 'smoothgrad', 'random']);
    expect(results.tables.map(({ question, method }) => `${question} ${method}`)).toEqual(
      ['visual-coherence', 'edge-differentiation'].flatMap((question) =>
        results.methods.map((method) => `${question} ${method}`),
      ),
    );
    expect(results.tables[2]).toMatchObject({
      method: 'random',
      median: null,
      label: null,
      mean: null,
      n: 0,
      low: null,
      high: null,
      alpha: null,
      paper: null,
    });
    fitsTheContract(results);
  });

  it('take datasets and methods that nobody announced', () => {
    const others = computeResults(
      input({
        ratings: [
          row({ dataset: 'own', method: 'method-b' }),
          row({ dataset: 'tiny-imagenet', method: 'method-a', rater: 'R2' }),
          row({ dataset: 'cifar10', method: 'smoothgrad' }),
        ],
      }),
    );
    expect(others.methods).toEqual(['smoothgrad', 'method-a', 'method-b']);
    expect(others.datasets).toEqual(['cifar10', 'tiny-imagenet', 'own']);
    expect(others.tables).toHaveLength(2 * 3 * 3);
    fitsTheContract(others);
  });
});

describe('agreement', () => {
  const of = (ratings: RatedRow[], statistic: string) =>
    computeResults(input({ ratings })).agreement.filter(
      (entry) => entry.statistic === statistic && entry.question === 'visual-coherence',
    );

  it('is 1 throughout where all raters say the same', () => {
    const ratings = crossed(
      { raters: 3, images: 4, methods: ['a', 'b'] },
      ({ image, method }) => 1 + ((image + 2 * method) % 5),
    );
    expect(of(ratings, 'krippendorff-alpha-ordinal')).toMatchObject([
      { value: 1, low: 1, high: 1, n: 8, reason: null },
    ]);
    expect(of(ratings, 'percent-agreement')).toMatchObject([{ value: 1, low: 1, high: 1, n: 8 }]);
    expect(of(ratings, 'quadratic-weighted-kappa')).toMatchObject([
      { raters: ['R1', 'R2'], value: 1, n: 8 },
      { raters: ['R1', 'R3'], value: 1, n: 8 },
      { raters: ['R2', 'R3'], value: 1, n: 8 },
    ]);
  });

  it('reproduces Krippendorff’s example as ratings of twelve images by four raters', () => {
    const observers = [
      [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
      [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
      [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
      [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ];
    const ratings = observers.flatMap((list, rater) =>
      list.flatMap((score, image) =>
        score > 0 ? [row({ rater: `R${rater}`, image: String(image), score })] : [],
      ),
    );
    const [alpha] = of(ratings, 'krippendorff-alpha-ordinal');
    expect(alpha?.value).toBeCloseTo(0.815, 3);
    expect(alpha?.n).toBe(11);
    expect(alpha?.low).toBeLessThan(0.815);
    expect(alpha?.low).toBeGreaterThan(0.3);
    expect(alpha?.high).toBeGreaterThan(0.815);
    expect(alpha?.high).toBeLessThanOrEqual(1);
    const cell = computeResults(input({ ratings })).tables[0];
    expect(cell?.alpha).toBeCloseTo(0.815, 3);
  });

  it('is not defined for one rater, one label or raters who share no map, and says why', () => {
    const alone = [row({ score: 1 }), row({ image: '1', score: 5 })];
    expect(of(alone, 'krippendorff-alpha-ordinal')).toMatchObject([
      {
        value: null,
        low: null,
        high: null,
        n: 0,
        reason: 'Agreement needs two raters, and there is one.',
      },
    ]);
    const apart = [row({ rater: 'R1' }), row({ rater: 'R2', image: '1' })];
    expect(of(apart, 'percent-agreement')[0]?.reason).toBe('No two raters rated the same map.');
    // Two raters who share no map have no row of their own: the summary counts them.
    expect(of(apart, 'quadratic-weighted-kappa')).toEqual([]);
    expect(computeResults(input({ ratings: apart })).kappas[0]).toEqual({
      ...{ question: 'visual-coherence', dataset: 'mnist', raters: 2, pairs: 1, sharing: 0 },
      ...{ defined: 0, least: null, lowerQuartile: null, median: null, upperQuartile: null },
      ...{ most: null, listed: true },
    });
    const same = [row({ rater: 'R1' }), row({ rater: 'R2' })];
    expect(of(same, 'krippendorff-alpha-ordinal')[0]).toMatchObject({ value: null, n: 1 });
    expect(of(same, 'krippendorff-alpha-ordinal')[0]?.reason).toContain('All labels are the same');
    expect(of(same, 'percent-agreement')[0]).toMatchObject({ value: 1, low: null, n: 1 });
    expect(of(same, 'percent-agreement')[0]?.reason).toContain('One image');
  });
});

describe('friedman', () => {
  it('tests the methods but the random one within a dataset, on rater means', () => {
    // Three methods in the same order on every one of ten images: b (k - 1) = 20.
    const ratings = crossed(
      { raters: 2, images: 10, methods: ['random', 'smoothgrad', 'vanilla-gradient', 'own'] },
      // A rater who is kinder to one of them changes its mean and not the order.
      ({ method, rater }) => ([5, 1, 2, 4][method] ?? 1) + (method === 3 && rater === 0 ? 1 : 0),
    );
    const [coherence] = computeResults(input({ ratings })).friedman;
    expect(coherence).toMatchObject({ blocks: 10, treatments: 3, degrees: 2, reason: null });
    expect(coherence?.statistic).toBeCloseTo(20, 9);
    expect(coherence?.sentence).toContain('differ in visual coherence over 10 images of MNIST');
    expect(coherence?.sentence).toContain('three datasets cannot rank nine methods');
  });

  it('is not computed on incomplete data', () => {
    const ratings = crossed({ raters: 2, images: 3, methods: ['a', 'b'] }, formula).filter(
      ({ image, method }) => image !== '2' || method !== 'b',
    );
    const [coherence] = computeResults(input({ ratings })).friedman;
    expect(coherence).toMatchObject({ statistic: null, p: null, blocks: 3, treatments: 2 });
    expect(coherence?.reason).toBe(
      '1 pair of image and method of 6 has no label; the test needs all of them.',
    );
    expect(coherence?.sentence).toContain('Nothing can be concluded');
  });
});

describe('the whole', () => {
  it('is null with reasons, never NaN, for nothing, one rating, one rater or one image', () => {
    const cases = [
      [],
      [row({})],
      crossed({ raters: 1, images: 3, methods: studyMethods }, formula),
      crossed({ raters: 3, images: 1, methods: studyMethods }, formula),
    ];
    for (const ratings of cases) {
      const results = computeResults(
        input({ ratings, methods: studyMethods, datasets: ['mnist', 'cifar10'] }),
      );
      fitsTheContract(results);
      for (const entry of [...results.agreement, ...results.friedman, ...results.correlation]) {
        const value = 'value' in entry ? entry.value : entry.statistic;
        if (value === null) expect(entry.reason).toMatch(/\.$/);
      }
    }
    const one = computeResults(input({ ratings: [row({})] }));
    expect(one.tables[0]).toMatchObject({ mean: 3, n: 1, low: null, high: null });
  });

  it('does not depend on the order in which ratings came', () => {
    const study = usualStudy(3, 50);
    const shuffled = { ...study, ratings: [...study.ratings].reverse() };
    expect(computeResults(shuffled)).toEqual(computeResults(study));
  });

  it('keeps to what is counted, however ratings are spread', () => {
    const ratings = fc.uniqueArray(
      fc.record({
        rater: fc.constantFrom('R1', 'R2', 'R3'),
        image: fc.constantFrom('0', '1', '2'),
        method: fc.constantFrom('smoothgrad', 'random', 'own'),
        dataset: fc.constantFrom('mnist', 'cifar10'),
        question: fc.constantFrom('visual-coherence' as const, 'edge-differentiation' as const),
        score: fc.integer({ min: 1, max: 5 }),
      }),
      { selector: (label) => JSON.stringify({ ...label, score: 0 }), maxLength: 60 },
    );
    fc.assert(
      fc.property(ratings, (list) => {
        const results = computeResults(input({ ratings: list.map(row), resamples: 40 }));
        fitsTheContract(results);
        expect(results.tables.reduce((sum, { n }) => sum + n, 0)).toBe(list.length);
        for (const cell of results.tables) {
          expect(cell.distribution.reduce((sum, n) => sum + n, 0)).toBe(cell.n);
          if (cell.median !== null) expect(cell.label).toBe(ratingLabels[cell.median - 1]);
          if (cell.low === null || cell.high === null) continue;
          expect(cell.low).toBeLessThanOrEqual(cell.high);
          expect(cell.low).toBeGreaterThanOrEqual(1);
          expect(cell.high).toBeLessThanOrEqual(5);
        }
        for (const { value, p } of results.correlation) {
          if (value !== null) expect(Math.abs(value)).toBeLessThanOrEqual(1);
          if (p !== null) expect(p > 0 && p <= 1).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is computed for 20 raters on 100 pairs with both questions', () => {
    const study = usualStudy(20, 2000);
    expect(study.ratings).toHaveLength(4000);
    const startedAt = performance.now();
    const results = computeResults(study);
    const seconds = (performance.now() - startedAt) / 1000;
    console.info(`results of 4,000 labels with 2,000 resamples: ${seconds.toFixed(2)} s`);
    fitsTheContract(results);
  });
});

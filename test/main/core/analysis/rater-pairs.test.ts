import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RatedBlock } from '../../../../src/main/core/analysis/blocks';
import { computeKappas, computeResults } from '../../../../src/main/core/analysis/compute-results';
import { pairKappas, pairRows, summaryOf } from '../../../../src/main/core/analysis/rater-pairs';
import { mostListedPairs } from '../../../../src/shared/ratings/results';
import { contingency, weightedKappa } from '../../../../src/statistics/weighted-kappa';
import { crossed, formula, input, row } from './made';

const codes = ['ann', 'ben', 'cem', 'dan', 'eve', 'fay'];
const block = (ratings: RatedBlock['ratings']): RatedBlock => ({
  ...{ question: 'visual-coherence', categories: 5, dataset: 'mnist', methods: ['m', 'n'] },
  ...{ raters: codes, images: ['0', '1', '2'], ratings },
});

describe('kappas of every two raters', () => {
  const labels = fc.uniqueArray(
    fc.record({
      rater: fc.integer({ min: 0, max: 5 }),
      image: fc.integer({ min: 0, max: 2 }),
      group: fc.integer({ min: 0, max: 1 }),
      score: fc.integer({ min: 1, max: 5 }),
    }),
    { selector: ({ rater, image, group }) => `${rater} ${image} ${group}`, maxLength: 36 },
  );

  it('are those of the tables of each two, and no other pair is there', () => {
    fc.assert(
      fc.property(labels, (ratings) => {
        const expected = codes.flatMap((a, first) =>
          codes.flatMap((b, second) => {
            if (first >= second) return [];
            const both = ratings.flatMap((one) =>
              ratings
                .filter(
                  (other) =>
                    one.rater === first &&
                    other.rater === second &&
                    one.image === other.image &&
                    one.group === other.group,
                )
                .map((other): [number, number] => [one.score, other.score]),
            );
            const value = weightedKappa(contingency(both, 5), 'quadratic');
            return both.length > 0 ? [{ raters: [a, b], n: both.length, value }] : [];
          }),
        );
        const found = pairKappas(block(ratings));
        expect(pairRows(found)).toMatchObject(expected);
        expect(found.n).toHaveLength(expected.length);
        for (const code of codes) {
          const own = pairRows(pairKappas(block(ratings), code));
          const his = expected.filter(({ raters }) => raters.includes(code));
          expect(own.map(({ raters, n, value }) => ({ raters, n, value }))).toEqual(his);
        }
        const { raters, pairs, sharing, defined, least, most } = summaryOf(found);
        const values = expected.flatMap(({ value }) => value ?? []);
        expect(raters).toBe(new Set(ratings.map(({ rater }) => rater)).size);
        expect({ pairs, sharing, defined }).toEqual({
          pairs: raters < 2 ? 0 : (raters * (raters - 1)) / 2,
          sharing: expected.length,
          defined: values.length,
        });
        expect([least, most]).toEqual(
          values.length > 0 ? [Math.min(...values), Math.max(...values)] : [null, null],
        );
      }),
    );
  });

  it('have quartiles by linear interpolation', () => {
    const none = { first: new Uint32Array(5), second: new Uint32Array(5), n: new Uint32Array(5) };
    const value = Float64Array.of(0.4, Number.NaN, -0.2, 0.1, 1);
    const summary = summaryOf({
      ...{ question: 'visual-coherence', categories: 5, dataset: 'mnist', raters: codes },
      ...none,
      value,
    });
    expect(summary).toMatchObject({ sharing: 5, defined: 4, least: -0.2, most: 1 });
    expect(summary.lowerQuartile).toBeCloseTo(0.025, 12);
    expect(summary.median).toBeCloseTo(0.25, 12);
    expect(summary.upperQuartile).toBeCloseTo(0.55, 12);
  });

  it('of raters who share nothing are left out, and those of too many pairs are not listed', () => {
    const apart = [
      ...crossed({ raters: 2, images: 3, methods: ['a'] }, formula),
      ...['3', '4'].map((image) => row({ rater: 'alone', image, method: 'a' })),
    ];
    const few = computeResults(input({ ratings: apart, resamples: 10 }));
    const kappas = few.agreement.filter(
      ({ statistic, question }) =>
        statistic === 'quadratic-weighted-kappa' && question === 'visual-coherence',
    );
    expect(kappas).toMatchObject([{ raters: ['R1', 'R2'], n: 3 }]);
    expect(few.kappas[0]).toMatchObject({ raters: 3, pairs: 3, sharing: 1, listed: true });

    // 205 raters on one map make 20,910 pairs for each of two questions: 41,820.
    const many = crossed({ raters: 205, images: 1, methods: ['a'] }, formula);
    const all = computeResults(input({ ratings: many, resamples: 10 }));
    expect(2 * 20_910).toBeGreaterThan(mostListedPairs);
    expect(all.kappas).toMatchObject([
      { sharing: 20_910, listed: false },
      { sharing: 20_910, listed: false },
    ]);
    expect(all.agreement.some(({ statistic }) => statistic === 'quadratic-weighted-kappa')).toBe(
      false,
    );
    const [pairs] = computeKappas({
      results: input({ ratings: many, resamples: 10 }),
      only: { question: 'edge-differentiation', dataset: 'mnist', rater: 'R7' },
    });
    expect(pairs?.n).toHaveLength(204);
  });
});

import { describe, expect, it } from 'vitest';
import { computeResults } from '../../../../src/main/core/analysis/compute-results';
import { type ResultsInput } from '../../../../src/main/core/analysis/input';
import { questionIds } from '../../../../src/shared/ratings/questions';
import { input, row } from './made';

const day = (n: number) => `2026-03-0${n}T23:30:00.000Z`;
const study = {
  ratings: [
    row({ rater: 'A1', image: '0', score: 4, responseMs: 900, ratedAt: day(1) }),
    row({ rater: 'A1', image: '1', score: 2, responseMs: 2000, ratedAt: day(2) }),
    row({ rater: 'a1', image: '2', score: 5, responseMs: 1000, ratedAt: day(3) }),
    row({ rater: 'B2', image: '0', score: 2, ratedAt: day(1) }),
    row({ rater: 'B2', image: '1', score: 2, ratedAt: day(3) }),
    row({ rater: 'C3', image: '1', score: 5 }),
    row({ rater: 'A1', image: '0', kind: 'repeat', repeat: 1, trial: '30', score: 4 }),
    row({ rater: 'A1', image: '1', kind: 'repeat', repeat: 1, trial: '31', score: 4 }),
    row({ rater: 'B2', image: '0', kind: 'repeat', repeat: 1, trial: '28', score: 3 }),
    // Never rated in the main trials: nothing to compare it with.
    row({ rater: 'B2', image: '7', kind: 'repeat', repeat: 1, trial: '29', score: 1 }),
    row({ rater: 'A1', kind: 'attention', trial: '5', method: 'flat', score: 1 }),
    row({
      ...{ rater: 'A1', kind: 'attention', trial: '5', method: 'flat', score: 2 },
      question: 'edge-differentiation',
    }),
    row({ rater: 'B2', kind: 'attention', trial: '5', method: 'flat', score: 1 }),
    row({
      ...{ rater: 'B2', kind: 'attention', trial: '5', method: 'flat', score: 3 },
      question: 'edge-differentiation',
    }),
    row({ rater: 'B2', kind: 'attention', trial: '8', method: 'instructed', score: 2 }),
    // No range is known for it: it is no check.
    row({ rater: 'C3', kind: 'attention', trial: '5', method: 'flat', score: 5 }),
  ],
  checks: [
    { rater: 'A1', trial: '5', low: 1, high: 2, questions: questionIds },
    { rater: 'B2', trial: '5', low: 1, high: 2, questions: questionIds },
    { rater: 'B2', trial: '8', low: 4, high: 4, questions: questionIds },
  ],
  raters: [
    { code: 'A1', experience: 'naive' },
    { code: 'B2', experience: 'seen' },
    { code: 'D4', experience: null },
  ],
} satisfies Partial<ResultsInput>;

describe('rater summaries', () => {
  const { raters } = computeResults(input(study));

  it('list everybody, once whatever the case of the code', () => {
    expect(raters.map(({ rater, ratings }) => [rater, ratings])).toEqual([
      ['A1', 3],
      ['B2', 2],
      ['C3', 1],
      ['D4', 0],
    ]);
  });

  it('give speed, bias against all raters of the same maps, checks and consistency', () => {
    // Image 0: 4 against a mean of 3; image 1: 2 against a mean of 3. Image 2 is A1's alone.
    expect(raters[0]).toMatchObject({
      experience: 'naive',
      medianResponseMs: 1000,
      bias: 0,
      checks: { passed: 1, failed: 0 },
      repeats: { n: 2, same: 0.5, near: 0.5 },
      excluded: false,
    });
    expect(raters[1]).toMatchObject({
      medianResponseMs: null,
      bias: -1,
      checks: { passed: 0, failed: 2 },
      repeats: { n: 1, same: 0, near: 1 },
    });
    expect(raters[2]).toMatchObject({ bias: 2, checks: { passed: 0, failed: 0 } });
    expect(raters[3]).toMatchObject({ bias: null, repeats: { n: 0, same: null, near: null } });
  });

  it('count repeats in intra-rater statistics alone', () => {
    const { agreement } = computeResults(input(study));
    const intra = agreement.filter(
      ({ statistic, question }) =>
        statistic === 'intra-rater-agreement' && question === 'visual-coherence',
    );
    expect(intra).toMatchObject([
      { raters: null, value: 1 / 3, n: 3 },
      { raters: ['A1'], value: 0.5, n: 2 },
      { raters: ['B2'], value: 0, n: 1 },
    ]);
    const none = agreement.find(
      ({ statistic, question }) =>
        statistic === 'intra-rater-kappa' && question === 'edge-differentiation',
    );
    expect(none).toMatchObject({ value: null, n: 0, reason: 'No trial was repeated.' });
  });
});

describe('filters', () => {
  const filtered = (filters: Record<string, unknown>) =>
    computeResults(input({ ...study, filters }));

  it('take the day that a time without a zone names, wherever the machine is', () => {
    const zone = process.env.TZ;
    try {
      for (const TZ of ['Pacific/Auckland', 'America/Los_Angeles']) {
        process.env.TZ = TZ;
        const ratings = ['00:30:00', '23:30'].map((time, i) =>
          row({ image: String(i), ratedAt: `2026-03-02T${time}` }),
        );
        const filters = { from: '2026-03-02', to: '2026-03-02' };
        expect(computeResults(input({ ratings, filters })).counted, TZ).toBe(2);
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it.each<[Record<string, unknown>, number, [string, number][]]>([
    [{}, 6, []],
    [{ raters: ['a1', 'C3'] }, 4, [['Raters who were not chosen', 2]]],
    [{ experience: 'naive' }, 3, [['Raters who did not say that they are new to such maps', 3]]],
    [
      { experience: 'seen' },
      2,
      [['Raters who did not say that they had seen named maps before', 4]],
    ],
    [{ excludeFailedChecks: 1 }, 4, [['Raters who failed an attention check', 2]]],
    [{ excludeFailedChecks: 3 }, 6, [['Raters who failed 3 or more attention checks', 0]]],
    [{ images: ['mnist/1'] }, 3, [['Images that were not chosen', 3]]],
    [
      { from: '2026-03-02', to: '2026-03-02' },
      1,
      [
        ['Labels without a date', 1],
        ['Labels before 2026-03-02', 2],
        ['Labels after 2026-03-02', 2],
      ],
    ],
    [
      { excludeFailedChecks: 2, images: ['mnist/0'] },
      1,
      [
        ['Raters who failed 2 or more attention checks', 2],
        ['Images that were not chosen', 3],
      ],
    ],
  ])('%j count what they leave and leave out', (filters, counted, leftOut) => {
    const results = filtered(filters);
    expect(results.counted).toBe(counted);
    expect(results.leftOut).toEqual(leftOut.map(([reason, ratings]) => ({ reason, ratings })));
    expect(results.tables.reduce((sum, { n }) => sum + n, 0)).toBe(counted);
    expect(results.images).toEqual(['mnist/0', 'mnist/1', 'mnist/2']);
  });

  it('mark who is left out, who keeps a summary', () => {
    const { raters } = filtered({ excludeFailedChecks: 1 });
    expect(raters.map(({ excluded }) => excluded)).toEqual([false, true, false, false]);
    // B2 against those who count: 2 with 4, and 2 with 2 and 5.
    expect(raters[1]).toMatchObject({ ratings: 2, bias: -1 });
    expect(raters[0]?.bias).toBeCloseTo(-1.5, 12);
  });
});

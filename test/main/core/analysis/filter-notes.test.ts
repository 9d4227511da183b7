import { describe, expect, it } from 'vitest';
import { checkFilters, choicesOf } from '../../../../src/main/core/analysis/choices';
import { computeResults } from '../../../../src/main/core/analysis/compute-results';
import { type ResultsInput } from '../../../../src/main/core/analysis/input';
import { questionIds } from '../../../../src/shared/ratings/questions';
import { resultFiltersSchema } from '../../../../src/shared/ratings/results';
import { input, row } from './made';

const attention = (rater: string, score: number) =>
  row({ rater, kind: 'attention', trial: '20', image: '900', method: 'flat', score });
const ratings = ['GOOD', 'CARELESS'].flatMap((rater, r) => [
  ...['0', '1', '2'].map((image) =>
    row({ rater, image, score: 2 + r, ratedAt: `2026-03-0${2 + r}T10:00:00.000Z` }),
  ),
  attention(rater, 1 + 4 * r),
]);
const checks = ['GOOD', 'CARELESS'].map((rater) => ({
  rater,
  trial: '20',
  low: 1,
  high: 2,
  questions: questionIds,
}));
const notes = (filters: Record<string, unknown>, part: Partial<ResultsInput> = {}) =>
  computeResults(input({ ratings, filters, resamples: 10, ...part } as never)).filterNotes;

describe('what a filter did', () => {
  it('is nothing where no attention check can be judged, and that is said', () => {
    const said = notes({ excludeFailedChecks: 1 });
    expect(said).toEqual([
      'No attention check can be judged, because the labels that pass the 2 checks that were rated are not known here: no rater was left out for failing any.',
      'The filters leave out no rating.',
    ]);
    expect(notes({ excludeFailedChecks: 1 }, { ratings: [row({})] })[0]).toBe(
      'No attention check can be judged, because none was rated: no rater was left out for failing any.',
    );
  });

  it('is said as it happened where checks can be judged', () => {
    expect(notes({ excludeFailedChecks: 1 }, { checks })).toEqual([
      'Without the rater who failed an attention check.',
      'The filters leave 3 of 6 ratings; left out are 3 of raters who failed an attention check.',
    ]);
    expect(notes({ excludeFailedChecks: 2 }, { checks })).toEqual([
      'No rater failed 2 or more attention checks, so none was left out for that.',
      'The filters leave out no rating.',
    ]);
    expect(notes({ excludeFailedChecks: 1 }, { checks: checks.slice(1) })).toContain(
      '1 rater of 2 has no attention check that can be judged, and cannot fail one.',
    );
  });

  it('is said of names and days, and not at all without filters', () => {
    expect(notes({ raters: ['good'], from: '2026-03-01' })).toEqual([
      'Raters: 1 of 2 (good).',
      'Rated from 2026-03-01.',
      'The filters leave 3 of 6 ratings; left out are 3 of raters who were not chosen.',
    ]);
    expect(notes({ images: ['mnist/0'] })[0]).toBe('Images: 1 of 3 (mnist/0).');
    expect(notes({})).toEqual([]);
  });

  it('counts the checks that were rated and those that can be judged', () => {
    const counts = (part: Partial<ResultsInput>) =>
      computeResults(input({ ratings, resamples: 10, ...part } as never)).checks;
    expect(counts({})).toEqual({ rated: 2, judged: 0, raters: 0 });
    expect(counts({ checks })).toEqual({ rated: 2, judged: 2, raters: 2 });
  });
});

describe('a filter by what is not there', () => {
  const raters = [
    { code: 'GOOD', experience: 'naive' as const },
    { code: 'NEVER', experience: null },
  ];
  const choices = choicesOf({ ratings, raters });
  const refusal = (filters: Record<string, unknown>, from = choices) => {
    try {
      checkFilters(resultFiltersSchema.parse(filters), from);
      return null;
    } catch (error) {
      return (error as { data: unknown }).data;
    }
  };

  it('can be chosen from what there is', () => {
    expect(choices).toEqual({
      raters: [
        { code: 'CARELESS', experience: null },
        { code: 'GOOD', experience: 'naive' },
        { code: 'NEVER', experience: null },
      ],
      images: ['mnist/0', 'mnist/1', 'mnist/2'],
      days: { first: '2026-03-02', last: '2026-03-03' },
    });
  });

  it.each<[Record<string, unknown>, string, string, string]>([
    [{ raters: ['good', 'X'] }, 'filters.raters.1', '"X"', 'one of: CARELESS, GOOD, NEVER'],
    [{ images: ['mnist/9'] }, 'filters.images.0', '"mnist/9"', 'one of: mnist/0, mnist/1, mnist/2'],
    [
      { experience: 'seen' },
      'filters.experience',
      '"seen"',
      'naive, which is all that raters of the study said',
    ],
    [
      { from: '2026-03-04' },
      'filters.from',
      '"2026-03-04"',
      'a day up to 2026-03-03: labels were given from 2026-03-02 to 2026-03-03',
    ],
    [
      { to: '2026-03-01' },
      'filters.to',
      '"2026-03-01"',
      'a day from 2026-03-02 on: labels were given from 2026-03-02 to 2026-03-03',
    ],
  ])('%j is refused, naming %s and what there is', (filters, field, value, accepted) => {
    expect(refusal(filters)).toMatchObject({ code: 'invalid-input', field, value, accepted });
  });

  it('is refused where there is nothing of the kind', () => {
    const bare = choicesOf({ ratings: [row({})], raters: [] });
    expect(refusal({ from: '2026-03-04' }, bare)).toMatchObject({
      accepted: 'nothing, because no label has a date',
    });
    expect(refusal({ experience: 'naive' }, bare)).toMatchObject({
      accepted: 'nothing, because no rater of the study was asked',
    });
    const empty = choicesOf({ ratings: [], raters: [] });
    expect(refusal({ raters: ['a'] }, empty)).toMatchObject({
      accepted: 'nothing, because the study has no rater',
    });
  });

  it('is not refused for what is there', () => {
    expect(
      refusal({
        ...{ raters: ['good', 'never'], experience: 'naive', images: ['mnist/2'] },
        ...{ from: '2026-03-03', to: '2026-03-03', excludeFailedChecks: 9 },
      }),
    ).toBeNull();
  });
});

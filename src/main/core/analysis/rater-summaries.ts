import { median } from 'simple-statistics';
import { type RaterSummary } from '../../../shared/ratings/results';
import { type RepeatedLabel } from './agreement';
import { type FilteredRatings } from './filters';
import { type RatedRow } from './input';

/** A rater's label of one map on one question. */
function labelKey(row: RatedRow): string {
  return JSON.stringify([row.rater, ...placeOf(row)]);
}

function placeOf({ dataset, image, method, question }: RatedRow): string[] {
  return [dataset, image, method, question];
}

export type Repeated = RepeatedLabel & Pick<RatedRow, 'question' | 'dataset'>;

/** Each label of a repeat with the rater's own of the main trial. */
export function repeatedLabels(filtered: FilteredRatings): Repeated[] {
  const first = new Map(filtered.main.map((row) => [labelKey(row), row.score]));
  return filtered.repeats.flatMap((row) => {
    const score = first.get(labelKey(row));
    if (score === undefined) return [];
    const { rater, question, dataset } = row;
    return [{ rater, question, dataset, first: score, again: row.score }];
  });
}

/**
 * Speed, bias, attention and consistency of every rater, excluded ones too, over the images and
 * dates that the filters leave. Bias is over maps that somebody else rated as well: the rater's mean
 * score minus the mean of all raters (those who count, and the rater).
 */
export function raterSummaries(
  filtered: FilteredRatings,
  repeated: readonly Repeated[],
): RaterSummary[] {
  const byRater = Map.groupBy(filtered.main, ({ rater }) => rater);
  const again = Map.groupBy(repeated, ({ rater }) => rater);
  const places = new Map<string, { sum: number; n: number }>();
  for (const row of filtered.counted) {
    const key = JSON.stringify(placeOf(row));
    const place = places.get(key) ?? { sum: 0, n: 0 };
    places.set(key, { sum: place.sum + row.score, n: place.n + 1 });
  }
  return filtered.raters.map(({ code, experience }): RaterSummary => {
    const rows = byRater.get(code) ?? [];
    const excluded = filtered.excluded.has(code);
    const times = rows.flatMap(({ responseMs }) => responseMs ?? []);
    const deviations = rows.flatMap((row) => {
      const place = places.get(JSON.stringify(placeOf(row))) ?? { sum: 0, n: 0 };
      const others = excluded ? place : { sum: place.sum - row.score, n: place.n - 1 };
      if (others.n === 0) return [];
      return [row.score - (others.sum + row.score) / (others.n + 1)];
    });
    const pairs = again.get(code) ?? [];
    const share = (within: number) =>
      pairs.length === 0
        ? null
        : pairs.filter((pair) => Math.abs(pair.first - pair.again) <= within).length / pairs.length;
    return {
      rater: code,
      experience,
      ratings: rows.length,
      medianResponseMs: times.length > 0 ? median(times) : null,
      bias:
        deviations.length > 0
          ? deviations.reduce((sum, value) => sum + value, 0) / deviations.length
          : null,
      checks: { passed: 0, failed: 0, ...filtered.checks.get(code) },
      repeats: { n: pairs.length, same: share(0), near: share(1) },
      excluded,
    };
  });
}

import { type Correlation } from '../../../shared/ratings/results';
import { kendallTauB, spearman } from '../../../statistics/correlation';
import { definedInterval } from '../../../statistics/crossed-bootstrap';
import { exactPairs, kendallExactP, spearmanExactP } from '../../../statistics/exact-permutation';

/** Two values for each method of a dataset, with their resamples where there are any. */
export interface Pairing {
  readonly dataset: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** [M] of [B]; NaN where a resample does not define it. */
  readonly resampledX: readonly Float64Array[];
  readonly resampledY: readonly Float64Array[];
  /** Why there is nothing to compare; null where there is. */
  readonly missing: string | null;
  /** Why there can be no interval; null where there can. */
  readonly noInterval: string | null;
}

type Head = Pick<Correlation, 'question' | 'against'>;

const statistics = [
  { id: 'spearman', compute: spearman, exactP: spearmanExactP },
  { id: 'kendall-tau-b', compute: kendallTauB, exactP: kendallExactP },
] as const;
type Statistic = (typeof statistics)[number];

/**
 * Rank correlations of each dataset; `pooled`, the mean of those coefficients; and, of more than one
 * dataset, `all`: over the cells of all of them.
 */
export function correlationRows(
  head: Head,
  pairings: readonly Pairing[],
  resamples: number,
): Correlation[] {
  const present = pairings.filter(({ missing }) => missing === null);
  return statistics.flatMap((statistic) => {
    const within = pairings.map((pairing) => coefficient(statistic, pairing, resamples));
    const rows = within.map(({ row }) => ({ ...head, ...row }));
    rows.push({ ...head, ...pooled(statistic, within, resamples) });
    if (present.length > 1) {
      rows.push({ ...head, ...coefficient(statistic, together(present), resamples).row });
    }
    return rows;
  });
}

type Row = Omit<Correlation, 'question' | 'against'>;

interface Coefficient {
  readonly row: Row;
  /** [B]; null where nothing was resampled. */
  readonly resampled: Float64Array | null;
}

function coefficient(statistic: Statistic, pairing: Pairing, resamples: number): Coefficient {
  const { dataset, x, y, missing, noInterval } = pairing;
  const value = missing === null ? statistic.compute(x, y) : null;
  const resampled =
    value === null || noInterval !== null ? null : resample(statistic, pairing, resamples);
  const interval = resampled ? definedInterval(resampled) : null;
  return {
    resampled,
    row: {
      dataset,
      statistic: statistic.id,
      value,
      low: interval?.low ?? null,
      high: interval?.high ?? null,
      p: value === null ? null : statistic.exactP(x, y),
      n: x.length,
      reason: missing ?? whyNot(pairing, value, interval !== null),
    },
  };
}

function whyNot(pairing: Pairing, value: number | null, interval: boolean): string | null {
  const { x, y, noInterval } = pairing;
  if (value === null) {
    if (x.length < 2) return `A correlation needs two methods, and there ${are(x.length)}.`;
    const side = new Set(x).size < 2 ? x : y;
    return `All ${side.length} methods have the same value on one side.`;
  }
  const parts = [
    noInterval ?? (interval ? null : 'Too few resamples define it for an interval.'),
    x.length > exactPairs ? `${x.length} cells have too many orders for an exact p.` : null,
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(' ') : null;
}

const are = (n: number) => (n === 1 ? 'is one' : 'are none');

function resample(statistic: Statistic, pairing: Pairing, resamples: number): Float64Array | null {
  const { resampledX, resampledY } = pairing;
  if (resampledX.length === 0) return null;
  return Float64Array.from({ length: resamples }, (_, b) => {
    const [x, y] = [resampledX, resampledY].map((side) =>
      side.map((values) => values[b] as number),
    );
    if (!x || !y || x.some(Number.isNaN) || y.some(Number.isNaN)) return Number.NaN;
    return statistic.compute(x, y) ?? Number.NaN;
  });
}

function pooled(statistic: Statistic, within: readonly Coefficient[], resamples: number): Row {
  const known = within.filter(({ row }) => row.value !== null);
  const only = known.length === 1 ? known[0] : undefined;
  if (only) return { ...only.row, dataset: 'pooled' };
  const values = known.flatMap(({ row }) => row.value ?? []);
  const value = values.length > 0 ? mean(values) : null;
  const draws = known.flatMap(({ resampled }) => resampled ?? []);
  const interval =
    value !== null && draws.length === known.length
      ? definedInterval(
          Float64Array.from({ length: resamples }, (_, b) =>
            mean(draws.map((d) => d[b] as number)),
          ),
        )
      : null;
  const reasons = [...new Set(within.flatMap(({ row }) => (row.value === null ? row.reason : [])))];
  return {
    dataset: 'pooled',
    statistic: statistic.id,
    value,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    p: null,
    n: known.reduce((sum, { row }) => sum + row.n, 0),
    reason:
      value === null
        ? reasons.join(' ') || 'Nothing was rated.'
        : `A mean of ${known.length} coefficients has no exact p.${interval ? '' : ' Not every one of them has an interval.'}`,
  };
}

function together(pairings: readonly Pairing[]): Pairing {
  const noInterval = pairings.find((pairing) => pairing.noInterval !== null)?.noInterval ?? null;
  return {
    dataset: 'all',
    x: pairings.flatMap(({ x }) => x),
    y: pairings.flatMap(({ y }) => y),
    resampledX: pairings.flatMap(({ resampledX }) => resampledX),
    resampledY: pairings.flatMap(({ resampledY }) => resampledY),
    missing: null,
    noInterval,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

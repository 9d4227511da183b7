import { lookOf, NameIndex } from '../../../shared/identifying-text';
import { type StudyResults } from '../../../shared/ratings/results';
import { type ExpectedRange, type RatedRow, type ResultsInput } from './input';
import { naturalOrder } from './order';

export interface Checks {
  readonly passed: number;
  readonly failed: number;
}

export interface FilteredRatings {
  /** Every rater by code, in order. */
  readonly raters: ResultsInput['raters'];
  /** Labels of main trials that count. */
  readonly counted: readonly RatedRow[];
  /** As `counted`, but of excluded raters too. */
  readonly main: readonly RatedRow[];
  /** Labels of repeats, of excluded raters too. */
  readonly repeats: readonly RatedRow[];
  readonly checks: ReadonlyMap<string, Checks>;
  readonly checkCounts: StudyResults['checks'];
  readonly excluded: ReadonlySet<string>;
  readonly leftOut: StudyResults['leftOut'];
  /** As `dataset/image`, before any filter. */
  readonly images: readonly string[];
}

export function imageKey(row: Pick<RatedRow, 'dataset' | 'image'>): string {
  return `${row.dataset}/${row.image}`;
}

/**
 * Sort out what counts. A label that several filters leave out is put down to the first of them:
 * raters, experience, attention checks, images, dates.
 */
export function filterRatings(input: ResultsInput): FilteredRatings {
  const raters = ratersOf(input);
  const rows = inOneSpelling(input);
  const attention = rows.filter(({ kind }) => kind === 'attention');
  const checks = judgeChecks(attention, input.checks);
  const ofRater = raterFilters(input, raters, checks);
  const allMain = rows.filter(({ kind }) => kind === 'main');
  const images = [...new Set(allMain.map(imageKey))].sort(naturalOrder);
  const ofRow = rowFilters(input, images);
  const left = new Map([...ofRater, ...ofRow].map(({ reason }) => [reason, 0]));
  const excluded = new Set(
    raters.map(({ code }) => code).filter((code) => ofRater.some((filter) => filter.drops(code))),
  );
  const inRows = (row: RatedRow) => !ofRow.some((filter) => filter.drops(row));
  const counted: RatedRow[] = [];
  for (const row of allMain) {
    const reason =
      ofRater.find((filter) => filter.drops(row.rater))?.reason ??
      ofRow.find((filter) => filter.drops(row))?.reason;
    if (reason === undefined) counted.push(row);
    else left.set(reason, (left.get(reason) ?? 0) + 1);
  }
  return {
    raters,
    counted,
    main: allMain.filter(inRows),
    repeats: rows.filter((row) => row.kind === 'repeat' && inRows(row)),
    checks,
    checkCounts: {
      rated: new Set(attention.map(checkKey)).size,
      judged: [...checks.values()].reduce((sum, { passed, failed }) => sum + passed + failed, 0),
      raters: checks.size,
    },
    excluded,
    leftOut: [...left].map(([reason, ratings]) => ({ reason, ratings })),
    images,
  };
}

/** Everybody who counts as a rater, in order: codes that differ in case alone are one rater. */
export function ratersOf(input: Pick<ResultsInput, 'raters' | 'ratings'>): Rater[] {
  return [...byCode(input).values()].sort((a, b) => naturalOrder(a.code, b.code));
}

type Rater = ResultsInput['raters'][number];

/** Raters by their code in lower case, spelled as in the list of raters or where they came first. */
function byCode({ raters, ratings }: Pick<ResultsInput, 'raters' | 'ratings'>) {
  const known = new Map(raters.map((rater) => [rater.code.toLowerCase(), rater]));
  for (const { rater: code } of ratings) {
    const key = code.toLowerCase();
    if (!known.has(key)) known.set(key, { code, experience: null });
  }
  return known;
}

function inOneSpelling(input: ResultsInput): RatedRow[] {
  const known = byCode(input);
  const rows = input.ratings.map((row): RatedRow => {
    const code = known.get(row.rater.toLowerCase())?.code ?? row.rater;
    return code === row.rater ? row : { ...row, rater: code };
  });
  return inOneOrder(rows);
}

/**
 * So that sums of many labels round the same way whatever the order in which labels came. Compared
 * field by field: of very many labels keys made as text would be larger than they are.
 */
function inOneOrder(rows: RatedRow[]): RatedRow[] {
  return rows.sort((a, b) => {
    for (const field of orderedBy) {
      const order = compared(a[field], b[field]);
      if (order !== 0) return order;
    }
    return 0;
  });
}

const orderedBy = [
  ...(['rater', 'dataset', 'image', 'method', 'question', 'kind', 'repeat', 'trial'] as const),
];

/** null comes last. */
function compared(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}

/** One check, of whose questions each has a label. */
function checkKey({ rater, dataset, image, method, trial }: RatedRow): string {
  return JSON.stringify(trial === null ? [rater, dataset, image, method] : [rater, trial]);
}

/** A check is failed where a label of it lies outside its range; without a range it is no check. */
function judgeChecks(rows: readonly RatedRow[], ranges: readonly ExpectedRange[]) {
  const key = (rater: string, trial: string | null) => `${rater.toLowerCase()} ${trial}`;
  const expected = new Map(ranges.map((range) => [key(range.rater, range.trial), range]));
  const judged = new Map<string, { rater: string; passed: boolean }>();
  for (const { rater, trial, question, score } of rows) {
    const range = expected.get(key(rater, trial));
    if (!range?.questions.includes(question)) continue;
    const within = score >= range.low && score <= range.high;
    const before = judged.get(key(rater, trial))?.passed ?? true;
    judged.set(key(rater, trial), { rater, passed: before && within });
  }
  const checks = new Map<string, Checks>();
  for (const { rater, passed } of judged.values()) {
    const so = checks.get(rater) ?? { passed: 0, failed: 0 };
    checks.set(rater, {
      passed: so.passed + Number(passed),
      failed: so.failed + Number(!passed),
    });
  }
  return checks;
}

interface Filter<T> {
  readonly reason: string;
  readonly drops: (item: T) => boolean;
}

function raterFilters(
  { filters }: ResultsInput,
  raters: ResultsInput['raters'],
  checks: ReadonlyMap<string, Checks>,
): Filter<string>[] {
  const list: Filter<string>[] = [];
  if (filters.raters) {
    const known = new NameIndex(raters.map(({ code }) => code));
    const chosen = new Set(filters.raters.flatMap((code) => known.find(code)));
    list.push({
      reason: 'Raters who were not chosen',
      drops: (code) => !chosen.has(code),
    });
  }
  const { experience, excludeFailedChecks: most } = filters;
  if (experience) {
    const known = new Map(raters.map((rater) => [rater.code, rater.experience]));
    list.push({
      reason:
        experience === 'naive'
          ? 'Raters who did not say that they are new to such maps'
          : 'Raters who did not say that they had seen named maps before',
      drops: (code) => known.get(code) !== experience,
    });
  }
  if (most !== null) {
    list.push({
      reason: `Raters who failed ${most === 1 ? 'an attention check' : `${most} or more attention checks`}`,
      drops: (code) => (checks.get(code)?.failed ?? 0) >= most,
    });
  }
  return list;
}

function rowFilters({ filters }: ResultsInput, images: readonly string[]): Filter<RatedRow>[] {
  const list: Filter<RatedRow>[] = [];
  if (filters.images) {
    const known = new NameIndex(images, lookOf);
    const chosen = new Set(filters.images.flatMap((image) => known.find(image)));
    list.push({
      reason: 'Images that were not chosen',
      drops: (row) => !chosen.has(imageKey(row)),
    });
  }
  const { from, to } = filters;
  if (from !== null || to !== null) {
    list.push({ reason: 'Labels without a date', drops: (row) => dayOf(row) === null });
  }
  if (from !== null) {
    list.push({ reason: `Labels before ${from}`, drops: (row) => (dayOf(row) ?? from) < from });
  }
  if (to !== null) {
    list.push({ reason: `Labels after ${to}`, drops: (row) => (dayOf(row) ?? to) > to });
  }
  return list;
}

/**
 * The day in UTC, as YYYY-MM-DD; of a time that states no zone the day that it names, so that the
 * same ratings give the same results on every machine.
 */
export function dayOf({ ratedAt }: RatedRow): string | null {
  const [, named] = /^(\d{4}-\d\d-\d\d)T[\d:.,]+$/.exec(ratedAt ?? '') ?? [];
  if (named !== undefined) return named;
  const time = ratedAt === null ? Number.NaN : Date.parse(ratedAt);
  return Number.isNaN(time) ? null : new Date(time).toISOString().slice(0, 10);
}

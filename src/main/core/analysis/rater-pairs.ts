import { quantileSorted } from 'simple-statistics';
import { valueAt, valueFor } from '../../../shared/checked-reads';
import { type Agreement, type KappaSummary } from '../../../shared/ratings/results';
import { kappaOfCounts } from '../../../statistics/weighted-kappa';
import { type RatedBlock } from './blocks';

/**
 * Quadratic weighted kappas of one question and dataset, of every two raters who rated a map in
 * common: columns of one length, so that half a million pairs take no more than their numbers.
 */
export interface PairKappas {
  readonly question: RatedBlock['question'];
  readonly dataset: string;
  /** Codes of those who rated here, in order. */
  readonly raters: readonly string[];
  /** Indices into `raters`, the first below the second; pairs ascend. */
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  /** Maps that both rated, at least 1. */
  readonly n: Uint32Array;
  /** NaN where both gave one and the same label throughout. */
  readonly value: Float64Array;
}

/**
 * The kappas of all pairs. Takes time in proportion to the pairs of labels of a map, and memory to the
 * pairs of raters who share one: no list of labels is kept for a pair.
 *
 * @param code only pairs with the rater of this code; null: all.
 */
export function pairKappas(block: RatedBlock, code: string | null = null): PairKappas {
  const { question, categories, dataset, ratings, methods } = block;
  const tableSize = categories ** 2;
  const present = [...new Set(ratings.map(({ rater }) => rater))].sort((a, b) => a - b);
  const place = new Map(present.map((rater, i) => [rater, i]));
  const raters = present.map((rater) => valueAt(block.raters, rater));
  const wanted = code === null ? null : raters.indexOf(code);

  const units = new Map<number, { raters: number[]; scores: number[] }>();
  const ratedBy: { unit: number; score: number }[][] = raters.map(() => []);
  for (const { rater, image, group, score } of ratings) {
    const key = image * methods.length + group;
    const unit = units.get(key) ?? { raters: [], scores: [] };
    units.set(key, unit);
    const at = valueFor(place, rater);
    unit.raters.push(at);
    unit.scores.push(score);
    ratedBy[at]?.push({ unit: key, score });
  }

  const columns = new Columns();
  // The tables of one rater with every later one; what was touched is cleared after its turn.
  const tables = new Uint32Array(raters.length * tableSize);
  const maps = new Uint32Array(raters.length);
  for (const [a, own] of ratedBy.entries()) {
    const touched: number[] = [];
    for (const { unit: key, score } of own) {
      const unit = units.get(key);
      unit?.raters.forEach((b, i) => {
        if (b <= a || (wanted !== null && a !== wanted && b !== wanted)) return;
        if (maps[b] === 0) touched.push(b);
        maps[b] = (maps[b] as number) + 1;
        const cell = b * tableSize + (score - 1) * categories + (unit.scores[i] as number) - 1;
        tables[cell] = (tables[cell] as number) + 1;
      });
    }
    for (const b of touched.sort((x, y) => x - y)) {
      const kappa = kappaOfCounts(tables, b * tableSize, categories, 'quadratic');
      columns.add(a, b, maps[b] as number, kappa ?? Number.NaN);
      maps[b] = 0;
      tables.fill(0, b * tableSize, (b + 1) * tableSize);
    }
  }
  return { question, dataset, raters, ...columns.whole() };
}

/** Columns that grow. */
class Columns {
  #length = 0;
  #whole = columnsOf(1024);

  add(first: number, second: number, n: number, value: number): void {
    const at = this.#length;
    if (at === this.#whole.n.length) {
      const { first: a, second: b, n: maps, value: kappas } = this.#whole;
      this.#whole = columnsOf(2 * at);
      this.#whole.first.set(a);
      this.#whole.second.set(b);
      this.#whole.n.set(maps);
      this.#whole.value.set(kappas);
    }
    this.#whole.first[at] = first;
    this.#whole.second[at] = second;
    this.#whole.n[at] = n;
    this.#whole.value[at] = value;
    this.#length += 1;
  }

  whole(): Pick<PairKappas, 'first' | 'second' | 'n' | 'value'> {
    const { first, second, n, value } = this.#whole;
    const length = this.#length;
    return {
      first: first.slice(0, length),
      second: second.slice(0, length),
      n: n.slice(0, length),
      value: value.slice(0, length),
    };
  }
}

const columnsOf = (length: number) => ({
  first: new Uint32Array(length),
  second: new Uint32Array(length),
  n: new Uint32Array(length),
  value: new Float64Array(length),
});

/** The pairs in a few figures, `listed` to be filled in by whoever lists them. */
export function summaryOf(pairs: PairKappas): Omit<KappaSummary, 'listed'> {
  const { question, dataset, raters, first, value } = pairs;
  const defined = Array.from(value.filter((kappa) => !Number.isNaN(kappa)).sort());
  const quantile = (p: number) => (defined.length > 0 ? quantileSorted(defined, p) : null);
  return {
    question,
    dataset,
    raters: raters.length,
    pairs: raters.length < 2 ? 0 : (raters.length * (raters.length - 1)) / 2,
    sharing: first.length,
    defined: defined.length,
    least: defined[0] ?? null,
    lowerQuartile: quantile(0.25),
    median: quantile(0.5),
    upperQuartile: quantile(0.75),
    most: defined.at(-1) ?? null,
  };
}

/** One pair a row. */
export function pairRows(pairs: PairKappas): Agreement[] {
  return [...pairs.first.keys()].map((at) => pairRow(pairs, at));
}

function pairRow(pairs: PairKappas, at: number): Agreement {
  const { question, dataset, raters, first, second, n, value } = pairs;
  const kappa = value[at] as number;
  const defined = !Number.isNaN(kappa);
  return {
    question,
    dataset,
    statistic: 'quadratic-weighted-kappa',
    value: defined ? kappa : null,
    low: null,
    high: null,
    raters: [valueAt(raters, valueAt(first, at)), valueAt(raters, valueAt(second, at))],
    n: n[at] as number,
    reason: defined ? null : 'Both gave one and the same label throughout.',
  };
}

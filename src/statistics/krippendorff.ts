import { valueFor } from '../shared/checked-reads';

/** How far apart two values are: delta squared of Krippendorff 2011, section C.6. */
export const alphaMetrics = ['nominal', 'ordinal', 'interval', 'ratio'] as const;
export type AlphaMetric = (typeof alphaMetrics)[number];

/**
 * Krippendorff's alpha: 1 - D_o / D_e, the observed over the expected disagreement, for any number
 * of observers, missing values included (Krippendorff 2011, Computing Krippendorff's
 * Alpha-Reliability, section C). A unit with fewer than two values pairs nothing and counts nothing.
 *
 * @param units the values that each unit was given, in any order: which observer gave a value does
 * not matter. `ratio` takes values from 0.
 * @returns up to 1 (perfect agreement; 0: as by chance; below 0: less), or null where it is not
 * defined: nothing to pair, or one value alone in all of them.
 * @throws RangeError if a value is not finite, or negative under `ratio`.
 */
export function krippendorffAlpha(
  units: readonly (readonly number[])[],
  metric: AlphaMetric,
): number | null {
  const values = [...new Set(units.flat())].sort((a, b) => a - b);
  const index = new Map(values.map((value, i) => [value, i]));
  const counts = new Float64Array(values.length ** 2);
  for (const unit of units) {
    addCoincidences(
      counts,
      unit.map((value) => valueFor(index, value)),
      values.length,
    );
  }
  return alphaOfCoincidences(counts, values, metric);
}

/**
 * Add a unit's coincidences to a matrix: every ordered pair of its m values counts 1 / (m - 1), so
 * that the unit counts m. Matrices of units add up, which is what a bootstrap over units needs. Takes
 * time in proportion to m + K^2, however many observers a unit has.
 *
 * @param matrix row-major [K, K]; changed.
 * @param unit indices of the unit's values, 0 to K - 1; with fewer than two nothing is added.
 */
export function addCoincidences(
  matrix: Float64Array,
  unit: readonly number[],
  categories: number,
): void {
  if (unit.length < 2) return;
  const counts = new Float64Array(categories);
  for (const value of unit) counts[value] = (counts[value] as number) + 1;
  for (let c = 0; c < categories; c += 1) {
    for (let k = 0; k < categories; k += 1) {
      const others = (counts[k] as number) - Number(c === k);
      const at = c * categories + k;
      matrix[at] = (matrix[at] as number) + ((counts[c] as number) * others) / (unit.length - 1);
    }
  }
}

/**
 * Alpha of a matrix of coincidences: 1 - (n - 1) sum o_ck d_ck / sum n_c n_k d_ck.
 *
 * @param matrix row-major [K, K], symmetric.
 * @param values the K values in ascending order.
 */
export function alphaOfCoincidences(
  matrix: Float64Array,
  values: readonly number[],
  metric: AlphaMetric,
): number | null {
  const size = values.length;
  const low = metric === 'ratio' ? 0 : -Infinity;
  if (!values.every((value) => Number.isFinite(value) && value >= low)) {
    throw new RangeError(`alphaOfCoincidences: a value is not finite, or negative under ratio`);
  }
  const totals = values.map((_, c) => {
    let sum = 0;
    for (let k = 0; k < size; k += 1) sum += matrix[c * size + k] as number;
    return sum;
  });
  const n = totals.reduce((sum, total) => sum + total, 0);
  let observed = 0;
  let expected = 0;
  for (let c = 0; c < size; c += 1) {
    for (let k = c + 1; k < size; k += 1) {
      const distance = squaredDistance(values, totals, c, k, metric);
      observed += (matrix[c * size + k] as number) * distance;
      expected += (totals[c] as number) * (totals[k] as number) * distance;
    }
  }
  return expected > 0 ? 1 - ((n - 1) * observed) / expected : null;
}

function squaredDistance(
  values: readonly number[],
  totals: readonly number[],
  c: number,
  k: number,
  metric: AlphaMetric,
): number {
  if (metric === 'nominal') return 1;
  const [a, b] = [values[c] as number, values[k] as number];
  if (metric === 'interval') return (a - b) ** 2;
  if (metric === 'ratio') return ((a - b) / (a + b)) ** 2;
  let between = -((totals[c] as number) + (totals[k] as number)) / 2;
  for (let g = c; g <= k; g += 1) between += totals[g] as number;
  return between ** 2;
}

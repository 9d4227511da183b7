/** Disagreement of two categories i, j: 1 where they differ (Cohen 1960), |i - j|, (i - j)^2. */
const disagreement = {
  unweighted: (i: number, j: number) => Number(i !== j),
  linear: (i: number, j: number) => Math.abs(i - j),
  quadratic: (i: number, j: number) => (i - j) ** 2,
} as const;
export type KappaWeights = keyof typeof disagreement;

/**
 * Cohen's kappa, weighted or not: 1 - sum w_ij o_ij / sum w_ij e_ij with o the observed counts and e_ij =
 * row_i column_j / n those expected by chance (Cohen 1968, Psychological Bulletin 70: 213-220).
 *
 * @param table counts, rows the first rater's categories and columns the second's, in order; square.
 * @returns up to 1, or null where it is not defined: no item, or both raters in one category alone.
 * @throws RangeError if the table is not square or a count is negative or not finite.
 */
export function weightedKappa(
  table: readonly (readonly number[])[],
  weights: KappaWeights,
): number | null {
  const size = table.length;
  if (table.some((row) => row.length !== size)) {
    throw new RangeError(`weightedKappa: the table is not square`);
  }
  const counts = table.flat();
  if (!counts.every((count) => Number.isFinite(count) && count >= 0)) {
    throw new RangeError('weightedKappa: a count is negative or not finite');
  }
  return kappaOfCounts(counts, 0, size, weights);
}

/**
 * The same of counts that lie one table after another, for very many pairs of raters.
 *
 * @param counts row-major [K, K] from `start` on; not checked.
 * @param size K.
 */
export function kappaOfCounts(
  counts: ArrayLike<number>,
  start: number,
  size: number,
  weights: KappaWeights,
): number | null {
  const apart = disagreement[weights];
  // Plain arrays: of a handful of numbers a typed one costs more than they do.
  const rows = new Array<number>(size).fill(0);
  const columns = new Array<number>(size).fill(0);
  let n = 0;
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < size; j += 1) {
      const count = counts[start + i * size + j] as number;
      rows[i] = (rows[i] as number) + count;
      columns[j] = (columns[j] as number) + count;
      n += count;
    }
  }
  let observed = 0;
  let expected = 0;
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < size; j += 1) {
      const weight = apart(i, j);
      observed += weight * (counts[start + i * size + j] as number);
      expected += weight * (rows[i] as number) * (columns[j] as number);
    }
  }
  return expected > 0 ? 1 - (observed * n) / expected : null;
}

/**
 * Counts of pairs of scores, the table that `weightedKappa` takes.
 *
 * @param pairs two scores of one item each, whole numbers 1 to `categories`.
 * @throws RangeError for another score.
 */
export function contingency(
  pairs: readonly (readonly [number, number])[],
  categories: number,
): number[][] {
  const table = Array.from({ length: categories }, () =>
    Array.from({ length: categories }, () => 0),
  );
  for (const [a, b] of pairs) {
    const row = table[a - 1];
    const count = row?.[b - 1];
    if (!row || count === undefined) {
      throw new RangeError(`contingency: (${a}, ${b}); accepted: 1 to ${categories}`);
    }
    row[b - 1] = count + 1;
  }
  return table;
}

import { chiSquareTail } from './chi-square';
import { midRanks } from './ranks';

export interface FriedmanTest {
  /** chi-square with `degrees` = treatments - 1. */
  readonly statistic: number;
  readonly degrees: number;
  /** Upper tail of chi-square: an approximation, rough for few blocks. */
  readonly p: number;
}

/** Why there is no test: a value is missing, too little to rank, or all values of a block are tied. */
export type NoFriedmanTest = 'incomplete' | 'too-small' | 'tied';

/**
 * Friedman's rank test with the correction for ties: with R_j the rank sums of k treatments over b
 * blocks, chi2 = (12 sum R_j^2 / (b k (k + 1)) - 3 b (k + 1)) / C and C = 1 - sum (t^3 - t) /
 * (b (k^3 - k)) over the groups of t tied values (Friedman 1937, JASA 32: 675-701; Conover 1999,
 * Practical Nonparametric Statistics, section 5.8).
 *
 * @param blocks values [b][k], null where one is missing; any unit, larger ranks higher.
 * @returns the test, or why there is none: `incomplete` data are not imputed, fewer than two blocks
 * or treatments are `too-small`, and with every block all `tied` there are no ranks.
 * @throws RangeError if blocks differ in length or a value is not finite.
 */
export function friedmanTest(
  blocks: readonly (readonly (number | null)[])[],
): FriedmanTest | NoFriedmanTest {
  const k = blocks[0]?.length ?? 0;
  const b = blocks.length;
  if (blocks.some((block) => block.length !== k)) {
    throw new RangeError('friedmanTest: blocks differ in length');
  }
  if (b < 2 || k < 2) return 'too-small';
  const sums = Array.from({ length: k }, () => 0);
  let ties = 0;
  for (const block of blocks) {
    const values = block.filter((value) => value !== null);
    if (values.length < k) return 'incomplete';
    midRanks(values).forEach((rank, j) => {
      sums[j] = (sums[j] as number) + rank;
    });
    const groups = new Map<number, number>();
    for (const value of values) groups.set(value, (groups.get(value) ?? 0) + 1);
    for (const t of groups.values()) ties += t ** 3 - t;
  }
  const correction = 1 - ties / (b * (k ** 3 - k));
  if (correction <= 0) return 'tied';
  const squares = sums.reduce((sum, rank) => sum + rank ** 2, 0);
  const uncorrected = (12 * squares) / (b * k * (k + 1)) - 3 * b * (k + 1);
  const statistic = Math.max(0, uncorrected / correction);
  return { statistic, degrees: k - 1, p: chiSquareTail(statistic, k - 1) };
}

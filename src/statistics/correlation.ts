import { sampleCorrelation } from 'simple-statistics';
import { midRanks } from './ranks';

/**
 * Spearman's rank correlation: Pearson's coefficient of the mid-ranks, which stays right with ties
 * (Kendall and Gibbons 1990, Rank Correlation Methods, ch. 3).
 *
 * @param x, y paired finite values, same length.
 * @returns -1 to 1, or null where it is not defined: fewer than two pairs or a constant side.
 * @throws RangeError if the lengths differ or a value is not finite.
 */
export function spearman(x: readonly number[], y: readonly number[]): number | null {
  checkPairs('spearman', x, y);
  if (isConstant(x) || isConstant(y)) return null;
  return clamp(sampleCorrelation(midRanks(x), midRanks(y)));
}

/**
 * Spearman's rank correlation of long lists, such as the values of two maps: exact sums of the ranks, so
 * that equal lists have 1 itself. `spearman` has the same in all but the last digits, which tables of ratings
 * that were written once keep.
 *
 * @param x, y paired finite values, same length.
 * @returns -1 to 1, or null where it is not defined: fewer than two pairs or a constant side.
 * @throws RangeError if the lengths differ or a value is not finite.
 */
export function rankCorrelation(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  if (x.length !== y.length) {
    throw new RangeError(`rankCorrelation: ${x.length} and ${y.length} values`);
  }
  const [a, b] = [midRanks(x), midRanks(y)];
  // Ranks are halves of whole numbers.
  const mean = (a.length + 1) / 2;
  let [both, first, second] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    const da = (a[i] as number) - mean;
    const db = (b[i] as number) - mean;
    both += da * db;
    first += da * da;
    second += db * db;
  }
  return first === 0 || second === 0 ? null : clamp(both / Math.sqrt(first * second));
}

/**
 * Kendall's tau-b: (P - Q) / sqrt((n0 - n1)(n0 - n2)) with P concordant and Q discordant pairs, n0
 * = n (n - 1) / 2, and n1, n2 the pairs tied in x and in y (Kendall 1945, Biometrika 33: 239-251).
 *
 * @param x, y paired finite values, same length. Time grows with its square.
 * @returns -1 to 1, or null where it is not defined: fewer than two pairs or a constant side.
 * @throws RangeError if the lengths differ or a value is not finite.
 */
export function kendallTauB(x: readonly number[], y: readonly number[]): number | null {
  checkPairs('kendallTauB', x, y);
  if (isConstant(x) || isConstant(y)) return null;
  let balance = 0;
  let untiedX = 0;
  let untiedY = 0;
  for (let i = 0; i < x.length; i += 1) {
    for (let j = 0; j < i; j += 1) {
      const dx = Math.sign((x[i] as number) - (x[j] as number));
      const dy = Math.sign((y[i] as number) - (y[j] as number));
      balance += dx * dy;
      untiedX += Math.abs(dx);
      untiedY += Math.abs(dy);
    }
  }
  return clamp(balance / Math.sqrt(untiedX * untiedY));
}

function checkPairs(name: string, x: readonly number[], y: readonly number[]): void {
  if (x.length !== y.length) throw new RangeError(`${name}: ${x.length} and ${y.length} values`);
  if (![...x, ...y].every(Number.isFinite)) throw new RangeError(`${name}: a value is not finite`);
}

/** Rounding may leave a perfect correlation a hair outside. */
const clamp = (value: number) => Math.min(1, Math.max(-1, value));

function isConstant(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}

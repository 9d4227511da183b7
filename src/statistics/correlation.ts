import { midRanks } from './ranks';

/**
 * Spearman's rank correlation: Pearson's coefficient of the mid-ranks, which stays right with ties
 * (Kendall and Gibbons 1990, Rank Correlation Methods, ch. 3).
 *
 * @param x, y paired finite values, same length.
 * @returns -1 to 1, or null where it is not defined: fewer than two pairs or a constant side.
 * @throws RangeError if the lengths differ or a value is not finite.
 */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  checkPairs('spearman', x, y);
  if (isConstant(x) || isConstant(y)) return null;
  const [a, b] = [midRanks(x), midRanks(y)];
  // Ranks are halves of whole numbers, so that these sums are exact.
  const mean = (a.length + 1) / 2;
  let [both, first, second] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    const da = (a[i] as number) - mean;
    const db = (b[i] as number) - mean;
    both += da * db;
    first += da * da;
    second += db * db;
  }
  return clamp(both / Math.sqrt(first * second));
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

function checkPairs(name: string, x: ArrayLike<number>, y: ArrayLike<number>): void {
  if (x.length !== y.length) throw new RangeError(`${name}: ${x.length} and ${y.length} values`);
  for (let i = 0; i < x.length; i += 1) {
    if (Number.isFinite(x[i]) && Number.isFinite(y[i])) continue;
    throw new RangeError(`${name}: a value is not finite`);
  }
}

/** Rounding may leave a perfect correlation a hair outside. */
const clamp = (value: number) => Math.min(1, Math.max(-1, value));

function isConstant(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i += 1) if (values[i] !== values[0]) return false;
  return true;
}

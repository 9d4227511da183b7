import { compiled, stdtri } from 'cephes';

await compiled;

/**
 * Quantile of Student's t distribution, by Moshier's Cephes; relative error below 1e-12.
 *
 * @param probability between 0 and 1, bounds excluded
 * @param freedom degrees of freedom, a whole number from 1
 * @throws RangeError outside
 */
export function studentQuantile(probability: number, freedom: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError(`studentQuantile: probability ${probability} is not between 0 and 1`);
  }
  if (!Number.isInteger(freedom) || freedom < 1) {
    throw new RangeError(`studentQuantile: ${freedom} degrees of freedom; accepted: 1, 2, ...`);
  }
  return stdtri(freedom, probability);
}

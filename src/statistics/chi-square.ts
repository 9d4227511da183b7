import { chdtrc, compiled } from 'cephes';

await compiled;

/**
 * Upper tail of the chi-square distribution, by Moshier's Cephes; relative error below 1e-12.
 *
 * @param x statistic, from 0.
 * @param degrees degrees of freedom k, above 0.
 * @returns P(X >= x), 0 to 1.
 * @throws RangeError outside these ranges.
 */
export function chiSquareTail(x: number, degrees: number): number {
  if (!(x >= 0) || !(degrees > 0) || !Number.isFinite(degrees)) {
    throw new RangeError(`chiSquareTail: x = ${x} with ${degrees} degrees of freedom`);
  }
  if (x === Infinity) return 0;
  try {
    return chdtrc(degrees, x);
  } catch (error) {
    // Too small for a double: this tail far above the mean, the other one far below it.
    if (error instanceof Error && error.message.includes('underflow')) return x > degrees ? 0 : 1;
    throw error;
  }
}

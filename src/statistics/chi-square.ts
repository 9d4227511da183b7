import { gammaln } from 'simple-statistics';

/**
 * Upper tail of the chi-square distribution: Q(k / 2, x / 2), the regularised upper incomplete gamma
 * function, by its series below a + 1 and its continued fraction above (Press et al. 2007, Numerical
 * Recipes, section 6.2). Relative error below 1e-12 over the usual range.
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
  const [a, half] = [degrees / 2, x / 2];
  if (half === 0) return 1;
  if (half === Infinity) return 0;
  const front = Math.exp(a * Math.log(half) - half - gammaln(a));
  return half < a + 1 ? 1 - front * lowerSeries(a, half) : front * upperFraction(a, half);
}

const steps = 10_000;
const precision = 1e-16;

/** sum_n x^n / (a (a + 1) ... (a + n)). */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < steps && term > sum * precision; n += 1) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - ...)), by the modified Lentz method. */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let value = d;
  for (let i = 1; i < steps; i += 1) {
    const factor = -i * (i - a);
    b += 2;
    d = 1 / nonZero(factor * d + b, tiny);
    c = nonZero(b + factor / c, tiny);
    const step = d * c;
    value *= step;
    if (Math.abs(step - 1) < precision * 10) break;
  }
  return value;
}

const nonZero = (value: number, tiny: number) => (Math.abs(value) < tiny ? tiny : value);

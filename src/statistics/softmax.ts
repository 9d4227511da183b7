/**
 * Softmax of one image's logits, in double precision: powers relative to the largest, so that none
 * overflows.
 *
 * @param logits finite numbers, at least one, in nats.
 * @returns float64, one probability per logit, in 0..1; a margin of m gives e^-m, however small.
 * @throws RangeError if there is no logit or one is not finite.
 */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const { powers, sum } = relativePowers(logits);
  return powers.map((power) => power / sum);
}

/**
 * A class's probability p together with 1 - p and log p, both as accurate as p where p is all but 1:
 * 1 - p is the sum of the other classes' probabilities, in their order, and never a difference.
 *
 * @param logits finite numbers, at least one, in nats.
 * @param target index of the class.
 * @throws RangeError if there is no such class or a logit is not finite.
 */
export function probabilityOf(
  logits: ArrayLike<number>,
  target: number,
): { p: number; others: number; logarithm: number } {
  const { powers, sum, top } = relativePowers(logits);
  const own = powers[target];
  if (own === undefined) throw new RangeError(`probabilityOf: there is no class ${target}`);
  const p = own / sum;
  const others =
    powers.reduce((total, power, k) => (k === target ? total : total + power), 0) / sum;
  // From 1 - p where that is the smaller of both, else from the logit itself: p may underflow.
  const logarithm =
    others < 0.5 ? Math.log1p(-others) : (logits[target] as number) - top - Math.log(sum);
  return { p, others, logarithm };
}

function relativePowers(logits: ArrayLike<number>) {
  const z = Float64Array.from(logits);
  if (z.length === 0 || !z.every(Number.isFinite)) {
    throw new RangeError('softmax: no logits, or one that is not finite');
  }
  const top = z.reduce((most, value) => Math.max(most, value), -Infinity);
  const powers = z.map((value) => Math.exp(value - top));
  return { powers, sum: powers.reduce((total, power) => total + power, 0), top };
}

/** Levels are read to nine decimals, so that 0.1 * 3 and 0.3 are the same level. */
const unit = 1_000_000_000;

/** The level as written in decimals: 0.30000000000000004 becomes 0.3. */
export function canonicalLevel(level: number): number {
  return Math.round(level * unit) / unit;
}

/**
 * How many of an image's pixel locations are removed at level t: t * pixels, rounded half up. The
 * product is exact, so that 0.29 of 50 (14.5) gives 15 although 0.29 * 50 is below 14.5 in floats.
 *
 * @param level the share t, from 0 to 1 (RangeError outside)
 * @param pixels H * W
 */
export function removedCount(level: number, pixels: number): number {
  if (!(level >= 0 && level <= 1)) throw new RangeError(`level ${level} is not from 0 to 1`);
  const doubled = BigInt(Math.round(level * unit)) * BigInt(pixels) * 2n + BigInt(unit);
  return Number(doubled / BigInt(2 * unit));
}

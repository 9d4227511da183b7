/** Levels are read to nine decimals, so that 0.1 * 3 and 0.3 are the same level. */
const unit = 1_000_000_000;

/** The level as written in decimals: 0.30000000000000004 becomes 0.3. */
export function canonicalLevel(level: number): number {
  return Math.round(level * unit) / unit;
}

/** A level as the paper writes it: 0.3, and 0.25 where it is not a tenth. */
export function levelText(level: number): string {
  const text = String(Number(level.toFixed(6)));
  return text.includes('.') ? text : `${text}.0`;
}

/** Two levels that remove equally many of an image's pixels, and how many. */
export interface EqualLevels {
  readonly levels: readonly [number, number];
  readonly removed: number;
}

/**
 * The first two of ascending levels that remove equally many pixels, so that what is trained for the
 * one is trained again for the other; null where each removes more than the one before.
 *
 * @param levels shares from 0 to 1, ascending (RangeError outside)
 * @param pixels H * W
 */
export function equalLevels(levels: readonly number[], pixels: number): EqualLevels | null {
  const counts = levels.map((level) => removedCount(level, pixels));
  const twice = counts.findIndex((count, i) => i > 0 && count === counts[i - 1]);
  const [before, level, removed] = [levels[twice - 1], levels[twice], counts[twice]];
  return before === undefined || level === undefined || removed === undefined
    ? null
    : { levels: [before, level], removed };
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

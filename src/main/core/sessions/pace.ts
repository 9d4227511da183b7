import { valueAt } from '../../../shared/checked-reads';

/** A longer pause between two answers is a break, which tells nothing of the pace. */
const longest = 5 * 60_000;
/** Intervals without which a pace is not known. */
const fewest = 4;

/**
 * Seconds that so many labels take at the rater's own pace: the median time between answers.
 *
 * @param times when the last labels were recorded, in any order (ISO 8601)
 * @returns null until the pace is known
 */
export function secondsLeft(times: readonly string[], labels: number): number | null {
  const answers = times.map((time) => Date.parse(time)).sort((a, b) => a - b);
  const gaps = answers
    .slice(1)
    .map((time, i) => time - valueAt(answers, i))
    .filter((gap) => gap <= longest)
    .sort((a, b) => a - b);
  if (gaps.length < fewest) return null;
  const low = valueAt(gaps, Math.floor((gaps.length - 1) / 2));
  const high = valueAt(gaps, Math.ceil((gaps.length - 1) / 2));
  return ((low + high) / 2 / 1000) * labels;
}

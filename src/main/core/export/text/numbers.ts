/**
 * Numbers as people read them.
 *
 * @throws RangeError if the value is not finite: what is none is told in words, or refused before
 */
export const fixed = (value: number, digits = 3): string => {
  const text = finite(value).toFixed(digits);
  // No negative zero: -0.000 says nothing that 0.000 does not.
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace('-', '−');
};

/** A length or place in a drawing, to a hundredth. */
export const coordinate = (value: number): string => String(Number(finite(value).toFixed(2)));

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new RangeError(`${value} is no finite number: it is neither written nor drawn`);
}

export const percent = (share: number, digits = 1): string => `${fixed(100 * share, digits)}%`;

/** `0.100 to 0.300`, such as stands after '95% interval'; a dash without one. */
export const interval = (low: number | null, high: number | null, digits = 3): string =>
  low === null || high === null ? '–' : `${fixed(low, digits)} to ${fixed(high, digits)}`;

/** What stands in brackets behind a figure in a sentence. */
export const intervalNote = (
  { low, high }: { readonly low: number | null; readonly high: number | null },
  digits = 3,
): string =>
  low === null || high === null ? 'no interval' : `95% interval ${interval(low, high, digits)}`;

export { levelText } from '../../../../shared/levels';

export const whole = (value: number): string => value.toLocaleString('en-US');

export function duration(seconds: number): string {
  if (seconds < 60) return `${fixed(seconds, 1)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

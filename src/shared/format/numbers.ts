/**
 * With fixed digits and a real minus sign; what rounds to nothing has no sign.
 *
 * @throws RangeError if the value is not finite: what is none is told in words, or refused before
 */
export function fixed(value: number, digits = 3): string {
  if (!Number.isFinite(value)) {
    throw new RangeError(`${value} is no finite number: it is neither written nor drawn`);
  }
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace('-', '−');
}

/** 0.98765 -> '98.8%'. */
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

/** A removal level as the paper writes it: 0.3, and 0.25 where it is not a tenth. */
export function formatLevel(level: number): string {
  const text = String(Number(level.toFixed(6)));
  return text.includes('.') ? text : `${text}.0`;
}

import { fixed } from '../shared/format/numbers';

export { formatBytes } from '../shared/format/bytes';
export { counted, formatCount } from '../shared/format/counts';
export { formatLevel } from '../shared/format/numbers';
export { formatRate } from '../shared/format/rates';
export { formatDuration, formatWhen } from '../shared/format/times';

/** What stands where there is no number. */
const none = '–';

/** A share of one as per cent: 0.98765 -> '98.77%'. */
export function formatPercent(share: number | null, digits = 2): string {
  return share === null || !Number.isFinite(share) ? none : `${fixed(share * 100, digits)}%`;
}

/** A plain number with fixed digits. */
export function formatNumber(value: number | null, digits = 3): string {
  return value === null || !Number.isFinite(value) ? none : fixed(value, digits);
}

/** '[0.120, 0.230]', or nothing where there is no interval. */
export function formatInterval(low: number | null, high: number | null, digits = 3): string {
  if (low === null || high === null) return '';
  return `[${formatNumber(low, digits)}, ${formatNumber(high, digits)}]`;
}

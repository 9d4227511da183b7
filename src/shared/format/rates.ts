import { formatBytes } from './bytes';
import { formatCount } from './counts';

/**
 * What happens per second: (5012.3, 'images') -> '5,012 images/s'; bytes with binary units; '–' where
 * unknown.
 */
export function formatRate(rate: number | null, unit: string | null): string {
  if (rate === null || !Number.isFinite(rate)) return '–';
  if (unit === 'bytes') return `${formatBytes(rate)}/s`;
  const value = rate >= 100 ? formatCount(rate) : rate.toFixed(rate >= 10 ? 1 : 2);
  return `${value}${unit ? ` ${unit}` : ''}${unit?.endsWith('/s') ? '' : unit ? '/s' : ' per second'}`;
}

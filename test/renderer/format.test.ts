import { expect, it } from 'vitest';
import { formatInterval, formatNumber, formatPercent } from '../../src/renderer/format';

it('where there is no number there is a dash, and no interval at all', () => {
  expect([-0.25, -0.0001, null, Number.NaN].map((value) => formatNumber(value))).toEqual([
    '−0.250',
    '0.000',
    '–',
    '–',
  ]);
  expect([0.98765, null].map((share) => formatPercent(share))).toEqual(['98.77%', '–']);
  expect(formatInterval(-0.12, 0.0001)).toBe('[−0.120, 0.000]');
  expect(formatInterval(null, 1)).toBe('');
});

import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatLevel,
  formatNumber,
  formatPercent,
  formatRate,
  formatWhen,
} from '../../src/renderer/format';

describe('format', () => {
  it('writes durations', () => {
    expect([0, 0.4, 8, 59.6, 185, 7800, null, Number.NaN].map((s) => formatDuration(s))).toEqual([
      '0 s',
      '< 1 s',
      '8 s',
      '1 min 00 s',
      '3 min 05 s',
      '2 h 10 min',
      '–',
      '–',
    ]);
  });

  it('writes bytes with binary units', () => {
    expect([0, 1023, 1536, 150 * 2 ** 20, 3 * 2 ** 40].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.5 KiB',
      '150 MiB',
      '3.0 TiB',
    ]);
  });

  it('writes numbers, shares, levels and rates', () => {
    expect(formatCount(60_000)).toBe('60,000');
    expect(formatNumber(-0.25)).toBe('−0.250');
    expect(formatPercent(0.98765)).toBe('98.77%');
    expect(formatPercent(null)).toBe('–');
    expect([0, 0.3, 0.25].map(formatLevel)).toEqual(['0.0', '0.3', '0.25']);
    expect(formatRate(5012.3, 'images')).toBe('5,012 images/s');
    expect(formatRate(5012.3, 'images/s')).toBe('5,012 images/s');
    expect(formatRate(1.5, null)).toBe('1.50 per second');
    expect(formatRate(null, 'images')).toBe('–');
  });

  it('writes a moment as shortly as it can', () => {
    const now = new Date(2026, 2, 3, 18, 0);
    expect(formatWhen(new Date(2026, 2, 3, 14, 5).toISOString(), now)).toBe('14:05');
    expect(formatWhen(new Date(2026, 1, 1, 9, 0).toISOString(), now)).toBe('1 Feb, 09:00');
    expect(formatWhen(new Date(2025, 11, 31, 9, 0).toISOString(), now)).toBe('31 Dec 2025, 09:00');
    expect(formatWhen(null)).toBe('–');
  });
});

import { describe, expect, it } from 'vitest';
import { formatBytes } from '../../../src/shared/format/bytes';
import { counted, formatCount } from '../../../src/shared/format/counts';
import { fixed, formatLevel, interval, percent } from '../../../src/shared/format/numbers';
import { formatRate } from '../../../src/shared/format/rates';
import { formatDuration, formatMilliseconds, formatWhen } from '../../../src/shared/format/times';

describe('what is written the same everywhere', () => {
  it('durations', () => {
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
    expect([85.4, 3120].map(formatMilliseconds)).toEqual(['85 ms', '3.1 s']);
  });

  it('bytes, with binary units', () => {
    expect([0, 1023, 1536, 150 * 2 ** 20, 3 * 2 ** 40].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.5 KiB',
      '150 MiB',
      '3.0 TiB',
    ]);
  });

  it('counts', () => {
    expect(formatCount(60_000)).toBe('60,000');
    expect([1, 2000].map((n) => counted(n, 'rating'))).toEqual(['1 rating', '2,000 ratings']);
    expect(counted(2, 'accuracy', 'accuracies')).toBe('2 accuracies');
  });

  it('rates', () => {
    expect(formatRate(5012.3, 'images')).toBe('5,012 images/s');
    expect(formatRate(5012.3, 'images/s')).toBe('5,012 images/s');
    expect(formatRate(3 * 2 ** 20, 'bytes')).toBe('3.0 MiB/s');
    expect(formatRate(1.5, null)).toBe('1.50 per second');
    expect(formatRate(null, 'images')).toBe('–');
  });

  it('numbers: with a real minus sign, and none where they round to nothing', () => {
    expect([-0.25, -0.0004].map((value) => fixed(value))).toEqual(['−0.250', '0.000']);
    expect(() => fixed(Number.NaN)).toThrow('no finite number');
    expect(percent(0.98765)).toBe('98.8%');
    expect([interval(-0.1, 0.2), interval(null, 1)]).toEqual(['−0.100 to 0.200', '–']);
    expect([0, 0.3, 0.25, 1].map(formatLevel)).toEqual(['0.0', '0.3', '0.25', '1.0']);
  });

  it('moments, as shortly as can be', () => {
    const now = new Date(2026, 2, 3, 18, 0);
    expect(formatWhen(new Date(2026, 2, 3, 14, 5).toISOString(), now)).toBe('14:05');
    expect(formatWhen(new Date(2026, 1, 1, 9, 0).toISOString(), now)).toBe('1 Feb, 09:00');
    expect(formatWhen(new Date(2025, 11, 31, 9, 0).toISOString(), now)).toBe('31 Dec 2025, 09:00');
    expect(formatWhen(null)).toBe('–');
  });
});

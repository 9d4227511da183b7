import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openFont } from '../../../../../src/main/core/export/figure/font';
import { installedFiles } from '../../../../../src/main/core/storage/installed-files';

const font = openFont(installedFiles().fonts);

describe('the font of figures and reports', () => {
  it('kerns as browsers do', () => {
    // Inter's A and V are 0.68994 em wide each and 140 of 2,048 units closer together.
    const apart = 2 * 0.68994140625;
    expect(font.width('A', 1, 400)).toBeCloseTo(apart / 2, 10);
    expect(font.width('AV', 1, 400)).toBeCloseTo(apart - 140 / 2048, 10);
    expect(font.width('AV', 1, 600)).toBeGreaterThan(font.width('AV', 1, 400));
  });

  it('draws from the baseline up, as wide as it measures', () => {
    const pairs = [...font.path('H', 10, 50, 20, 400).matchAll(/(-?[\d.]+) (-?[\d.]+)/g)];
    const xs = pairs.map(([, x]) => Number(x));
    const ys = pairs.map(([, , y]) => Number(y));
    expect(Math.max(...ys)).toBe(50);
    // A capital of Inter is 1,490 of 2,048 units tall.
    expect(Math.min(...ys)).toBeCloseTo(50 - (20 * 1490) / 2048, 2);
    expect(Math.min(...xs)).toBeGreaterThan(10);
    expect(Math.max(...xs)).toBeLessThan(10 + font.width('H', 20, 400));
  });

  it('carries Latin and Greek in both weights', () => {
    expect(font.css.match(/@font-face/g)).toHaveLength(4);
    expect(font.css).not.toMatch(/url\((?!data:)/);
  });
});

describe('text that becomes paths', () => {
  const { shown, path, width } = font.forPaths;

  it.each([
    ['显著图甲', '[U+663E U+8457 U+56FE U+7532]'],
    ['خريطة 2', '[U+062E U+0631 U+064A U+0637 U+0629] 2'],
    ['map 👩‍🔬', 'map [U+1F469 U+200D U+1F52C]'],
    ['σ ≥ 0.15 × Ж é', 'σ ≥ 0.15 × Ж é'],
    ['e\u0301', 'é'],
  ])('%s stands as %s', (name, written) => {
    expect(shown(name)).toBe(written);
    expect(path(name, 0, 0, 14, 400)).toBe(path(written, 0, 0, 14, 400));
    expect(width(name, 14, 400)).toBe(width(written, 14, 400));
  });

  it('tells any two names apart', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(name, name, (a, b) => {
        fc.pre(a.normalize('NFC').trim() !== b.normalize('NFC').trim());
        fc.pre(!/\s/u.test(a + b));
        expect(path(a, 0, 0, 14, 400)).not.toBe(path(b, 0, 0, 14, 400));
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  exampleMap,
  explanationOf,
  instruction,
  isExampleKind,
  practiceKinds,
} from '../../../../../src/main/core/studies/design/examples';
import { builtInMethods } from '../../../../../src/shared/catalogue/methods';
import { defaultQuestions } from '../../../../../src/shared/ratings/questions';

/** A white square on black, 24 by 24. */
const size = 24;
const inSquare = (i: number) => {
  const [y, x] = [Math.floor(i / size), i % size];
  return y >= 8 && y < 16 && x >= 8 && x < 16;
};
const square = {
  shape: [size, size, 1],
  data: Uint8Array.from({ length: size * size }, (_, i) => (inSquare(i) ? 255 : 0)),
};
const levels = (kind: (typeof practiceKinds)[number]) => {
  const rgba = exampleMap(kind, square, 'grayscale');
  return Array.from({ length: size * size }, (_, i) => rgba[i * 4] ?? 0);
};
const at = (values: readonly number[], y: number, x: number) => values[y * size + x] ?? -1;

describe('example maps', () => {
  it('trace the object’s outline: bright on its border, black inside and outside', () => {
    const map = levels('outline');
    for (const at8 of [at(map, 8, 12), at(map, 15, 12), at(map, 12, 8), at(map, 12, 15)]) {
      expect(at8).toBeGreaterThan(200);
    }
    expect(at(map, 12, 12)).toBe(0);
    expect(at(map, 2, 2)).toBe(0);
  });

  it('blur the object: brightest within, fading over its border', () => {
    const map = levels('blob');
    const row = [12, 15, 17, 19, 22].map((x) => at(map, 12, x));
    expect(row).toEqual([...row].sort((a, b) => b - a));
    expect(row[0]).toBeGreaterThan(200);
    expect(row[2]).toBeGreaterThan(10);
    expect(row[4]).toBeLessThan(10);
  });

  it('scatter dots that have nothing to do with the object', () => {
    const map = levels('dots');
    const lit = map.filter((level) => level === 255).length;
    expect(lit).toBe((size * size) / 8);
    expect(map.every((level) => level === 0 || level === 255)).toBe(true);
    const inside = map.filter((level, i) => level === 255 && inSquare(i)).length;
    expect(Math.abs(inside / lit - 64 / (size * size))).toBeLessThan(0.1);
  });

  it('mark every pixel the same in the flat one', () => {
    expect(new Set(levels('flat'))).toEqual(new Set([128]));
    expect(new Set(exampleMap('flat', square, 'diverging'))).toEqual(new Set([255]));
  });

  it('have the size of their image, opaque, for any image and display', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 2, max: 12 }),
        fc.constantFrom(1, 3),
        fc.constantFrom('grayscale' as const, 'diverging' as const),
        fc.integer({ min: 0, max: 255 }),
        (height, width, channels, display, shade) => {
          const data = Uint8Array.from({ length: height * width * channels }, (_, i) =>
            i % 7 === 0 ? shade : 40,
          );
          for (const kind of practiceKinds) {
            const rgba = exampleMap(kind, { shape: [height, width, channels], data }, display);
            expect(rgba).toHaveLength(height * width * 4);
            for (let i = 3; i < rgba.length; i += 4) expect(rgba[i]).toBe(255);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are explained, name no method, and are none', () => {
    for (const kind of practiceKinds) {
      expect(isExampleKind(kind)).toBe(true);
      const explanation = explanationOf(kind, defaultQuestions);
      for (const { id, name } of builtInMethods) {
        expect(kind).not.toBe(id);
        expect(explanation.toLowerCase()).not.toContain(name.replace('*', '').toLowerCase());
      }
    }
    expect(isExampleKind('random')).toBe(false);
  });

  it('ask for a label by its name', () => {
    const [coherence] = defaultQuestions;
    if (!coherence) throw new Error('no question');
    expect(instruction(4, coherence)).toMatch(/Please choose High\.$/);
    expect(() => instruction(6, coherence)).toThrow(RangeError);
  });
});

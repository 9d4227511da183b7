import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawCode } from '../../../../../src/main/core/studies/design/rater-codes';
import {
  chooseImages,
  practiceImages,
} from '../../../../../src/main/core/studies/design/study-images';
import { ratingDesignSchema } from '../../../../../src/shared/ratings/study';
import { stratifiedIndices } from '../../../../../src/shared/selection';

const labels = Uint8Array.from({ length: 100 }, (_, i) => (i * i) % 7);
const design = (practice: number, flatChecks = 0) =>
  ratingDesignSchema.parse({ practice, flatChecks });

describe('the images of a study', () => {
  it('are those that a run of the same seed draws, with practice from the rest of the draw', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.nat(50),
        fc.nat(6),
        (count, seed, practice) => {
          const chosen = chooseImages({ kind: 'sampled', count, seed }, design(practice), labels);
          const rated = chosen.filter((image) => !image.practice);
          const rest = chosen.filter((image) => image.practice);
          expect(rated.map(({ index }) => index)).toEqual(stratifiedIndices(labels, count, seed));
          expect(chosen.slice(0, count)).toEqual(rated);
          expect(rest).toHaveLength(Math.min(practice, 3));
          expect(new Set(chosen.map(({ index }) => index)).size).toBe(chosen.length);
          for (const { index, label } of chosen) expect(label).toBe(labels[index]);
          const all = stratifiedIndices(labels, count + rest.length, seed);
          expect(chosen.map(({ index }) => index).sort((a, b) => a - b)).toEqual(all);
        },
      ),
    );
  });

  it('stay in the order they were picked, with practice from the rest of the split', () => {
    const indices = [5, 3, 99, 0];
    const chosen = chooseImages({ kind: 'picked', indices }, design(3), labels);
    expect(chosen.slice(0, 4).map(({ index }) => index)).toEqual(indices);
    const practice = chosen.slice(4);
    expect(practice).toHaveLength(3);
    for (const { index } of practice) expect(indices).not.toContain(index);
  });

  it('include some for checks without practice, and none where none are needed', () => {
    expect([design(0), design(0, 2), design(1), design(6)].map(practiceImages)).toEqual([
      ...[0, 1, 1, 3],
    ]);
  });
});

describe('codes of raters', () => {
  it('are free, short, and of characters that are not taken for one another', () => {
    const taken = new Set<string>();
    for (let i = 0; i < 500; i += 1) {
      const code = drawCode((other) => taken.has(other));
      expect(taken.has(code)).toBe(false);
      expect(code).toMatch(/^[A-HJKMNP-Z]{2}[2-9]{2,3}$/);
      taken.add(code);
    }
  });

  it('get longer once the short ones are taken', () => {
    expect(drawCode((code) => code.length === 4)).toMatch(/^[A-Z]{2}[2-9]{3}$/);
  });
});

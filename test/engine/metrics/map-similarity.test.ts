import { describe, expect, it } from 'vitest';
import { entropyGain, histogramEntropy } from '../../../src/engine/metrics/histogram-entropy';
import { mapSimilarity } from '../../../src/engine/metrics/map-similarity';
import { structuralSimilarity } from '../../../src/engine/metrics/structural-similarity';
import { valueAt } from '../../../src/shared/checked-reads';
import { uniform } from '../support';
import { dot } from './toys';

/** |d/dx u · relu(W x)|, the reduced map of a network of one hidden layer. */
function mapOf(rows: readonly (readonly number[])[], u: readonly number[]): Float32Array {
  const x = [1, 2, -1, 0.5];
  const open = rows.map((row) => dot(row, x) > 0);
  return Float32Array.from(x, (_, i) =>
    Math.abs(
      rows.reduce((sum, row, j) => sum + (open[j] ? valueAt(u, j) * valueAt(row, i) : 0), 0),
    ),
  );
}

describe('model parameter randomisation', () => {
  const trained = [
    [1, -1, 2, 3],
    [0.5, 1, 0, -1],
    [2, 0.25, 1, -2],
  ] as const;
  const random = [
    [-1, 2, 0.5, 1],
    [2, 0, -1, 1],
    [1, 0, 2, 4],
  ] as const;
  const [u, v] = [
    [1, -2, 3],
    [-1, 1, 0.5],
  ];
  const before = mapOf(trained, u);

  it.each([
    ['the logits', mapOf(trained, v), 0.6],
    ['both layers', mapOf(random, v), 0.632456],
    ['the first layer alone', mapOf(random, u), 0.105409],
  ])('of %s leaves a known correlation', (_, after, expected) => {
    expect(mapSimilarity(before, after, [2, 2]).spearman).toBeCloseTo(expected, 6);
  });

  it('has a known structural similarity of two patterns', () => {
    const pattern = (down: number, across: number) =>
      Float32Array.from(
        { length: 144 },
        (_, i) => ((down * Math.floor(i / 12) + across * (i % 12)) % 11) / 10,
      );
    const value = structuralSimilarity(pattern(3, 5), pattern(5, 3), [12, 12]);
    expect(value).toBeCloseTo(-0.150165, 6);
  });

  it('gives 1 for a map that follows nothing, whatever its scale', () => {
    const map = uniform(20 * 16, 3);
    const control = mapSimilarity(map, map, [20, 16]);
    expect(control).toEqual({ spearman: 1, ssim: 1, zeroInBoth: 0 });
    const scaled = mapSimilarity(
      map,
      map.map((value) => value * 4),
      [20, 16],
    );
    expect(scaled).toEqual(control);
    expect(entropyGain(map, map)).toBe(0);
  });

  it('says what share of a map is 0 in both', () => {
    const [a, b] = [Float32Array.of(0, 0, 0, 1, 2), Float32Array.of(0, 0, 3, 0, 1)];
    expect(mapSimilarity(a, b, [1, 5]).zeroInBoth).toBe(0.4);
  });

  it('is undefined where a map is constant or 0, and SSIM where no window fits', () => {
    const map = uniform(144, 1);
    for (const flat of [new Float32Array(144), new Float32Array(144).fill(2)]) {
      for (const [a, b] of [
        [map, flat],
        [flat, map],
      ] as const) {
        expect(mapSimilarity(a, b, [12, 12])).toMatchObject({ spearman: null, ssim: null });
        expect(entropyGain(a, b)).toBeNull();
      }
    }
    const small = mapSimilarity(uniform(100, 1), uniform(100, 2), [10, 10]);
    expect(small.ssim).toBeNull();
    expect(small.spearman).not.toBeNull();
  });

  it('refuses what is no number, and a map with negative values', () => {
    const map = uniform(144, 1);
    const broken = map.map((value, i) => (i === 5 ? Number.NaN : value));
    expect(() => mapSimilarity(map, broken, [12, 12], 'the map of image 2')).toThrow(
      /the map of image 2 of random weights at pixel 5 is NaN/,
    );
    expect(() =>
      mapSimilarity(
        map.map((value) => value - 0.5),
        map,
        [12, 12],
      ),
    ).toThrow(/below 0/);
    expect(() => histogramEntropy(broken)).toThrow(/NaN/);
  });
});

describe('efficient model parameter randomisation', () => {
  const before = Float32Array.of(0, 0, 0, 0, 0, 0, 1, 2, 9);
  const after = Float32Array.from({ length: 9 }, (_, i) => i + 1);

  it.each([
    [100, 1.002718, 2.197225, 1.191268],
    [4, 0.348832, 1.368922, 2.924302],
  ])('with %d bins has known entropies', (bins, first, second, gain) => {
    expect(histogramEntropy(before, 'map', bins)).toBeCloseTo(first, 6);
    expect(histogramEntropy(after, 'map', bins)).toBeCloseTo(second, 6);
    expect(entropyGain(before, after, 'map', bins)).toBeCloseTo(gain, 6);
  });

  it('has 100 bins where nothing else is said', () => {
    expect(histogramEntropy(before)).toBe(histogramEntropy(before, 'map', 100));
  });
});

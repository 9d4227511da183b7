import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillOperators } from '../../../src/engine/removal/fills/catalogue';
import { interpolate } from '../../../src/engine/removal/fills/interpolate';
import { fillNoise, noisyLinear } from '../../../src/engine/removal/fills/noisy-linear';
import { isRemoved, randomMask, rankedMask } from '../../../src/engine/removal/mask';
import { valueAt } from '../../../src/shared/checked-reads';
import { uniform } from '../support';

/** The system written out and solved by elimination. */
function dense(pixels: Float32Array, height: number, width: number, removed: readonly number[]) {
  const place = new Map(removed.map((pixel, i) => [pixel, i]));
  const rows = removed.map((pixel) => {
    const row = new Float64Array(removed.length + 1);
    const own = place.get(pixel) ?? 0;
    for (let dy = -1; dy <= 1; dy += 1) {
      for (let dx = -1; dx <= 1; dx += 1) {
        const y = Math.floor(pixel / width) + dy;
        const x = (pixel % width) + dx;
        if ((dx === 0 && dy === 0) || y < 0 || x < 0 || y >= height || x >= width) continue;
        const weight = dx === 0 || dy === 0 ? 1 / 6 : 1 / 12;
        row[own] = valueAt(row, own) + weight;
        const other = place.get(y * width + x);
        if (other === undefined) {
          row[removed.length] =
            valueAt(row, removed.length) + weight * valueAt(pixels, y * width + x);
        } else row[other] = valueAt(row, other) - weight;
      }
    }
    return row;
  });
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let pivot = 0; pivot < removed.length; pivot += 1) {
    for (let i = 0; i < removed.length; i += 1) {
      const row = rows[i];
      if (i === pivot || !row) continue;
      const factor = at(i, pivot) / at(pivot, pivot);
      if (factor === 0) continue;
      for (let j = pivot; j <= removed.length; j += 1) row[j] = at(i, j) - factor * at(pivot, j);
    }
  }
  return removed.map((_, i) => at(i, removed.length) / at(i, i));
}

const around = [-1, 0, 1].flatMap((dy) =>
  [-1, 0, 1].flatMap((dx) => (dx === 0 && dy === 0 ? [] : [[dy, dx] as const])),
);

const listed = (mask: Uint8Array, pixels: number) =>
  Array.from({ length: pixels }, (_, pixel) => pixel).filter((pixel) => isRemoved(mask, pixel));

describe('noisy linear imputation', () => {
  it('solves the sparse system as elimination does', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 9 }),
        fc.integer({ min: 2, max: 9 }),
        fc.integer({ min: 1, max: 98 }),
        fc.nat(10_000),
        (height, width, percent, seed) => {
          const pixels = height * width;
          const mask = randomMask({
            ...{ seed, level: percent / 100, image: 0, pixels, split: 'train' },
          });
          const removed = listed(mask, pixels);
          fc.pre(removed.length < pixels);
          const image = uniform(pixels, seed);
          const solved = interpolate(image, [height, width, 1], removed);
          dense(image, height, width, removed).forEach((value, i) => {
            expect(solved[i]).toBeCloseTo(value, 6);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives every location the mean of its neighbours, on large images and in colour', () => {
    const [height, width] = [70, 90];
    const pixels = height * width;
    const image = uniform(pixels * 3, 4);
    const far = (p: number) => Math.hypot(Math.floor(p / width) - 30, (p % width) - 60);
    const drawn = randomMask({ seed: 1, level: 0.8, image: 0, pixels, split: 'train' });
    const every = Array.from({ length: pixels }, (_, p) => p);
    for (const isGone of [
      (p: number) => far(p) < 28,
      (p: number) => far(p) > 12,
      (p: number) => isRemoved(drawn, p),
    ]) {
      const removed = every.filter(isGone);
      const solved = interpolate(image, [height, width, 3], removed);
      const filled = image.slice();
      removed.forEach((p, i) => filled.set(solved.subarray(3 * i, 3 * i + 3), 3 * p));
      let largest = 0;
      removed.forEach((p, i) => {
        let [sum, weights] = [0, 0];
        for (const [dy, dx] of around) {
          const [y, x] = [Math.floor(p / width) + dy, (p % width) + dx];
          if (y < 0 || x < 0 || y >= height || x >= width) continue;
          const weight = dx === 0 || dy === 0 ? 1 / 6 : 1 / 12;
          sum += weight * valueAt(filled, (y * width + x) * 3 + 1);
          weights += weight;
        }
        largest = Math.max(largest, Math.abs(sum / weights - valueAt(solved, 3 * i + 1)));
      });
      // Filled values are in single precision here.
      expect(largest).toBeLessThan(2e-7);
    }
  });

  // Of the 3x3 image 1 .. 9, by rows.
  it.each([
    [[4], [5]],
    [[0], [3.4]],
    [
      [4, 5],
      [4.913043, 5.478261],
    ],
    [
      [0, 1, 3, 4],
      [6.088123, 5.448276, 6.559387, 6.425287],
    ],
  ])('without locations %j has %j', (removed, expected) => {
    const image = Float32Array.from({ length: 9 }, (_, i) => i + 1);
    const solved = interpolate(image, [3, 3, 1], removed);
    expect(solved).toHaveLength(expected.length);
    expected.forEach((value, i) => expect(solved[i]).toBeCloseTo(value, 6));
  });

  it('is 0 where every known neighbour is, however far the values that are not', () => {
    // Ones in the middle that no removed location touches: 52 of the others are removed.
    const at = (p: number) => [Math.floor(p / 10), p % 10] as const;
    const within = (p: number, low: number, high: number) =>
      at(p).every((place) => place >= low && place <= high);
    const every = Array.from({ length: 100 }, (_, p) => p);
    const image = Float32Array.from(every, (p) => (within(p, 4, 5) ? 1 : 0));
    const removed = every.filter((p) => at(p)[1] % 4 < 2 && !within(p, 3, 6));
    expect(removed).toHaveLength(52);
    expect([...interpolate(image, [10, 10, 1], removed)]).toEqual(new Array(52).fill(0));
    // And one that none is 0 of is not hunted for either: a flat image stays flat.
    const flat = new Float32Array(100).fill(0.3);
    const [value = 0] = flat;
    expect([...interpolate(flat, [10, 10, 1], removed)]).toEqual(new Array(52).fill(value));
  });

  it('lies between the lowest and the highest known neighbour, whatever they are', () => {
    const values = fc.oneof(
      fc.constantFrom(0, 0, 0, 1, 1 / 255, 1e-30, 0.5),
      fc.float({ min: 0, max: 1, noNaN: true }),
    );
    const size = fc.integer({ min: 2, max: 12 });
    fc.assert(
      fc.property(
        fc.tuple(size, size).chain(([height, width]) =>
          fc.record({
            height: fc.constant(height),
            width: fc.constant(width),
            image: fc.array(values, { minLength: height * width, maxLength: height * width }),
            keep: fc.nat(height * width - 1),
            gone: fc.array(fc.boolean(), {
              minLength: height * width,
              maxLength: height * width,
            }),
          }),
        ),
        ({ height, width, image, keep, gone }) => {
          const pixels = Float32Array.from(image);
          const removed = [...pixels.keys()].filter((p) => gone[p] === true && p !== keep);
          const known = [...pixels].filter((_, p) => !removed.includes(p));
          const solved = interpolate(pixels, [height, width, 1], removed);
          expect(solved).toHaveLength(removed.length);
          for (const value of solved) {
            expect(value).toBeGreaterThanOrEqual(Math.min(...known));
            expect(value).toBeLessThanOrEqual(Math.max(...known));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives a digit’s background no values of its own where its own edges are removed', () => {
    // A stroke on zeros, and half of the pixels away from it removed, as by Sobel's least important.
    const image = Float32Array.from({ length: 784 }, (_, p) =>
      Math.abs((p % 28) - 14) < 2 && p > 140 && p < 640 ? 1 : 0,
    );
    const removed = [...image.keys()].filter((p) => Math.abs((p % 28) - 14) > 3 && p % 3 !== 0);
    const mask = rankedMask(
      [...removed, ...[...image.keys()].filter((p) => !removed.includes(p))],
      removed.length,
      false,
    );
    const context = { shape: [28, 28, 1], seed: 3, split: 'validation', image: 5, mask } as const;
    const filled = noisyLinear(image, { ...context, datasetMean: undefined });
    for (const pixel of removed) {
      expect(Math.abs(filled[pixel] ?? NaN)).toBeLessThan(6 * fillNoise);
    }
  });

  it('refuses a neighbour that is not a number', () => {
    const image = Float32Array.of(0, Number.NaN, 0, 0);
    expect(() => interpolate(image, [2, 2, 1], [0])).toThrow('not finite');
    expect(() => interpolate(image, [2, 2, 1], [0, 1, 2, 3])).toThrow('no location is known');
  });

  it('restores a ramp up to its noise, channel by channel, at every level', () => {
    const shape = [28, 28, 3] as const;
    // A linear function of the location equals the mean of its neighbours, but not at the border.
    const image = Float32Array.from({ length: 28 * 28 * 3 }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return 0.1 + ((i % 3) * 0.1 + Math.floor(pixel / 28) * 0.01 + (pixel % 28) * 0.015);
    });
    const inner = Array.from({ length: 784 }, (_, p) => p).filter(
      (p) => p % 28 > 0 && p % 28 < 27 && p > 27 && p < 756,
    );
    const mask = rankedMask(
      [...inner, ...Array.from({ length: 784 }, (_, p) => p).filter((p) => !inner.includes(p))],
      inner.length,
      false,
    );
    const context = {
      shape,
      seed: 3,
      split: 'train',
      image: 5,
      datasetMean: undefined,
      mask,
    } as const;
    const values = noisyLinear(image, context);
    let squares = 0;
    for (const pixel of inner) {
      for (let c = 0; c < 3; c += 1) {
        const error = valueAt(values, pixel * 3 + c) - valueAt(image, pixel * 3 + c);
        expect(Math.abs(error)).toBeLessThan(5 * fillNoise);
        squares += error * error;
      }
    }
    const deviation = Math.sqrt(squares / (3 * inner.length));
    expect(deviation / fillNoise).toBeGreaterThan(0.93);
    expect(deviation / fillNoise).toBeLessThan(1.07);
  });

  it('looks at nothing that is removed, and draws its noise for the image and split alone', () => {
    const shape = [8, 8, 1] as const;
    const image = uniform(64, 1);
    const mask = randomMask({ seed: 1, level: 0.5, image: 0, pixels: 64, split: 'train' });
    const context = {
      shape,
      seed: 1,
      split: 'train',
      image: 0,
      datasetMean: undefined,
      mask,
    } as const;
    const values = noisyLinear(image, context);
    const other = image.map((value, pixel) => (isRemoved(mask, pixel) ? 1 - value : value));
    const places = listed(mask, 64);
    const at = (filled: Float32Array) => places.map((pixel) => filled[pixel]);
    expect(at(noisyLinear(other, context))).toEqual(at(values));
    for (const change of [{ seed: 2 }, { image: 1 }, { split: 'validation' as const }]) {
      expect(at(noisyLinear(image, { ...context, ...change }))).not.toEqual(at(values));
    }
  });

  it('gives the image’s mean where nothing is left', () => {
    const mask = new Uint8Array(2).fill(255);
    const context = {
      shape: [4, 4, 1],
      seed: 0,
      split: 'train',
      image: 0,
      datasetMean: undefined,
      mask,
    } as const;
    const values = fillOperators['noisy-linear'](new Float32Array(16).fill(0.25), context);
    for (const value of values) expect(Math.abs(value - 0.25)).toBeLessThan(5 * fillNoise);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  divergingRgba,
  grayscaleRgba,
  imageRgba,
  mapRgba,
  overlayRgba,
} from '../../src/shared/display/colour';
import { displayScale, percentile, reduceChannels } from '../../src/shared/display/reduce';
import { shownInMask, wholeInMask } from '../../src/shared/display/mask';
import { imageSize, sliceImage } from '../../src/shared/display/slice';

const map = (values: number[], channels = 1) => ({
  shape: [1, values.length / channels, channels],
  data: new Float32Array(values),
});
const pixel = (rgba: Uint8ClampedArray, i: number) => [...rgba.subarray(i * 4, i * 4 + 4)];
// Eighths: exact under the gains below (a subnormal would be lost by halving it).
const values = fc.array(
  fc.integer({ min: -800, max: 800 }).map((value) => value / 8),
  { minLength: 1, maxLength: 64 },
);

describe('slices', () => {
  it('takes an image out of a batch without copying', () => {
    const batch = { shape: [2, 1, 2, 1], data: new Uint8Array([1, 2, 3, 4]) };
    const second = sliceImage(batch, 1);
    expect(second.shape).toEqual([1, 2, 1]);
    expect([...second.data]).toEqual([3, 4]);
    expect(second.data.buffer).toBe(batch.data.buffer);
    expect(imageSize(second)).toEqual({ height: 1, width: 2, channels: 1 });
  });
});

describe('reduction', () => {
  it('reduces channels by each rule', () => {
    const two = map([1, -3, 0, 2, -1, -1], 2);
    expect([...reduceChannels(two, 'absolute')]).toEqual([4, 2, 2]);
    expect([...reduceChannels(two, 'signed')]).toEqual([-2, 2, -2]);
    expect([...reduceChannels(two, 'positive')]).toEqual([1, 2, 0]);
    expect([...reduceChannels(two, 'max-absolute')]).toEqual([3, 2, 1]);
  });

  it('interpolates percentiles as NumPy does', () => {
    // numpy.percentile([1, 2, 3, 4], 99) = 3.97; of [15, 20, 35, 40, 50], 40 -> 29.
    expect(percentile(new Float32Array([4, 1, 3, 2]), 99)).toBeCloseTo(3.97, 6);
    expect(percentile(new Float32Array([15, 20, 35, 40, 50]), 40)).toBeCloseTo(29, 6);
    expect(percentile(new Float32Array([7]), 99)).toBe(7);
    expect(percentile(new Float32Array(0), 50)).toBeNaN();
  });

  it('finds a percentile as sorting would, whatever the values', () => {
    const numbers = fc.float32Array({ minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 100, noNaN: true }), (given, p) => {
        const before = given.slice();
        const sorted = given.slice().sort();
        const at = ((sorted.length - 1) * p) / 100;
        const low = Math.floor(at);
        const [below = 0, above = below] = sorted.subarray(low, low + 2);
        expect(percentile(given, p)).toEqual(below + (above - below) * (at - low));
        expect(given).toEqual(before);
      }),
    );
    expect(percentile(new Float32Array(50_000), 99)).toBe(0);
  });

  it('falls back to the maximum of a sparse map and to 1 of an empty one', () => {
    const sparse = new Float32Array(1000);
    sparse[3] = -5;
    expect(displayScale(sparse)).toBe(5);
    expect(displayScale(new Float32Array(10))).toBe(1);
  });
});

describe('displays', () => {
  it('shows bytes and shares of white alike', () => {
    const bytes = { shape: [1, 2, 1], data: new Uint8Array([0, 255]) };
    const shares = { shape: [1, 2, 1], data: new Float32Array([0, 1]) };
    expect([...imageRgba(bytes)]).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
    expect([...imageRgba(shares)]).toEqual([...imageRgba(bytes)]);
    const colour = { shape: [1, 1, 3], data: new Uint8Array([10, 20, 30]) };
    expect(pixel(imageRgba(colour), 0)).toEqual([10, 20, 30, 255]);
  });

  it('clips the grayscale at the 99th percentile of the absolute value', () => {
    const many = Array.from({ length: 101 }, (_, i) => (i % 2 ? -i : i));
    const rgba = grayscaleRgba(map(many));
    expect(pixel(rgba, 0)).toEqual([0, 0, 0, 255]);
    expect(pixel(rgba, 100)).toEqual([255, 255, 255, 255]);
    // The 99th percentile of 0..100 is 99: 50 stands at 50 / 99.
    expect(pixel(rgba, 50)[0]).toBe(Math.round((50 / 99) * 255));
    expect(pixel(rgba, 49)).toEqual(pixel(grayscaleRgba(map(many.map(Math.abs))), 49));
  });

  it('shows the sign: blue below zero, white at zero, red above', () => {
    const rgba = divergingRgba(map([-1, 0, 1]));
    const [r0 = 0, , b0 = 0] = pixel(rgba, 0);
    const [r2 = 0, , b2 = 0] = pixel(rgba, 2);
    expect(b0).toBeGreaterThan(r0);
    expect(pixel(rgba, 1)).toEqual([255, 255, 255, 255]);
    expect(r2).toBeGreaterThan(b2);
  });

  it('lets the image show where the overlay has no heat', () => {
    const image = { shape: [1, 2, 1], data: new Uint8Array([200, 200]) };
    const rgba = overlayRgba(map([0, 1]), image);
    expect(pixel(rgba, 0)).toEqual([150, 150, 150, 255]);
    expect(pixel(rgba, 1)).toEqual([255, 225, 80, 255]);
    expect(mapRgba(map([0, 1]), 'overlay', null)).toEqual(grayscaleRgba(map([0, 1])));
  });

  it('does not depend on the scale of a map, and grayscale not on its sign', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(2, 4, 0.5), (numbers, gain) => {
        const plain = map(numbers);
        const scaled = map(numbers.map((value) => value * gain));
        const negated = map(numbers.map((value) => -value));
        expect(grayscaleRgba(scaled)).toEqual(grayscaleRgba(plain));
        expect(divergingRgba(scaled)).toEqual(divergingRgba(plain));
        expect(grayscaleRgba(negated)).toEqual(grayscaleRgba(plain));
      }),
    );
  });

  it('keeps the order of magnitudes in grayscale and paints every pixel opaque', () => {
    fc.assert(
      fc.property(values, (numbers) => {
        const rgba = grayscaleRgba(map(numbers));
        const order = numbers
          .map((_, i) => i)
          .sort((a, b) => Math.abs(numbers[a] ?? 0) - Math.abs(numbers[b] ?? 0));
        let last = 0;
        for (const i of order) {
          const level = rgba[i * 4] ?? 0;
          expect(level).toBeGreaterThanOrEqual(last);
          expect(rgba[i * 4 + 3]).toBe(255);
          last = level;
        }
      }),
    );
  });
});

describe('the mask of an object', () => {
  // 4 x 4, its left half inside.
  const mask = { bits: new Uint8Array([0b11001100, 0b11001100]), height: 4, width: 4 };
  const gray = (side: number) => ({
    shape: [side, side, 1],
    data: new Uint8Array(side * side).fill(200),
  });

  it('leaves the object, and darkens what is around it', () => {
    const row = [200, 200, 50, 50];
    expect([...wholeInMask(gray(4), mask).data]).toEqual([...row, ...row, ...row, ...row]);
    expect(wholeInMask(gray(4), mask)).toEqual(shownInMask(gray(4), mask));
  });

  it('lies over an image that was made smaller as it did, by shares where it parts a pixel', () => {
    expect([...wholeInMask(gray(2), mask).data]).toEqual([200, 50, 200, 50]);
    expect([...wholeInMask(gray(1), mask).data]).toEqual([125]);
  });

  it('is cut as the image is of which a model sees the middle', () => {
    expect([...shownInMask(gray(2), mask).data]).toEqual([200, 50, 200, 50]);
  });
});

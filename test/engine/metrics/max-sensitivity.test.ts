import { describe, expect, it } from 'vitest';
import { maxSensitivity } from '../../../src/engine/metrics/max-sensitivity';
import { valueAt } from '../../../src/shared/checked-reads';
import { ones } from './toys';

/** Of sum x²: the gradient 2 x of images that lie one after the other. */
const gradientAt = (images: Float32Array) => (shifts: Float32Array) =>
  Promise.resolve(images.map((x, i) => 2 * (x + valueAt(shifts, i))));
const of = (images: Float32Array, indices: readonly number[], change = {}) =>
  maxSensitivity({
    clean: images.map((x) => 2 * x),
    size: images.length / indices.length,
    indices,
    radius: 0.02,
    draws: 10,
    seed: 3,
    make: gradientAt(images),
    ...change,
  });

describe('max-sensitivity', () => {
  it('is the distance that a given shift moves the map by, as a share of its length', async () => {
    const shift = Float32Array.of(0.02, -0.02, 0.01, 0);
    const [value] = await of(ones, [0], { make: () => gradientAt(ones)(shift), draws: 1 });
    expect(value).toBeCloseTo(0.015, 6);
  });

  it('is the largest over the draws, each uniform within the radius', async () => {
    const seen: Float32Array[] = [];
    const make = (shifts: Float32Array) => {
      seen.push(shifts.slice());
      return gradientAt(ones)(shifts);
    };
    const [value = null] = await of(ones, [7], { make, draws: 400 });
    expect(seen).toHaveLength(400);
    const all = seen.flatMap((shift) => [...shift]);
    expect(Math.max(...all.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.02));
    expect(Math.abs(all.reduce((sum, d) => sum + d, 0) / all.length)).toBeLessThan(0.001);
    expect(all.reduce((sum, d) => sum + d * d, 0) / all.length).toBeCloseTo(0.02 ** 2 / 3, 5);
    const lengths = seen.map((shift) => Math.hypot(...shift) / Math.hypot(...ones));
    expect(value).toBeCloseTo(Math.max(...lengths), 6);
  });

  it('draws for the image, whatever stands beside it, and fewer draws find no more', async () => {
    const images = Float32Array.from({ length: 12 }, (_, i) => 1 + Math.sin(i));
    const all = await of(images, [4, 5, 6]);
    expect(await of(images.subarray(4, 8), [5])).toEqual([all[1]]);
    const fewer = await of(images, [4, 5, 6], { draws: 3 });
    fewer.forEach((value, i) => expect(value).toBeLessThanOrEqual(all[i] ?? Number.NaN));
    expect(await of(images, [4, 5, 6], { seed: 4 })).not.toEqual(all);
  });

  it('is 0 of a map that no image moves, and undefined of a map that is 0', async () => {
    const fixed = Float32Array.of(1, 2, 3, 4, 0, 0, 0, 0);
    const make = () => Promise.resolve(fixed);
    expect(await of(new Float32Array(8), [0, 1], { clean: fixed, make })).toEqual([0, null]);
  });

  it('refuses a map with a value that is no number, by its image', async () => {
    const broken = Float32Array.of(1, 2, Number.NaN, 4);
    const make = () => Promise.resolve(broken);
    await expect(of(ones, [7], { make })).rejects.toThrow(/map of image 7.*is NaN/);
    await expect(of(ones, [7], { clean: broken })).rejects.toThrow(/image 7/);
  });

  it('stops between two draws', async () => {
    const abort = new AbortController();
    const make = (shifts: Float32Array) => {
      abort.abort();
      return gradientAt(ones)(shifts);
    };
    await expect(of(ones, [0], { make, signal: abort.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

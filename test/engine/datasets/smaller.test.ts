import { describe, expect, it } from 'vitest';
import { smaller } from '../../../src/engine/datasets/smaller';

describe('images made smaller to be looked at', () => {
  it('stay as they are where they are no larger, or no side is asked for', async () => {
    const given = { images: new Uint8Array(2 * 4 * 4 * 3), shape: [4, 4, 3] as const };
    expect((await smaller(given, null)).images).toBe(given.images);
    expect((await smaller(given, 4)).images).toBe(given.images);
    expect((await smaller(given, 64)).shape).toEqual([4, 4, 3]);
  });

  it('keep their shape, and each its own pixels, which are averages of those beneath', async () => {
    // Two gray images, 4 x 8: one all 40, one black with a white right half.
    const half = Array.from({ length: 32 }, (_, i) => (i % 8 < 4 ? 0 : 255));
    const images = new Uint8Array([...Array.from({ length: 32 }, () => 40), ...half]);
    const made = await smaller({ images, shape: [4, 8, 1] }, 4);
    expect(made.shape).toEqual([2, 4, 1]);
    expect([...made.images.subarray(0, 8)]).toEqual(Array.from({ length: 8 }, () => 40));
    const [row = []] = [[...made.images.subarray(8, 12)]];
    expect(row[0]).toBe(0);
    expect(row[3]).toBe(255);
    expect((row[1] ?? 0) + (row[2] ?? 0)).toBe(255);
    expect([...made.images.subarray(12)]).toEqual(row);
  });

  it('are never less than a pixel', async () => {
    const made = await smaller({ images: new Uint8Array(100 * 3), shape: [1, 100, 3] }, 8);
    expect(made.shape).toEqual([1, 8, 3]);
  });
});

import { describe, expect, it } from 'vitest';
import { shownInMask } from '../../../src/shared/display/mask';

/** A mask of 4 x 4 whose left half is the object. */
const mask = { bits: Uint8Array.of(0b11001100, 0b11001100), height: 4, width: 4 };
const bright = (height: number, width: number) => ({
  shape: [height, width, 1],
  data: new Uint8Array(height * width).fill(100),
});
const rowsOf = ({ shape, data }: ReturnType<typeof shownInMask>) =>
  Array.from({ length: shape[0] ?? 0 }, (_, y) =>
    [...data.slice(y * (shape[1] ?? 0), (y + 1) * (shape[1] ?? 0))].map(Number),
  );

describe('an image whose object alone is light', () => {
  it('is dark where the mask is not', () => {
    expect(rowsOf(shownInMask(bright(4, 4), mask))).toEqual(Array(4).fill([100, 100, 25, 25]));
  });

  it('is of the centre that a model sees', () => {
    expect(rowsOf(shownInMask(bright(2, 2), mask, { crop: 2 }))).toEqual(Array(2).fill([100, 25]));
  });

  it('is of the resized image that a model sees, and of its centre', () => {
    const twice = [100, 100, 100, 100, 25, 25, 25, 25];
    expect(rowsOf(shownInMask(bright(8, 8), mask, { resize: 8 }))).toEqual(Array(8).fill(twice));
    const centre = shownInMask(bright(4, 4), mask, { resize: 8, crop: 4 });
    expect(rowsOf(centre)).toEqual(Array(4).fill(twice.slice(2, 6)));
    expect(rowsOf(shownInMask(bright(2, 2), mask, { resize: 2 }))).toEqual(
      Array(2).fill([100, 25]),
    );
  });
});

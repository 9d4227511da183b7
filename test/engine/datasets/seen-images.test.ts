import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/engine/datasets/dataset';
import { imageRange, memoryImages } from '../../../src/engine/datasets/image-store';
import { plainPixels, rowsOf } from '../../../src/engine/datasets/images/pixels';
import { resizeBilinear } from '../../../src/engine/datasets/images/resize';
import { seenBy } from '../../../src/engine/datasets/seen-images';

function datasetOf(height: number, width: number, channels: number): Dataset {
  const size = height * width * channels;
  const bytes = Uint8Array.from({ length: 2 * size }, (_, i) => (i * 7) % 251);
  const split = { images: memoryImages(bytes, size), labels: Uint8Array.of(0, 1), count: 2 };
  return {
    shape: [height, width, channels],
    classes: ['a', 'b'],
    train: split,
    validation: split,
    files: [],
  };
}

describe('the centre of images', () => {
  it.each([
    [10, 13, 3, 8, 1, 2],
    [11, 9, 1, 8, 2, 0],
    [8, 8, 3, 8, 0, 0],
    [13, 15, 3, 8, 2, 4],
  ])(
    '%d x %d x %d cut to %d begins at (%d, %d), to the pixel',
    (height, width, channels, crop, top, left) => {
      const dataset = datasetOf(height, width, channels);
      const centre = seenBy(dataset, { crop });
      expect(centre.shape).toEqual([crop, crop, channels]);
      const whole = imageRange(dataset.validation.images, 1, 2);
      const cut = imageRange(centre.validation.images, 1, 2);
      const expected: (number | undefined)[] = [];
      for (let y = 0; y < crop; y += 1) {
        for (let x = 0; x < crop; x += 1) {
          for (let c = 0; c < channels; c += 1) {
            expected.push(whole[((y + top) * width + x + left) * channels + c]);
          }
        }
      }
      expect([...cut]).toEqual(expected);
    },
  );

  it('is refused of smaller images', () => {
    expect(() => seenBy(datasetOf(8, 16, 1), { crop: 9 })).toThrow('the centre 9 x 9');
  });
});

describe('images resized for a model', () => {
  it.each([
    // Larger, smaller and oblong: the longer side is trunc(resize * long / short).
    [10, 10, 3, 16, undefined, 16, 16],
    [20, 20, 1, 9, 8, 9, 9],
    [12, 18, 3, 8, 8, 8, 12],
    [19, 11, 1, 14, 9, 24, 14],
  ])(
    '%d x %d x %d to %d, cut to %s, are what torchvision makes of them',
    (height, width, channels, resize, crop, high, wide) => {
      const dataset = datasetOf(height, width, channels);
      const seen = seenBy(dataset, { resize, ...(crop !== undefined && { crop }) });
      expect(seen.shape).toEqual([crop ?? high, crop ?? wide, channels]);
      const data = imageRange(dataset.train.images, 1, 2);
      const image = plainPixels({ data, width, height, channels: channels === 1 ? 1 : 3 });
      const size = { width: wide, height: high };
      const whole = resizeBilinear(rowsOf(image), size, { left: 0, top: 0, ...size });
      const resized = {
        ...dataset,
        shape: [high, wide, channels] as const,
        train: { ...dataset.train, images: memoryImages(whole.data, whole.data.length), count: 1 },
      };
      const cut = crop === undefined ? resized : seenBy(resized, { crop });
      expect(imageRange(seen.train.images, 1, 2)).toEqual(imageRange(cut.train.images, 0, 1));
    },
  );

  it('may be smaller than the crop before', () => {
    expect(seenBy(datasetOf(8, 16, 1), { resize: 12, crop: 12 }).shape).toEqual([12, 12, 1]);
    expect(() => seenBy(datasetOf(8, 16, 1), { resize: 10, crop: 12 })).toThrow(
      'these are 10 x 20',
    );
  });

  it('of their own side are as they are', () => {
    const dataset = datasetOf(9, 9, 3);
    const seen = seenBy(dataset, { resize: 9 });
    expect(imageRange(seen.train.images, 0, 2)).toEqual(imageRange(dataset.train.images, 0, 2));
  });
});

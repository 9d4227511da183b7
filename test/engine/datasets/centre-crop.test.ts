import { describe, expect, it } from 'vitest';
import { centreOf } from '../../../src/engine/datasets/centre-crop';
import type { Dataset } from '../../../src/engine/datasets/dataset';
import { imageRange, memoryImages } from '../../../src/engine/datasets/image-store';

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
      const centre = centreOf(dataset, crop);
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
    expect(() => centreOf(datasetOf(8, 16, 1), 9)).toThrow('the centre 9 x 9');
  });
});

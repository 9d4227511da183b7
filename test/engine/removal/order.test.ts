import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pixelOrder, tiedShare, tieOrder } from '../../../src/engine/removal/order';
import { rankMaps } from '../../../src/engine/removal/rank-maps';
import { valueAt } from '../../../src/shared/checked-reads';
import { areOrders, locationsOf, meanTiedShare } from '../../../src/shared/pixel-orders';
import { decodeNpy, encodeNpy } from '../../../src/shared/npy';

const identity = (pixels: number) => Int32Array.from({ length: pixels }, (_, i) => i);

describe('pixelOrder', () => {
  it('falls by value, ties in the given order, -0 as 0', () => {
    const values = Float32Array.of(0, 2, -1, 2, -0, Infinity, -Infinity, 1e-45);
    expect([...pixelOrder(values, identity(8))]).toEqual([5, 1, 3, 7, 0, 4, 2, 6]);
    const reversed = identity(8).reverse();
    expect([...pixelOrder(values, reversed)]).toEqual([5, 3, 1, 7, 4, 0, 2, 6]);
  });

  it('equals a stable sort with a comparison function', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(0, -0, 1, -1)), {
          minLength: 1,
          maxLength: 300,
        }),
        fc.nat(),
        (list, seed) => {
          const values = Float32Array.from(list);
          const ties = tieOrder(seed, 0, values.length);
          const expected = [...ties].sort((a, b) => {
            const [x = 0, y = 0] = [values[a], values[b]];
            return x === y ? 0 : y > x ? 1 : -1;
          });
          expect([...pixelOrder(values, ties)]).toEqual(expected);
        },
      ),
    );
  });

  it('is uint16 up to 65,536 pixels and uint32 above', () => {
    expect(pixelOrder(new Float32Array(65_536), identity(65_536))).toBeInstanceOf(Uint16Array);
    const large = pixelOrder(new Float32Array(65_537), identity(65_537));
    expect(large).toBeInstanceOf(Uint32Array);
    expect(large[65_536]).toBe(65_536);
  });

  it('refuses NaN by name and place', () => {
    const values = Float32Array.of(1, NaN, 2);
    expect(() => pixelOrder(values, identity(3), 'map of image 7')).toThrow(
      'map of image 7 has no number (NaN) at pixel 1',
    );
  });
});

describe('ties', () => {
  it('are one permutation per seed and image', () => {
    const order = tieOrder(0, 5, 784);
    expect([...order].sort((a, b) => a - b)).toEqual([...identity(784)]);
    expect(tieOrder(0, 5, 784)).toEqual(order);
    expect(tieOrder(0, 6, 784)).not.toEqual(order);
    expect(tieOrder(1, 5, 784)).not.toEqual(order);
  });

  it('take every pixel first about equally often', () => {
    // 4,000 permutations of 4: each pixel first 1000 ± 27 times, and last too.
    const first = [0, 0, 0, 0];
    const last = [0, 0, 0, 0];
    for (let image = 0; image < 4000; image += 1) {
      const order = tieOrder(0, image, 4);
      const [a = 0, d = 0] = [order[0], order[3]];
      first[a] = valueAt(first, a) + 1;
      last[d] = valueAt(last, d) + 1;
    }
    for (const count of [...first, ...last]) expect(Math.abs(count - 1000)).toBeLessThan(165);
  });

  it('decide a share of the removed pixels', () => {
    const values = Float32Array.of(3, 2, 2, 2, 1, 0, 0, 0);
    const order = pixelOrder(values, identity(8));
    // Removed 0: none. 1: a clear cut at 3. 2: one of three 2s, 1 of 2. 3: two of three. 4 and 5:
    // clear. 6: one of three 0s, of 6. 7: two of 7. 8: all of them, no choice.
    const shares = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((count) => tiedShare(values, order, count));
    expect(shares).toEqual([0, 0, 1 / 2, 2 / 3, 0, 0, 1 / 6, 2 / 7, 0]);
    // A constant map: ties decide everything.
    const flat = new Float32Array(8);
    expect(tiedShare(flat, pixelOrder(flat, identity(8)), 3)).toBe(1);
    // -0 equals 0.
    const signed = Float32Array.of(0, -0);
    expect(tiedShare(signed, pixelOrder(signed, identity(2)), 1)).toBe(1);
  });
});

it('orders the pixels of an image of 512 x 512, ties told apart at every level', () => {
  const pixels = 512 * 512;
  const values = Float32Array.from({ length: pixels }, (_, i) => Math.floor(i / 2));
  const orders = rankMaps(values, [0], pixels, { seed: 0, split: 'validation' });
  expect(orders).toBeInstanceOf(Uint32Array);
  const locations = locationsOf(orders);
  expect(Math.floor(valueAt(locations, 0) / 2)).toBe(pixels / 2 - 1);
  expect(new Set(locations).size).toBe(pixels);
  // Pairs of equal values: a cut within one leaves one of the removed decided by ties.
  expect(meanTiedShare(orders, pixels, 2 / pixels, false)).toBe(0);
  expect(meanTiedShare(orders, pixels, 3 / pixels, false)).toBeCloseTo(1 / 3);
  const again = decodeNpy(encodeNpy({ shape: [1, pixels], data: orders })).data;
  expect(areOrders(again, pixels)).toBe(true);
  expect(again).toEqual(orders);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pixelOrder, tiedShare, tieOrder } from '../../src/engine/removal/order';
import { rankMaps } from '../../src/engine/removal/rank-maps';
import { removedCount } from '../../src/shared/levels';
import { locationsOf, meanTiedShare } from '../../src/shared/pixel-orders';

const maps = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 40 });
const level = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);

it('an order is the map’s own, and its tie bits tell what the map tells', () => {
  fc.assert(
    fc.property(maps, level, (values, t) => {
      const map = Float32Array.from(values);
      const pixels = map.length;
      const orders = rankMaps(map, [7], pixels, { seed: 3, split: 'validation' });
      const order = pixelOrder(map, tieOrder(3, 7, pixels));
      expect(locationsOf(orders)).toEqual(order);
      const count = removedCount(t, pixels);
      expect(meanTiedShare(orders, pixels, t, false)).toBe(tiedShare(map, order, count));
      // Removing the last is removing the first of the order turned round.
      const turned = order.slice().reverse();
      expect(meanTiedShare(orders, pixels, t, true)).toBe(tiedShare(map, turned, count));
    }),
  );
});

it('the splits break ties apart', () => {
  const flat = new Float32Array(64);
  const of = (split: 'train' | 'validation') => rankMaps(flat, [0], 64, { seed: 0, split });
  expect(of('train')).not.toEqual(of('validation'));
});

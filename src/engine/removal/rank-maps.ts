import { valueAt } from '../../shared/checked-reads';
import { newOrders, type PixelOrders, tiedEntry } from '../../shared/pixel-orders';
import { type Split } from './mask';
import { pixelOrder, tieOrder } from './order';

/**
 * The order in which each map ranks its pixels, and where ties decided it: all that is needed to
 * remove any share of them later, at a fraction of the map's size.
 *
 * @param maps one value per pixel, [N, H * W]
 * @param indices of the images in their split, from which ties are drawn (see `tieOrder`)
 * @param pixels H * W
 * @returns [N, H * W], locations by decreasing value; the high bit says that the next rank's value
 *   is equal
 * @throws StudioError `invalid-input` where a map holds NaN
 */
export function rankMaps(
  maps: Float32Array,
  indices: ArrayLike<number>,
  pixels: number,
  { seed, split }: { readonly seed: number; readonly split: Split },
): PixelOrders {
  const count = indices.length;
  const orders = newOrders(count, pixels);
  for (let position = 0; position < count; position += 1) {
    const image = valueAt(indices, position);
    const values = maps.subarray(position * pixels, (position + 1) * pixels);
    const ties = tieOrder(seed, image, pixels, split);
    const order = pixelOrder(values, ties, `map of ${split} image ${image}`);
    for (let rank = 0; rank < pixels; rank += 1) {
      const location = order[rank] as number;
      const next = order[rank + 1];
      const tied = next !== undefined && values[location] === values[next];
      orders[position * pixels + rank] = tied ? tiedEntry(orders, location) : location;
    }
  }
  return orders;
}

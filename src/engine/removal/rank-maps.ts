import { maskBytes, type Split } from './mask';
import { pixelOrder, tieOrder } from './order';

export interface RankedMaps {
  /** Pixel locations by decreasing value, [N, H * W]. */
  readonly orders: Uint16Array;
  /** [N, ceil(H * W / 8)]: bit r of an image says that ranks r and r + 1 have equal values. */
  readonly ties: Uint8Array;
}

/**
 * The order in which each map ranks its pixels, and where ties decided it: all that is needed to
 * remove any share of them later, at a fraction of the maps' size.
 *
 * @param maps one value per pixel, [N, H * W]
 * @param indices of the images in their split, from which ties are drawn (see `tieOrder`)
 * @param pixels H * W, at most 65,536
 * @throws StudioError `invalid-input` where a map holds NaN
 */
export function rankMaps(
  maps: Float32Array,
  indices: ArrayLike<number>,
  pixels: number,
  { seed, split }: { readonly seed: number; readonly split: Split },
): RankedMaps {
  if (pixels > 65_536) throw new RangeError(`${pixels} pixels have no uint16 order`);
  const count = indices.length;
  const bytes = maskBytes(pixels);
  const orders = new Uint16Array(count * pixels);
  const ties = new Uint8Array(count * bytes);
  for (let position = 0; position < count; position += 1) {
    const image = indices[position] ?? 0;
    const values = maps.subarray(position * pixels, (position + 1) * pixels);
    const order = pixelOrder(
      values,
      tieOrder(seed, image, pixels, split),
      `map of ${split} image ${image}`,
    );
    orders.set(order, position * pixels);
    for (let rank = 0; rank + 1 < pixels; rank += 1) {
      if (values[order[rank] ?? 0] !== values[order[rank + 1] ?? 0]) continue;
      const byte = position * bytes + (rank >> 3);
      ties[byte] = (ties[byte] ?? 0) | (1 << (rank & 7));
    }
  }
  return { orders, ties };
}

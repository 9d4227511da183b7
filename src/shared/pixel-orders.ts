import { removedCount } from './levels';

/**
 * Orders of pixels as they are stored: uint16 [N, H * W], the most important location first. The
 * high bit of an entry says that the next rank has an equal value, so that what ties decided can be
 * told at every level without the map.
 */
export const tieBit = 0x8000;

/** Locations that 15 bits can name. */
export const mostOrderedPixels = 0x8000;

/** Locations without the tie bits, in fresh memory. */
export function locationsOf(orders: Uint16Array): Uint16Array {
  return orders.map((entry) => entry & ~tieBit);
}

/**
 * Mean over images of the share of the removed pixels that ties decided: of those removed the ones
 * whose value equals the value at the cut, where not all pixels of that value are removed.
 *
 * @param orders with tie bits, [N, pixels]
 * @param level share of the pixels removed
 * @param keep the last pixels of each order are removed instead of the first
 */
export function meanTiedShare(
  orders: Uint16Array,
  pixels: number,
  level: number,
  keep: boolean,
): number {
  const count = orders.length / pixels;
  const removed = removedCount(level, pixels);
  if (count === 0 || removed === 0 || removed === pixels) return 0;
  let tied = 0;
  for (let image = 0; image < count; image += 1) {
    const start = image * pixels;
    const isTied = (rank: number) => ((orders[start + rank] ?? 0) & tieBit) !== 0;
    // The cut stands after this rank; ties across it reach into the removed side.
    const cut = keep ? pixels - removed - 1 : removed - 1;
    if (!isTied(cut)) continue;
    let run = 1;
    if (keep) while (run < removed && isTied(cut + run)) run += 1;
    else while (run < removed && isTied(cut - run)) run += 1;
    tied += run / removed;
  }
  return tied / count;
}

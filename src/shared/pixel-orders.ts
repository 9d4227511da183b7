import { removedCount } from './levels';

/**
 * Orders of pixels as they are stored: [N, H * W], the most important location first. The high bit of
 * an entry says that the next rank has an equal value, so that what ties decided can be told at every
 * level without the map. uint16 where 15 bits name every location, else uint32.
 */
export type PixelOrders = Uint16Array | Uint32Array;

/** Locations that 15 bits can name. */
const mostInShort = 0x8000;
const tieBits = { 2: 0x8000, 4: 0x8000_0000 } as const;

/** Bytes of an entry in orders of so many locations. */
export const orderBytes = (pixels: number): 2 | 4 => (pixels <= mostInShort ? 2 : 4);

/** Empty orders of `count` images of so many locations. */
export function newOrders(count: number, pixels: number): PixelOrders {
  const length = count * pixels;
  return orderBytes(pixels) === 2 ? new Uint16Array(length) : new Uint32Array(length);
}

/** The entry of a location whose value the next rank shares. */
export function tiedEntry(orders: PixelOrders, location: number): number {
  return (location | tieBits[orders.BYTES_PER_ELEMENT as 2 | 4]) >>> 0;
}

/** Whether an array that was read holds orders of so many locations. */
export function areOrders(data: unknown, pixels: number): data is PixelOrders {
  return orderBytes(pixels) === 2 ? data instanceof Uint16Array : data instanceof Uint32Array;
}

/** Locations without the tie bits, in fresh memory. */
export function locationsOf(orders: PixelOrders): PixelOrders {
  const locations = ~tieBits[orders.BYTES_PER_ELEMENT as 2 | 4];
  return orders.map((entry) => entry & locations);
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
  orders: PixelOrders,
  pixels: number,
  level: number,
  keep: boolean,
): number {
  const count = orders.length / pixels;
  const removed = removedCount(level, pixels);
  if (count === 0 || removed === 0 || removed === pixels) return 0;
  const tieBit = tieBits[orders.BYTES_PER_ELEMENT as 2 | 4];
  let tied = 0;
  for (let image = 0; image < count; image += 1) {
    const start = image * pixels;
    const isTied = (rank: number) => ((orders[start + rank] as number) & tieBit) !== 0;
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

import { insideOf, type ObjectMask } from './object-mask';

/**
 * Relevance rank accuracy: of an object of K locations, the share of the K most important ones that lie
 * in it; of chance K / P (Arras et al. 2022, arXiv 2003.07258).
 *
 * @param order locations without tie bits, the most important first, [P]
 * @returns null where the mask is empty or full
 */
export function relevanceRank(order: ArrayLike<number>, mask: ObjectMask): number | null {
  const inside = insideOf(mask);
  if (inside === null) return null;
  let hits = 0;
  for (let rank = 0; rank < inside; rank += 1) hits += mask[order[rank] as number] as number;
  return hits / inside;
}

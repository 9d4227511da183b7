import { LRUCache } from 'lru-cache';

/**
 * Values by key up to a total size: the ones not used for longest go first. The newest always stays,
 * however large.
 */
export function keepUpTo<V extends object>(
  limit: number,
  sizeOf: (value: V) => number,
): LRUCache<string, V> {
  return new LRUCache({
    maxSize: limit,
    // It would not take what is larger than its limit, nor what has no size.
    sizeCalculation: (value) => Math.min(limit, Math.max(1, sizeOf(value))),
  });
}

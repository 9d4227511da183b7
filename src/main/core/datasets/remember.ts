/** Make a promise once; one that failed is made again at the next call. */
export async function remember<K, V>(
  kept: Pick<Map<K, Promise<V>>, 'get' | 'delete'> & { set(key: K, made: Promise<V>): unknown },
  key: K,
  make: () => Promise<V>,
): Promise<V> {
  const present = kept.get(key);
  if (present) return present;
  const made = make();
  kept.set(key, made);
  try {
    return await made;
  } catch (error) {
    if (kept.get(key) === made) kept.delete(key);
    throw error;
  }
}

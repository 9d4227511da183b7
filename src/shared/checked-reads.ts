/**
 * The value at an index that must be there. Loops over the pixels of many images read their typed
 * arrays without it: compiled for lists of every kind at once, it takes several times as long there.
 *
 * @throws RangeError naming the index and the length
 */
export function valueAt<T>(values: ArrayLike<T>, index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no item ${index} of ${values.length}`);
  return value;
}

/**
 * The value of a key that must be there.
 *
 * @throws RangeError naming the key
 */
export function valueFor<K, V>(values: ReadonlyMap<K, V>, key: K): V {
  const value = values.get(key);
  if (value === undefined) throw new RangeError(`no item ${String(key)}`);
  return value;
}

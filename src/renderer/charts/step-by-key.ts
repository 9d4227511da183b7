/**
 * Where a key leads along the values that a chart lets be read.
 *
 * @param at of the value that is read; -1: none
 * @returns undefined for another key, and where there are no values
 */
export function stepByKey(key: string, at: number, length: number): number | undefined {
  if (length === 0) return undefined;
  return {
    ArrowRight: Math.min(at + 1, length - 1),
    ArrowLeft: at < 0 ? length - 1 : Math.max(at - 1, 0),
    Home: 0,
    End: length - 1,
  }[key];
}

/**
 * Share of a unit's pairs of values that agree: sum_c n_c (n_c - 1) / (m (m - 1)) (Fleiss 1971,
 * Psychological Bulletin 76: 378-382, eq. 2).
 *
 * @param unit the values that its raters gave, in any order.
 * @returns 0 to 1, or null where there is no pair.
 */
export function agreeingShare(unit: readonly number[]): number | null {
  const m = unit.length;
  if (m < 2) return null;
  const counts = new Map<number, number>();
  for (const value of unit) counts.set(value, (counts.get(value) ?? 0) + 1);
  let agreeing = 0;
  for (const count of counts.values()) agreeing += count * (count - 1);
  return agreeing / (m * (m - 1));
}

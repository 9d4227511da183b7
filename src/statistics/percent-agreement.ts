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

/**
 * Percentage agreement as a share: the mean over units of the share of agreeing pairs. Units with
 * fewer than two values are left out; every other unit counts the same, however many values it has.
 *
 * @returns 0 to 1, or null where no unit has a pair.
 */
export function percentAgreement(units: readonly (readonly number[])[]): number | null {
  let sum = 0;
  let count = 0;
  for (const unit of units) {
    const share = agreeingShare(unit);
    if (share === null) continue;
    sum += share;
    count += 1;
  }
  return count > 0 ? sum / count : null;
}

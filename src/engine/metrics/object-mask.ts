/** An image's mask, 1 inside the object and 0 outside, row by row: [P] (`unpackMask`). */
export type ObjectMask = Uint8Array;

/**
 * How many locations lie inside; null where a mask tells no place from another, because it is empty or
 * holds the whole image.
 */
export function insideOf(mask: ObjectMask): number | null {
  let inside = 0;
  for (const value of mask) inside += value;
  return inside === 0 || inside === mask.length ? null : inside;
}

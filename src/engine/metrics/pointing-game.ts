import { insideOf, type ObjectMask } from './object-mask';

/**
 * The pointing game: 1 where the most important location is within a distance of the object, else 0
 * (Zhang et al. 2016, arXiv 1608.00507). Of equal values the first of the order counts, which is drawn, so
 * that a constant map hits as often as chance.
 *
 * @param first the first location of the image's order
 * @param width W, by which a location is a row and a column
 * @param tolerance the largest Euclidean distance in pixels that is a hit, itself too; default 0
 * @returns null where the mask is empty or full
 */
export function pointingGame(
  first: number,
  mask: ObjectMask,
  width: number,
  tolerance = 0,
): number | null {
  if (insideOf(mask) === null) return null;
  const row = Math.floor(first / width);
  const column = first - row * width;
  const reach = Math.floor(tolerance);
  const height = mask.length / width;
  for (let y = Math.max(0, row - reach); y <= Math.min(height - 1, row + reach); y += 1) {
    for (let x = Math.max(0, column - reach); x <= Math.min(width - 1, column + reach); x += 1) {
      if (mask[y * width + x] === 1 && Math.hypot(y - row, x - column) <= tolerance) return 1;
    }
  }
  return 0;
}

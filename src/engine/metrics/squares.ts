import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { deriveSeed } from '../../shared/seeds';
import { generator } from '../runtime/permutation';
import { type ImageShape } from '../saliency/model';

/** A square of whole locations inside an image. */
export interface Square {
  readonly top: number;
  readonly left: number;
  readonly side: number;
}

/** The longest side that is drawn, of the shorter side's 28 locations. */
const longestOf28 = 10;

/** The longest side of the squares of images of a shape: round(10 min(H, W) / 28), at least 1. */
export function longestSide([height, width]: ImageShape): number {
  return Math.max(1, Math.round((longestOf28 * Math.min(height, width)) / 28));
}

/**
 * The squares that infidelity hides of one image: side uniform in 1 .. `longestSide`, then the place
 * uniform inside the image, from (seed, 'infidelity', image), alike for all methods. The first ones of
 * more are the same.
 *
 * @param image index in its split
 * @param count draws; infidelity's default is 500
 */
export function drawSquares(
  seed: number,
  image: number,
  shape: ImageShape,
  count: number,
): Square[] {
  const [height, width] = shape;
  const random = generator(deriveSeed(seed, 'infidelity', image));
  const longest = longestSide(shape);
  return Array.from({ length: count }, () => {
    const side = uniformInt(random, 1, longest);
    const top = uniformInt(random, 0, height - side);
    const left = uniformInt(random, 0, width - side);
    return { top, left, side };
  });
}

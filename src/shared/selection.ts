import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { valueAt, valueFor } from './checked-reads';
import { type IndexRanges, indicesIn } from './index-ranges';
import { deriveSeed } from './seeds';
import { shuffled } from './shuffle';

/** A permutation of 0 .. count - 1 drawn from (seed, purpose, item). */
export function seededPermutation(
  count: number,
  seed: number,
  purpose: string,
  item: number | string,
): number[] {
  const random = xoroshiro128plusFromState([
    ...deriveSeed(seed, purpose, item, 0),
    ...deriveSeed(seed, purpose, item, 1),
  ]);
  return [...shuffled(count, random)];
}

/**
 * Choose `count` of a split's images with as many of each class as there are of any other, up to
 * one (a class that runs out leaves its share to the rest). The choice of a smaller count is part
 * of that of a larger one, so maps and scores of shared images can be reused.
 *
 * @param labels the class of each image of the split
 * @param count how many, from 0 to labels.length (RangeError outside)
 * @param seed the user's seed
 * @param purpose what the choice is for: 'images' for the evaluated ones
 * @returns indices into the split, ascending
 */
export function stratifiedIndices(
  labels: ArrayLike<number>,
  count: number,
  seed: number,
  purpose = 'images',
): number[] {
  if (!Number.isInteger(count) || count < 0 || count > labels.length) {
    throw new RangeError(`stratifiedIndices: count ${count} is not from 0 to ${labels.length}`);
  }
  const classes = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i += 1) {
    const label = labels[i] as number;
    const members = classes.get(label);
    if (members) members.push(i);
    else classes.set(label, [i]);
  }
  const names = [...classes.keys()].sort((a, b) => a - b);
  const order = seededPermutation(names.length, seed, purpose, 'classes');
  const queues = order.map((position) => {
    const label = valueAt(names, position);
    const members = valueFor(classes, label);
    const shuffled = seededPermutation(members.length, seed, purpose, label);
    return shuffled.map((i) => valueAt(members, i));
  });
  const chosen: number[] = [];
  for (let round = 0; chosen.length < count; round += 1) {
    for (const queue of queues) {
      const image = queue[round];
      if (image !== undefined && chosen.length < count) chosen.push(image);
    }
  }
  return chosen.sort((a, b) => a - b);
}

/**
 * The same among some images of the split alone.
 *
 * @param among the images to choose from; null: all
 */
export function stratifiedAmong(
  labels: ArrayLike<number>,
  among: IndexRanges | null,
  count: number,
  seed: number,
  purpose = 'images',
): number[] {
  if (among === null) return stratifiedIndices(labels, count, seed, purpose);
  const images = indicesIn(among);
  const own = images.map((image) => valueAt(labels, image));
  return stratifiedIndices(own, count, seed, purpose).map((i) => valueAt(images, i));
}

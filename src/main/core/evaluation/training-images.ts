import { type RoarSettings } from '../../../shared/catalogue/roar';
import { stratifiedIndices } from '../../../shared/selection';

/** The training images that the recipe uses, ascending. */
export function trainingImages(
  labels: ArrayLike<number>,
  { recipe }: Pick<RoarSettings, 'recipe'>,
): number[] {
  const { trainLimit: limit, seed } = recipe;
  if (limit === null || limit >= labels.length) return Array.from(labels, (_, index) => index);
  return stratifiedIndices(labels, limit, seed, 'train-limit');
}

import { valueAt } from '../../shared/checked-reads';
import type { SplitData } from './dataset';

/** Some images of a split as a split of their own: position i is the image `indices[i]`. */
export function subsetOf(split: SplitData, indices: ArrayLike<number>): SplitData {
  const { images } = split;
  const at = (position: number) => valueAt(indices, position);
  const positions = { length: indices.length };
  const labelAt = (_: unknown, position: number) => valueAt(split.labels, at(position));
  return {
    images: {
      count: indices.length,
      imageBytes: images.imageBytes,
      read: (position, into, place) => images.read(at(position), into, place),
    },
    labels:
      split.labels instanceof Uint16Array
        ? Uint16Array.from(positions, labelAt)
        : Uint8Array.from(positions, labelAt),
    count: indices.length,
  };
}

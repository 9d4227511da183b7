import type { SplitData } from './dataset';

/** Some images of a split as a split of their own: position i is the image `indices[i]`. */
export function subsetOf(split: SplitData, indices: ArrayLike<number>): SplitData {
  const { images } = split;
  const at = (position: number) => indices[position] ?? -1;
  return {
    images: {
      count: indices.length,
      imageBytes: images.imageBytes,
      read: (position, into, place) => images.read(at(position), into, place),
    },
    labels: Uint8Array.from({ length: indices.length }, (_, i) => split.labels[at(i)] ?? 0),
    count: indices.length,
  };
}

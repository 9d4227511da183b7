import { valueAt } from '../../../../shared/checked-reads';
import { type IndexRanges } from '../../../../shared/index-ranges';
import { type RatingDesign, type StudyDataset } from '../../../../shared/ratings/study';
import { stratifiedAmong, stratifiedIndices } from '../../../../shared/selection';

export interface ChosenImage {
  /** Index into the validation split. */
  readonly index: number;
  readonly label: number;
  readonly practice: boolean;
}

/** How many images of each dataset practice trials and checks are made from. */
export function practiceImages(design: RatingDesign): number {
  const { practice, instructedChecks, flatChecks } = design;
  if (practice + instructedChecks + flatChecks === 0) return 0;
  return Math.max(1, Math.min(practice, 3));
}

/**
 * The images of one dataset of a study: those that are rated, in the order of their indices (or as
 * picked), then those for practice, which are never rated. Sampled ones are drawn as a run's are
 * from the same seed, and practice goes on with the next of the same draw; beside picked ones it
 * draws from the rest of the split.
 *
 * @param labels the class of each image of the validation split
 * @param covered the images that every method has maps of; null: all. Sampled ones are drawn from them, and
 *   those for practice, of which no map is shown, from the rest of the split
 * @throws RangeError where the split has fewer images
 */
export function chooseImages(
  images: StudyDataset['images'],
  design: RatingDesign,
  labels: ArrayLike<number>,
  covered: IndexRanges | null = null,
): ChosenImage[] {
  const extra = practiceImages(design);
  const chosen = (indices: readonly number[], practice: boolean): ChosenImage[] =>
    indices.map((index) => ({ index, label: valueAt(labels, index), practice }));
  if (images.kind === 'sampled' && covered === null) {
    const main = stratifiedIndices(labels, images.count, images.seed);
    const rated = new Set(main);
    const all = stratifiedIndices(labels, images.count + extra, images.seed);
    const rest = all.filter((index) => !rated.has(index));
    return [...chosen(main, false), ...chosen(rest, true)];
  }
  const main =
    images.kind === 'sampled'
      ? stratifiedAmong(labels, covered, images.count, images.seed)
      : images.indices;
  const picked = new Set(main);
  const rest = Array.from({ length: labels.length }, (_, i) => i).filter((i) => !picked.has(i));
  const restLabels = rest.map((index) => valueAt(labels, index));
  const practice = stratifiedIndices(restLabels, extra, design.seed, 'practice');
  return [
    ...chosen(main, false),
    ...chosen(
      practice.map((i) => valueAt(rest, i)),
      true,
    ),
  ];
}

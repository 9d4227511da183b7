import { fromWire, type NdArray } from '../../shared/arrays';
import { valueAt } from '../../shared/checked-reads';
import { sliceImage } from '../../shared/display/slice';
import { type RouteOutput } from '../../shared/routes';

export interface LabelledImage {
  /** Within its split. */
  readonly index: number;
  readonly label: number;
  /** [H, W, C]. */
  readonly pixels: NdArray;
}

/** The images of an answer, one by one. */
export function labelledImages(
  answer: Pick<RouteOutput<'datasets.images'>, 'indices' | 'labels' | 'pixels'>,
): LabelledImage[] {
  const pixels = fromWire(answer.pixels);
  return answer.indices.map((index, i) => ({
    index,
    label: valueAt(answer.labels, i),
    pixels: sliceImage(pixels, i),
  }));
}

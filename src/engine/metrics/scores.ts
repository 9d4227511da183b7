import { softmax } from '../../statistics/softmax';
import { valueAt } from '../../shared/checked-reads';

/** Inputs of a model that are made when they are asked for: so many for each image. */
export interface Series {
  /** N. */
  readonly images: number;
  /** Inputs of each image, S. */
  readonly steps: number;
  /** Values of one input, H * W * C. */
  readonly size: number;
  /**
   * Write an input, as the model sees it.
   *
   * @param image position, from 0
   * @param into float32 [H, W, C], all 0
   */
  write(image: number, step: number, into: Float32Array): void;
}

/**
 * Logits float32 [count, classes] of inputs float32 [end - start, H, W, C], which are asked for a
 * batch at a time and in their order (`logitsOf` of the models is one with its model bound).
 */
export type Scorer = (
  inputs: (start: number, end: number) => Float32Array,
  count: number,
) => Promise<Float32Array>;

/** One number of the logits [classes] of an input of the image at a position. */
export type Reading = (logits: Float32Array, image: number) => number;

/** Softmax of one class per image, p_c. */
export const probabilityOf =
  (classes: ArrayLike<number>): Reading =>
  (logits, image) =>
    valueAt(softmax(logits), valueAt(classes, image));

/** The logit of one class per image. */
export const logitOf =
  (classes: ArrayLike<number>): Reading =>
  (logits, image) =>
    valueAt(logits, valueAt(classes, image));

/** 1 where one class per image has the largest logit, the first of equals, else 0. */
export const hitOf =
  (classes: ArrayLike<number>): Reading =>
  (logits, image) =>
    logits.indexOf(Math.max(...logits)) === valueAt(classes, image) ? 1 : 0;

/** Inputs between two calls of a scorer: whole batches of the usual sizes, and logits that fit into memory. */
const inputsPerCall = 3000;

/**
 * What a model says of every input of a series. An input's score depends on nothing but itself as far
 * as the scorer keeps the size of its batches.
 *
 * @returns for each reading float64 [N, S]
 */
export async function scoreSeries(
  series: Series,
  scorer: Scorer,
  readings: readonly Reading[],
): Promise<Float64Array[]> {
  const { images, steps, size } = series;
  const total = images * steps;
  const scores = readings.map(() => new Float64Array(total));
  for (let first = 0; first < total; first += inputsPerCall) {
    const count = Math.min(inputsPerCall, total - first);
    const inputs = (start: number, end: number) => {
      const values = new Float32Array((end - start) * size);
      for (let row = start; row < end; row += 1) {
        const place = first + row;
        const into = values.subarray((row - start) * size, (row - start + 1) * size);
        series.write(Math.floor(place / steps), place % steps, into);
      }
      return values;
    };
    const logits = await scorer(inputs, count);
    const classes = logits.length / count;
    for (let row = 0; row < count; row += 1) {
      const own = logits.subarray(row * classes, (row + 1) * classes);
      const place = first + row;
      scores.forEach((values, r) => {
        values[place] = valueAt(readings, r)(own, Math.floor(place / steps));
      });
    }
  }
  return scores;
}

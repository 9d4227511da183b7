import { softmax } from '../../statistics/softmax';
import { valueAt } from '../../shared/checked-reads';
import { notFinite } from '../../shared/errors';
import { argMaxRows } from '../models/evaluate';
import { breathe } from '../runtime/cancel';
import { type Runtime } from '../runtime/load';
import { type DifferentiableModel } from './model';

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
 * batch at a time and in their order.
 */
export type Scorer = (
  inputs: (start: number, end: number) => Float32Array,
  count: number,
) => Promise<Float32Array>;

export interface ScorerOptions {
  readonly runtime: Runtime;
  readonly model: Pick<DifferentiableModel, 'inputShape' | 'classes' | 'logits'>;
  /** Physical batch size of forward passes; the last batch is filled up with zeros. */
  readonly forwardBatch: number;
  /** Looked at between batches. */
  readonly signal?: AbortSignal | undefined;
  /** Told how many inputs have been scored, over all calls. */
  readonly scored?: ((inputs: number) => void) | undefined;
}

/** The scorer of a model, whose scores of an input depend on nothing else in its batch. */
export function modelScorer(options: ScorerOptions): Scorer {
  const { runtime, model, forwardBatch, signal, scored } = options;
  const { tf } = runtime;
  const { inputShape, classes } = model;
  const size = inputShape[0] * inputShape[1] * inputShape[2];
  let total = 0;
  return async (inputs, count) => {
    const logits = new Float32Array(count * classes);
    for (let start = 0; start < count; start += forwardBatch) {
      await breathe(signal);
      const end = Math.min(count, start + forwardBatch);
      const given = inputs(start, end);
      const short = end - start < forwardBatch;
      const values = short ? new Float32Array(forwardBatch * size) : given;
      if (short) values.set(given);
      const scores = tf.tidy(() =>
        model.logits(tf.tensor4d(values, [forwardBatch, ...inputShape])),
      );
      const rows = scores.dataSync<'float32'>();
      scores.dispose();
      logits.set(rows.subarray(0, (end - start) * classes), start * classes);
      total += end - start;
      scored?.(total);
    }
    return logits;
  };
}

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
    argMaxRows(logits, logits.length)[0] === valueAt(classes, image) ? 1 : 0;

/** Inputs between two calls of a scorer: whole batches of the usual sizes, and logits that fit into memory. */
const inputsPerCall = 3000;

/**
 * What a model says of every input of a series. An input's score depends on nothing but itself as far
 * as the scorer keeps the size of its batches.
 *
 * @param nameOf what an image is called in a refusal; default by its position, from 0
 * @returns for each reading float64 [N, S]
 * @throws StudioError `invalid-input` naming the image where a score is not finite
 */
export async function scoreSeries(
  series: Series,
  scorer: Scorer,
  readings: readonly Reading[],
  nameOf = (image: number) => `image ${image}`,
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
      const image = Math.floor(place / steps);
      const broken = own.find((value) => !Number.isFinite(value));
      if (broken !== undefined) {
        const what = `The model’s score of ${nameOf(image)} with changed pixels`;
        throw notFinite(what, broken, 'its weights are too large for single precision');
      }
      scores.forEach((values, r) => {
        values[place] = valueAt(readings, r)(own, image);
      });
    }
  }
  return scores;
}

/** A function of an image's position that keeps its last value: inputs of an image follow one another. */
export function lastMade<T>(make: (image: number) => T): (image: number) => T {
  let made: { readonly image: number; readonly value: T } | null = null;
  return (image) => {
    if (made?.image !== image) made = { image, value: make(image) };
    return made.value;
  };
}

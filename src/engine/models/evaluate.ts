import { softmax } from '../../statistics/softmax';
import { notFinite } from '../../shared/errors';
import { breathe, throwIfCancelled } from '../runtime/cancel';
import type { Kernels } from '../runtime/kernels';
import type { Tensor4D } from '../runtime/tensorflow';
import { type Images, normalise, pixelsOf, type Prepare } from './inputs';
import type { Model } from './model';

export interface ScoreOptions {
  kernels: Kernels;
  model: Model;
  signal?: AbortSignal | undefined;
  /** Images done so far. */
  report?: ((done: number, total: number) => void) | undefined;
}

/**
 * Logits [N, K] of inputs float32 [N, H, W, C] in the model's input space, in planned batches, the
 * last one padded with zeros.
 */
export async function logitsOf(
  inputs: (start: number, end: number) => Float32Array,
  count: number,
  options: ScoreOptions,
): Promise<Float32Array> {
  const { kernels, model, signal, report } = options;
  const { tf } = kernels.operations;
  const batch = model.batches.forward;
  const size = model.inputShape.reduce((product, side) => product * side, 1);
  const result = new Float32Array(count * model.classes);
  throwIfCancelled(signal);
  for (let start = 0; start < count; start += batch) {
    const end = Math.min(count, start + batch);
    let values = inputs(start, end);
    if (end - start < batch) {
      const padded = new Float32Array(batch * size);
      padded.set(values);
      values = padded;
    }
    const logits = tf.tidy(() =>
      model.logits(tf.tensor(values, [batch, ...model.inputShape], 'float32') as Tensor4D),
    );
    const rows = logits.dataSync() as Float32Array;
    logits.dispose();
    result.set(rows.subarray(0, (end - start) * model.classes), start * model.classes);
    report?.(end, count);
    await breathe(signal);
  }
  return result;
}

/** Softmax of each row of logits [N, K], rounded once to float32. */
export function softmaxRows(logits: Float32Array, classes: number): Float32Array {
  const result = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    result.set(softmax(logits.subarray(start, start + classes)), start);
  }
  return result;
}

/** Index of each row's first maximum. */
export function argMaxRows(values: Float32Array, classes: number): Int32Array {
  const result = new Int32Array(values.length / classes);
  for (let row = 0; row < result.length; row += 1) {
    let best = 0;
    for (let k = 1; k < classes; k += 1) {
      const value = values[row * classes + k] as number;
      if (value > (values[row * classes + best] as number)) best = k;
    }
    result[row] = best;
  }
  return result;
}

export interface EvaluateOptions extends ScoreOptions {
  data: Images;
  split: 'train' | 'validation';
  prepare?: Prepare | undefined;
  epoch?: number | undefined;
}

/**
 * Accuracy of the model on whole images: the share whose largest logit is the label's.
 *
 * @throws StudioError `invalid-input` naming the image where a logit is not finite
 */
export async function evaluate(
  options: EvaluateOptions,
): Promise<{ accuracy: number; count: number }> {
  const { data, model, prepare, split } = options;
  const size = model.inputShape.reduce((product, side) => product * side, 1);
  const inputs = (start: number, end: number) => {
    const indices = Int32Array.from({ length: end - start }, (_, i) => start + i);
    const pixels = pixelsOf(data.images, size, indices);
    prepare?.(pixels, indices, { split, epoch: options.epoch ?? 0 });
    return normalise(pixels, model.input);
  };
  const logits = await logitsOf(inputs, data.count, options);
  const broken = logits.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    const what = `The model’s score of ${split} image ${Math.floor(broken / model.classes)}`;
    const remedy =
      'its training diverged, or its weights are too large; train it at a lower learning rate';
    throw notFinite(what, logits[broken] as number, remedy);
  }
  const predicted = argMaxRows(logits, model.classes);
  let hits = 0;
  predicted.forEach((k, index) => {
    if (k === data.labels[index]) hits += 1;
  });
  return { accuracy: data.count === 0 ? 0 : hits / data.count, count: data.count };
}

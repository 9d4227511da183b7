import { type MapParameters } from '../../shared/catalogue/parameters';
import { notFinite, refuse } from '../../shared/errors';
import { argMaxRows } from '../models/evaluate';
import { withoutLabels } from '../models/output-classes';
import { breathe } from '../runtime/cancel';
import { type Runtime } from '../runtime/load';
import { type Images, inputOf } from './input-space';
import { type DifferentiableModel, sizeOf } from './model';

export interface PredictRequest {
  readonly runtime: Runtime;
  readonly model: DifferentiableModel;
  /** [N, H, W, C], bytes or float32 in [0, 1]. */
  readonly images: Images;
  /** Physical batch size of forward passes; the last batch is filled up with its last image. */
  readonly forwardBatch: number;
  /** What the image at a position is called in a refusal; default by its position, from 0. */
  readonly nameOf?: ((position: number) => string) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Scores of clean images.
 *
 * @returns inputs float32 [N, H, W, C] as the model sees them, logits float32 [N, classes]
 * @throws StudioError `invalid-input` naming the image where a score is not finite
 * @throws StudioError `cancelled` within one batch of an abort
 */
export async function predict(
  request: PredictRequest,
): Promise<{ inputs: Float32Array; logits: Float32Array }> {
  const { runtime, model, images, forwardBatch: batch, signal } = request;
  const { nameOf = (position: number) => `image ${position}` } = request;
  const { tf } = runtime;
  const { classes, inputShape } = model;
  const size = sizeOf(inputShape);
  const count = countOf(images, size);
  const inputs = new Float32Array(count * size);
  const logits = new Float32Array(count * classes);
  for (let i = 0; i < count; i += 1) {
    inputs.set(inputOf(images, inputShape, i, model.input), i * size);
  }
  for (let start = 0; start < count; start += batch) {
    await breathe(signal);
    const taken = Math.min(batch, count - start);
    const x = new Float32Array(batch * size);
    for (let i = 0; i < batch; i += 1) {
      const from = (start + Math.min(i, taken - 1)) * size;
      x.set(inputs.subarray(from, from + size), i * size);
    }
    const scores = tf.tidy(() => model.logits(tf.tensor4d(x, [batch, ...inputShape])));
    const values = scores.dataSync<'float32'>();
    scores.dispose();
    for (let i = 0; i < taken; i += 1) {
      const own = values.subarray(i * classes, (i + 1) * classes);
      const broken = own.find((value) => !Number.isFinite(value));
      if (broken !== undefined) {
        const what = `The model’s score of ${nameOf(start + i)}`;
        throw notFinite(
          what,
          broken,
          'its weights are too large for single precision; train it again',
        );
      }
    }
    logits.set(values.subarray(0, taken * classes), start * classes);
  }
  return { inputs, logits };
}

/** Images in an array of [N, H, W, C]. */
export function countOf(images: Images, size: number): number {
  if (images.length % size !== 0) {
    throw refuse('images.length', images.length, `a multiple of ${size}, the values of one image`);
  }
  return images.length / size;
}

/**
 * The class explained, per image: its label, the largest logit (the first of equals) on the clean
 * image, or one class for all.
 *
 * @throws StudioError `invalid-input` for a class that the model does not have, and for the label where it
 *   is none of the model's classes (-1)
 */
export async function targetsOf(
  request: PredictRequest & {
    readonly labels: ArrayLike<number>;
    readonly target: MapParameters['target'];
  },
): Promise<Int32Array> {
  const { model, images, labels, target } = request;
  const { classes } = model;
  const count = countOf(images, sizeOf(model.inputShape));
  if (typeof target === 'number') {
    if (target >= classes) throw refuse('target', target, `a class from 0 to ${classes - 1}`);
    return new Int32Array(count).fill(target);
  }
  if (target === 'predicted') {
    const { logits } = await predict(request);
    return argMaxRows(logits, classes);
  }
  if (labels.length !== count) {
    throw refuse('labels.length', labels.length, `${count}, the number of images`);
  }
  return Int32Array.from(labels, (label, i) => {
    if (label < 0) throw withoutLabels();
    if (label < classes) return label;
    throw refuse(`labels.${i}`, label, `a class from 0 to ${classes - 1}`);
  });
}

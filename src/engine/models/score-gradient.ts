import { probabilityOf, softmax } from '../../statistics/softmax';
import type { Kernels } from '../runtime/kernels';
import type { Tensor1D, Tensor2D } from '../runtime/tensorflow';
import type { ScoreKind } from './model';

/**
 * The target's score per row, and its derivative by the logits [B, K].
 *
 * Of a probability p_c that is p_c (δ - p), of its logarithm δ - p, which cancels where the network is
 * sure. So 1 - p_c is the sum of the others here, in double precision, and each value is rounded once.
 * A row with a logit that is not finite has NaN: its map is refused by name where it is read.
 *
 * @param sums the logits [B * K] before they were rounded, where there are any, read for
 *   probabilities alone: what a logit is off by, its probability is off by as a share of itself
 */
export function scoreGradient(
  kernels: Kernels,
  logits: Tensor2D,
  targets: Tensor1D,
  score: ScoreKind,
  sums: Float64Array | null,
): { scores: Tensor1D; signal: Tensor2D } {
  const { tf } = kernels.operations;
  return tf.tidy(() => {
    const [rows, classes] = logits.shape;
    if (score === 'logit') {
      const signal = kernels.oneHot(targets, classes);
      return { scores: tf.sum(tf.mul(logits, signal), 1) as Tensor1D, signal };
    }
    const values = sums ?? Float64Array.from(logits.dataSync());
    const scores = new Float32Array(rows).fill(NaN);
    const signal = new Float32Array(rows * classes).fill(NaN);
    targets.dataSync().forEach((target, row) => {
      const start = row * classes;
      const own = values.subarray(start, start + classes);
      if (!own.every(Number.isFinite)) return;
      const { p, others, logarithm } = probabilityOf(own, target);
      const factor = score === 'probability' ? p : 1;
      softmax(own).forEach((value, k) => {
        signal[start + k] = factor * (k === target ? others : -value);
      });
      scores[row] = score === 'probability' ? p : logarithm;
    });
    return { scores: tf.tensor1d(scores), signal: tf.tensor2d(signal, [rows, classes]) };
  });
}

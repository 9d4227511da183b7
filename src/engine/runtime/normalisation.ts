import type { Operations } from './operations';
import type { Tensor, Tensor1D, Tensor4D } from './tensorflow';

/** Per-channel parameters and statistics, all [C]. */
export interface BatchNormParameters {
  scale: Tensor1D;
  offset: Tensor1D;
  /** Running averages to move: (1 - momentum) times the old plus momentum times the batch's. */
  running?: { mean: Tensor1D; variance: Tensor1D; momentum: number };
}

export interface NormalisedBatch {
  /** (x - mean) / sqrt(variance + epsilon) * scale + offset, [B, H, W, C]. */
  output: Tensor4D;
  /** The batch's mean, and its variance with Bessel's correction; or the running ones, moved. */
  mean: Tensor1D;
  variance: Tensor1D;
  /** What `batchNormGradient` needs; the caller disposes it. */
  saved: Tensor[];
}

export interface NormalisationKernels {
  /** Normalise x [B, H, W, C] by its own statistics (training). Epsilon: PyTorch's default 1e-5. */
  batchNorm(x: Tensor4D, parameters: BatchNormParameters, epsilon?: number): NormalisedBatch;
  /** Gradients by x, scale and offset, through the statistics too. */
  batchNormGradient(
    saved: readonly Tensor[],
    signal: Tensor4D,
    epsilon?: number,
  ): { input: Tensor4D; scale: Tensor1D; offset: Tensor1D };
}

/** Batch normalisation by TensorFlow's fused kernels, a tenth of the time of tfjs's own gradient. */
export function normalisationKernels(operations: Operations): NormalisationKernels {
  const attributes = (epsilon: number) =>
    operations.attributes({
      T: { type: 'float32' },
      U: { type: 'float32' },
      epsilon: { float: epsilon },
      data_format: { string: 'NHWC' },
      is_training: { bool: true },
    });
  return {
    batchNorm(x, { scale, offset, running }, epsilon = 1e-5) {
      const { tf } = operations;
      const factor = { exponential_avg_factor: { float: running?.momentum ?? 1 } };
      const empty = tf.tensor1d([], 'float32');
      const [output, mean, variance, ...reserves] = operations.runMany(
        'FusedBatchNormV3',
        [...attributes(epsilon), ...operations.attributes(factor)],
        [x, scale, offset, running?.mean ?? empty, running?.variance ?? empty],
        6,
      );
      empty.dispose();
      if (!output || !mean || !variance) throw new RangeError('batch normalisation gave no result');
      return {
        output: output as Tensor4D,
        mean: mean as Tensor1D,
        variance: variance as Tensor1D,
        saved: [x.clone(), scale.clone(), ...reserves],
      };
    },
    batchNormGradient(saved, signal, epsilon = 1e-5) {
      const [input, scale, offset, ...rest] = operations.runMany(
        'FusedBatchNormGradV3',
        attributes(epsilon),
        [signal, ...saved],
        5,
      );
      for (const tensor of rest) tensor.dispose();
      if (!input || !scale || !offset) throw new RangeError('batch normalisation has no gradient');
      return {
        input: input as Tensor4D,
        scale: scale as Tensor1D,
        offset: offset as Tensor1D,
      };
    },
  };
}

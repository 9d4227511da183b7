import type { ConvolutionOptions } from './convolution';
import type { Operations } from './operations';
import type { Attribute, Tensor, Tensor1D, Tensor4D } from './tensorflow';

/** Batch normalisation outside training, each [D]. */
export interface Normalisation {
  scale: Tensor1D;
  offset: Tensor1D;
  mean: Tensor1D;
  variance: Tensor1D;
  epsilon: number;
}

/**
 * A network's way forward in double precision (native/exact.cc), so that each ReLU and maximum goes
 * the way that its exact input says: rounding to single precision tips those that lie within about
 * 1e-6 of their layer's size of 0, in any order of sums. Several times as slow as single precision,
 * so for maps that rest on one gradient, where a tipped unit shows most.
 *
 * tfjs knows no doubles: a tensor of them, `Doubles`, is one of floats with twice the channels, whose
 * bytes they are. Nothing but these operations can read it.
 */
export interface ExactKernels {
  /**
   * A convolution (D in panels of 16) of images [B, H, W, C] or Doubles of them, its normalisation,
   * an addition of Doubles and a ReLU, the last two where asked for: Doubles [B, H', W', D].
   */
  convolve(
    x: Tensor4D,
    filter: Tensor4D,
    normalisation: Normalisation,
    options: ConvolutionOptions & { relu: boolean; addend?: Tensor4D | undefined },
  ): Tensor4D;
  /**
   * max(0, maximum) of 3x3 windows, stride 2, padding 1, as Doubles, and which of the nine it was,
   * for a way back over `batch` images.
   */
  poolRelu(x: Tensor4D, batch: number): { maximum: Tensor4D; index: Tensor };
  /** Doubles as `batch` images in single precision, those that are not there as zeros. */
  rounded(x: Tensor4D, batch: number): Tensor4D;
}

export function exactKernels(operations: Operations): ExactKernels {
  const { tf } = operations;
  const none = tf.keep(tf.tensor1d([], 'float32'));
  const batches = new Map<number, Attribute[]>();

  function ofBatch(batch: number): Attribute[] {
    let attributes = batches.get(batch);
    if (!attributes) {
      attributes = operations.attributes({ batch: { int: batch } });
      batches.set(batch, attributes);
    }
    return attributes;
  }

  return {
    convolve(x, filter, normalisation, { stride, padding, relu, addend }) {
      const { scale, offset, mean, variance, epsilon } = normalisation;
      const attributes = operations.attributes({
        stride: { int: stride },
        padding: { int: padding },
        epsilon: { float: epsilon },
        relu: { bool: relu },
      });
      const tensors = [x, filter, scale, offset, mean, variance, addend ?? none];
      return operations.run('StudioExactConvolution', attributes, tensors) as Tensor4D;
    },
    poolRelu(x, batch) {
      const [maximum, index] = operations.runMany('StudioExactPoolRelu', ofBatch(batch), [x], 2);
      if (!maximum || !index) throw new RangeError('max pooling gave no result');
      return { maximum: maximum as Tensor4D, index };
    },
    rounded: (x, batch) => operations.run('StudioRounded', ofBatch(batch), [x]) as Tensor4D,
  };
}

import { valueAt } from '../../shared/checked-reads';
import { convolutionKernels, type ConvolutionKernels } from './convolution';
import { directKernels, type DirectKernels } from './direct';
import { fusedKernels, type FusedKernels } from './fused';
import { noiseKernels, type NoiseKernels } from './noise';
import { normalisationKernels, type NormalisationKernels } from './normalisation';
import { createOperations, type Operations } from './operations';
import { poolingKernels, type PoolingKernels } from './pooling';
import type { Tensor, Tensor1D, Tensor2D, TensorFlow } from './tensorflow';
import { productKernels, type ProductKernels } from './product';
import { trainingKernels, type TrainingKernels } from './training';
import { winogradKernels, type WinogradKernels } from './winograd';

/** SELU's constants (Klambauer et al. 2017), as PyTorch and TensorFlow have them. */
export const seluScale = 1.0507009873554805;
export const seluAlpha = 1.6732632423543772;

/**
 * Thin typed wrappers of TensorFlow's own kernels: no tape, no tfjs gradients. Every result is a
 * new tensor that belongs to the innermost tf.tidy; inputs are left alone.
 */
export interface Kernels
  extends ConvolutionKernels, PoolingKernels, NormalisationKernels, NoiseKernels {
  readonly operations: Operations;
  /** Whether TensorFlow's oneDNN kernels are there to be called by name. */
  readonly oneDnn: boolean;
  /** Our own operations, this and the next four; null on a GPU. */
  readonly fused: FusedKernels | null;
  readonly winograd: WinogradKernels | null;
  readonly direct: DirectKernels | null;
  readonly training: TrainingKernels | null;
  readonly products: ProductKernels | null;
  matMul(
    a: Tensor2D,
    b: Tensor2D,
    transpose?: { a?: boolean | undefined; b?: boolean | undefined },
  ): Tensor2D;
  /** x [..., C] + bias [C]. */
  biasAdd<T extends Tensor>(x: T, bias: Tensor1D): T;
  /** Sum of the signal [..., C] over all but the last axis: [C]. */
  biasAddGradient(signal: Tensor): Tensor1D;
  relu<T extends Tensor>(x: T): T;
  /** signal where the output is above 0, else 0. */
  reluGradient<T extends Tensor>(signal: T, output: Tensor): T;
  selu<T extends Tensor>(x: T): T;
  /**
   * signal times SELU's slope, from SELU's output. At exactly 0 the slope is scale * alpha = 1.758,
   * the exponential branch's, as in PyTorch (TensorFlow's own kernel takes the linear one, 1.0507).
   */
  seluGradient<T extends Tensor>(signal: T, output: Tensor): T;
  add<T extends Tensor>(a: T, b: Tensor): T;
  multiply<T extends Tensor>(a: T, b: Tensor): T;
  scale<T extends Tensor>(x: T, factor: number): T;
  /** One row per label, 1 at the label and 0 elsewhere: float32 [B, classes]. */
  oneHot(labels: Tensor1D, classes: number): Tensor2D;
  /** Cross-entropy per row, and its gradient by the logits (softmax - one-hot). */
  crossEntropy(logits: Tensor2D, labels: Tensor1D): { loss: Tensor1D; gradient: Tensor2D };
}

export function createKernels(tf: TensorFlow, device: 'cpu' | 'cuda'): Kernels {
  const operations = createOperations(tf);
  const oneDnn = device === 'cpu' && hasOneDnn(operations);
  const float = operations.attributes({ T: { type: 'float32' } });
  const bias = operations.attributes({
    T: { type: 'float32' },
    data_format: { string: 'NHWC' },
  });
  const matMul = [false, true].map((a) =>
    [false, true].map((b) =>
      operations.attributes({
        T: { type: 'float32' },
        transpose_a: { bool: a },
        transpose_b: { bool: b },
      }),
    ),
  );
  const entropy = operations.attributes({ T: { type: 'float32' }, Tlabels: { type: 'int32' } });
  /** The smallest normal number: it moves 0 to the exponential branch and nothing else. */
  const nudge = tf.keep(tf.scalar(1.1754943508222875e-38));
  const unary =
    (name: string) =>
    <T extends Tensor>(x: T): T =>
      operations.run(name, float, [x]) as T;
  const binary =
    (name: string) =>
    <T extends Tensor>(a: T, b: Tensor): T =>
      operations.run(name, float, [a, b]) as T;
  const subtract = binary('Sub');
  const multiply = binary('Mul');
  const seluGradient = binary('SeluGrad');

  return {
    ...convolutionKernels(operations, oneDnn),
    ...poolingKernels(operations, oneDnn),
    ...normalisationKernels(operations),
    ...noiseKernels(operations),
    operations,
    oneDnn,
    fused: device === 'cpu' ? fusedKernels(operations) : null,
    direct: device === 'cpu' ? directKernels(operations) : null,
    winograd: device === 'cpu' ? winogradKernels(operations) : null,
    training: device === 'cpu' ? trainingKernels(operations) : null,
    products: device === 'cpu' ? productKernels(operations) : null,
    matMul(a, b, transpose = {}) {
      const list = valueAt(valueAt(matMul, transpose.a ? 1 : 0), transpose.b ? 1 : 0);
      return operations.run('MatMul', list, [a, b]) as Tensor2D;
    },
    biasAdd: <T extends Tensor>(x: T, b: Tensor1D) => operations.run('BiasAdd', bias, [x, b]) as T,
    biasAddGradient: (signal) => operations.run('BiasAddGrad', bias, [signal]) as Tensor1D,
    relu: unary('Relu'),
    reluGradient: binary('ReluGrad'),
    selu: unary('Selu'),
    seluGradient<T extends Tensor>(signal: T, output: Tensor): T {
      const nudged = subtract(output, nudge);
      const result = seluGradient(signal, nudged);
      nudged.dispose();
      return result;
    },
    add: binary('AddV2'),
    multiply,
    scale<T extends Tensor>(x: T, factor: number): T {
      const scalar = tf.scalar(factor);
      const result = multiply(x, scalar);
      scalar.dispose();
      return result;
    },
    oneHot: (labels, classes) => tf.oneHot(labels, classes, 1, 0, 'float32') as Tensor2D,
    crossEntropy(logits, labels) {
      const name = 'SparseSoftmaxCrossEntropyWithLogits';
      const [loss, gradient] = operations.runMany(name, entropy, [logits, labels], 2);
      if (!loss || !gradient) throw new RangeError('cross-entropy gave no result');
      return { loss: loss as Tensor1D, gradient: gradient as Tensor2D };
    },
  };
}

/** oneDNN's kernels are compiled into TensorFlow on x86 only: run a small one to find out. */
function hasOneDnn(operations: Operations): boolean {
  const { tf } = operations;
  return tf.tidy(() => {
    try {
      poolingKernels(operations, true).maxPool(tf.zeros([1, 2, 2, 1]), true);
      return true;
    } catch {
      return false;
    }
  });
}

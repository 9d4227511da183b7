import type { Attribute, Tensor, Tensor1D, Tensor4D } from './tensorflow';
import type { Operations } from './operations';

export interface ConvolutionOptions {
  /** Both directions alike, at least 1. */
  stride: number;
  /** Zero rows and columns added on every side. */
  padding: number;
}

/** 2-D convolutions: x [B, H, W, C], filter [kh, kw, C, D], result [B, H', W', D]. */
export interface ConvolutionKernels {
  conv2d(x: Tensor4D, filter: Tensor4D, options: ConvolutionOptions): Tensor4D;
  /** d/dx of sum(conv2d(x, filter) * signal); `inputShape` is x's. */
  conv2dInputGradient(
    inputShape: readonly number[],
    filter: Tensor4D,
    signal: Tensor4D,
    options: ConvolutionOptions,
  ): Tensor4D;
  /** d/dfilter of the same sum; `filterShape` is the filter's. */
  conv2dFilterGradient(
    x: Tensor4D,
    filterShape: readonly number[],
    signal: Tensor4D,
    options: ConvolutionOptions,
  ): Tensor4D;
}

/**
 * TensorFlow has two convolutions on the processor: Eigen's and oneDNN's. Called by name, each is
 * used where it is the faster one (measured on AVX2, batch 150): oneDNN for one input channel and
 * for both gradients, Eigen for the rest, where it also suffers least from a busy machine.
 */
export function convolutionKernels(operations: Operations, oneDnn: boolean): ConvolutionKernels {
  const cache = new Map<string, Attribute[]>();
  function attributes(
    options: ConvolutionOptions,
    kernelSize: number,
    native: boolean,
    forward: boolean,
  ) {
    const { stride, padding } = options;
    const key = `${stride},${padding},${kernelSize},${native},${forward}`;
    let list = cache.get(key);
    if (!list) {
      const same = stride === 1 && padding * 2 + 1 === kernelSize;
      const kind = padding === 0 ? 'VALID' : same ? 'SAME' : 'EXPLICIT';
      list = operations.attributes({
        T: { type: 'float32' },
        strides: { int: [1, stride, stride, 1] },
        padding: { string: kind },
        explicit_paddings: {
          int: kind === 'EXPLICIT' ? [0, 0, padding, padding, padding, padding, 0, 0] : [],
        },
        data_format: { string: 'NHWC' },
        use_cudnn_on_gpu: { bool: true },
        dilations: { int: [1, 1, 1, 1] },
        ...(native && forward ? { is_filter_const: { bool: false } } : {}),
        ...(native ? { _kernel: { string: 'MklNameChangeOp' } } : {}),
      });
      cache.set(key, list);
    }
    return list;
  }
  /** Run an operation that reads a shape from a small int32 tensor. */
  function withShape(shape: readonly number[], run: (tensor: Tensor1D) => Tensor): Tensor4D {
    const tensor = operations.tf.tensor1d([...shape], 'int32');
    const result = run(tensor) as Tensor4D;
    tensor.dispose();
    return result;
  }
  const name = (base: string, native: boolean) => (native ? `_MklNative${base}` : base);

  return {
    conv2d(x, filter, options) {
      const native = oneDnn && filter.shape[2] === 1;
      const list = attributes(options, filter.shape[0], native, true);
      return operations.run(name('Conv2D', native), list, [x, filter]) as Tensor4D;
    },
    conv2dInputGradient(inputShape, filter, signal, options) {
      const native = oneDnn && filter.shape[2] > 1;
      const list = attributes(options, filter.shape[0], native, false);
      return withShape(inputShape, (shape) =>
        operations.run(name('Conv2DBackpropInput', native), list, [shape, filter, signal]),
      );
    },
    conv2dFilterGradient(x, filterShape, signal, options) {
      const list = attributes(options, filterShape[0] ?? 1, oneDnn, false);
      return withShape(filterShape, (shape) =>
        operations.run(name('Conv2DBackpropFilter', oneDnn), list, [x, shape, signal]),
      );
    },
  };
}

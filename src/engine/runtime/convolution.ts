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
  /** With a bias [D], it is added to the result. */
  conv2d(x: Tensor4D, filter: Tensor4D, options: ConvolutionOptions, bias?: Tensor1D): Tensor4D;
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

type Direction = 'Conv2D' | 'Conv2DWithBias' | 'Conv2DBackpropInput' | 'Conv2DBackpropFilter';

/**
 * TensorFlow has two convolutions on the processor, Eigen's and oneDNN's. Called by name, each is
 * used where it is the faster one (see `native`).
 */
export function convolutionKernels(operations: Operations, oneDnn: boolean): ConvolutionKernels {
  const cache = new Map<string, Attribute[]>();
  const biasAttributes = operations.attributes({
    T: { type: 'float32' },
    data_format: { string: 'NHWC' },
  });

  function run(
    direction: Direction,
    filterShape: readonly number[],
    options: ConvolutionOptions,
    inputs: readonly Tensor[],
  ): Tensor4D {
    const [size = 1, , channels = 1] = filterShape;
    const chosen = oneDnn && native(direction, size, channels, options);
    const key = [direction, chosen, size, options.stride, options.padding].join();
    let attributes = cache.get(key);
    if (!attributes) {
      attributes = convolutionAttributes(operations, direction, size, options, chosen);
      cache.set(key, attributes);
    }
    return operations.run(
      chosen ? `_MklNative${direction}` : direction,
      attributes,
      inputs,
    ) as Tensor4D;
  }

  /** Hand an operation a shape as the small int32 tensor that it reads. */
  function withShape(shape: readonly number[], work: (tensor: Tensor1D) => Tensor4D): Tensor4D {
    const tensor = operations.tf.tensor1d([...shape], 'int32');
    const result = work(tensor);
    tensor.dispose();
    return result;
  }

  return {
    conv2d(x, filter, options, bias) {
      if (!bias) return run('Conv2D', filter.shape, options, [x, filter]);
      // Only oneDNN adds the bias on the way.
      if (oneDnn && native('Conv2DWithBias', filter.shape[0], filter.shape[2], options)) {
        return run('Conv2DWithBias', filter.shape, options, [x, filter, bias]);
      }
      const sum = run('Conv2D', filter.shape, options, [x, filter]);
      const result = operations.run('BiasAdd', biasAttributes, [sum, bias]) as Tensor4D;
      sum.dispose();
      return result;
    },
    conv2dInputGradient: (inputShape, filter, signal, options) =>
      withShape(inputShape, (shape) =>
        run('Conv2DBackpropInput', filter.shape, options, [shape, filter, signal]),
      ),
    conv2dFilterGradient: (x, filterShape, signal, options) =>
      withShape(filterShape, (shape) =>
        run('Conv2DBackpropFilter', filterShape, options, [x, shape, signal]),
      ),
  };
}

/**
 * Whether oneDNN's kernel is the one to take. In milliseconds of one core on AVX2 at batch 150,
 * oneDNN against Eigen: forward 2.4 against 9.3 (first layer), 12.7 against 14.0 (second, with its
 * bias free); by filter 19 against 24; by input 11.5 against 16 (second), but 8.9 against 5.8 for
 * the first layer's single channel. Strided and explicitly padded convolutions are out: oneDNN
 * refuses some gradients and gives wrong values for others.
 */
function native(
  direction: Direction,
  size: number,
  channels: number,
  { stride, padding }: ConvolutionOptions,
): boolean {
  if (stride !== 1 || (padding !== 0 && padding * 2 + 1 !== size)) return false;
  return direction !== 'Conv2DBackpropInput' || channels > 1;
}

function convolutionAttributes(
  operations: Operations,
  direction: Direction,
  size: number,
  { stride, padding }: ConvolutionOptions,
  chosen: boolean,
): Attribute[] {
  const same = stride === 1 && padding * 2 + 1 === size;
  const kind = padding === 0 ? 'VALID' : same ? 'SAME' : 'EXPLICIT';
  const explicit = [0, 0, padding, padding, padding, padding, 0, 0];
  return operations.attributes({
    T: { type: 'float32' },
    strides: { int: [1, stride, stride, 1] },
    padding: { string: kind },
    explicit_paddings: { int: kind === 'EXPLICIT' ? explicit : [] },
    data_format: { string: 'NHWC' },
    use_cudnn_on_gpu: { bool: true },
    dilations: { int: [1, 1, 1, 1] },
    ...(chosen && !direction.includes('Backprop') ? { is_filter_const: { bool: false } } : {}),
    // Without this label TensorFlow does not look at oneDNN's kernels.
    ...(chosen ? { _kernel: { string: 'MklNameChangeOp' } } : {}),
  });
}

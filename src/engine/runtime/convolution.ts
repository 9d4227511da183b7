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

type Direction = 'Conv2D' | 'Conv2DBackpropInput' | 'Conv2DBackpropFilter';

/**
 * TensorFlow has two convolutions on the processor, Eigen's and oneDNN's. Called by name, each is
 * used where it is the faster one (see `native`).
 */
export function convolutionKernels(operations: Operations, oneDnn: boolean): ConvolutionKernels {
  const cache = new Map<string, Attribute[]>();

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
    conv2d: (x, filter, options) => run('Conv2D', filter.shape, options, [x, filter]),
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
 * Whether oneDNN's kernel is the one to take, as measured on AVX2 at batch 150: for the first
 * layer's single channel forward (2.4 ms of processor time against 9), for filter gradients (20
 * against 24), and for input gradients (12 against 16) except those of a single channel (9 against
 * 6). Strided and explicitly padded gradients are out: oneDNN refuses some and gives wrong values
 * for others.
 */
function native(
  direction: Direction,
  size: number,
  channels: number,
  { stride, padding }: ConvolutionOptions,
): boolean {
  if (stride !== 1 || (padding !== 0 && padding * 2 + 1 !== size)) return false;
  if (direction === 'Conv2D') return channels === 1;
  if (direction === 'Conv2DBackpropInput') return channels > 1;
  return true;
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
    ...(chosen && direction === 'Conv2D' ? { is_filter_const: { bool: false } } : {}),
    // Without this label TensorFlow does not look at oneDNN's kernels.
    ...(chosen ? { _kernel: { string: 'MklNameChangeOp' } } : {}),
  });
}

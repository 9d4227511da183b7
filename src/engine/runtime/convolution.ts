import { type Padding, opposite, windowPadding, padded } from './padding';
import type { Operations } from './operations';
import type { Attribute, Tensor, Tensor1D, Tensor4D } from './tensorflow';

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
 * used where it is the faster one (see `native`). oneDNN's take no padding of our own, and their
 * gradients go wrong where windows leave rows over: the image is given exactly what the windows
 * reach before, and the gradient the image's size after.
 */
export function convolutionKernels(operations: Operations, oneDnn: boolean): ConvolutionKernels {
  const cache = new Map<string, Attribute[]>();
  const biasAttributes = operations.attributes({
    T: { type: 'float32' },
    data_format: { string: 'NHWC' },
  });

  function run(
    direction: Direction,
    size: number,
    options: ConvolutionOptions,
    inputs: readonly Tensor[],
    chosen: boolean,
  ): Tensor4D {
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

  function isNative(direction: Direction, filterShape: readonly number[], o: ConvolutionOptions) {
    return oneDnn && native(direction, filterShape, o);
  }

  /** The image as the chosen kernel takes it. */
  function fitted(x: Tensor4D, size: number, options: ConvolutionOptions, chosen: boolean) {
    if (!chosen || isSame(size, options)) return x.clone();
    return padded(operations, x, ...padding(x.shape, size, options));
  }

  return {
    conv2d(x, filter, options, bias) {
      const [size] = filter.shape;
      // Only oneDNN adds the bias in the same step.
      const direction = bias ? 'Conv2DWithBias' : 'Conv2D';
      const chosen = isNative(direction, filter.shape, options);
      const input = fitted(x, size, options, chosen);
      const inputs = chosen && bias ? [input, filter, bias] : [input, filter];
      const result = run(chosen ? direction : 'Conv2D', size, options, inputs, chosen);
      input.dispose();
      if (!bias || chosen) return result;
      const sum = operations.run('BiasAdd', biasAttributes, [result, bias]) as Tensor4D;
      result.dispose();
      return sum;
    },
    conv2dInputGradient(inputShape, filter, signal, options) {
      const [size] = filter.shape;
      const direction = 'Conv2DBackpropInput';
      const chosen = isNative(direction, filter.shape, options);
      const gradient = (shape: readonly number[]) =>
        withShape(shape, (tensor) =>
          run(direction, size, options, [tensor, filter, signal], chosen),
        );
      if (!chosen || isSame(size, options)) return gradient(inputShape);
      const [rows, columns] = padding(inputShape, size, options);
      const [batch = 0, height = 0, width = 0, channels = 0] = inputShape;
      const reached = [
        batch,
        height + rows.before + rows.after,
        width + columns.before + columns.after,
        channels,
      ];
      const whole = gradient(reached);
      const result = padded(operations, whole, opposite(rows), opposite(columns));
      whole.dispose();
      return result;
    },
    conv2dFilterGradient(x, filterShape, signal, options) {
      const [size = 1] = filterShape;
      const direction = 'Conv2DBackpropFilter';
      const chosen = isNative(direction, filterShape, options);
      const input = fitted(x, size, options, chosen);
      const result = withShape(filterShape, (shape) =>
        run(direction, size, options, [input, shape, signal], chosen),
      );
      input.dispose();
      return result;
    },
  };
}

function padding(
  shape: readonly number[],
  kernel: number,
  options: ConvolutionOptions,
): [Padding, Padding] {
  const [, height = 0, width = 0] = shape;
  return [
    windowPadding(height, { kernel, ...options }),
    windowPadding(width, { kernel, ...options }),
  ];
}

/** Whether the result has the image's size: both kernels know that padding. */
function isSame(size: number, { stride, padding }: ConvolutionOptions): boolean {
  return stride === 1 && padding * 2 + 1 === size;
}

/**
 * Whether oneDNN's kernel is the one to take. In milliseconds, oneDNN against Eigen, for mnist-cnn
 * on one core at batch 150: forward 2.4 against 9.3 (first layer), 12.7 against 14.0 (second, with
 * its bias free); by filter 19 against 24; by input 11.5 against 16 (second), but 8.9 against 5.8
 * for the first layer's single channel. For resnet18 at 64x64 on two at batch 48: forward alike, but
 * 13 against 19 for the 7x7 stem; by input 40 against 27 for the stem, 10 against 19 to 600 for the
 * wider ones, and of stride 2 alike up to 64 channels, then 9 against 31 and 13 against 275; by
 * filter 14 against 49 for the stem, of stride 2 always slower, and of stride 1 75 against 27 for
 * 512 channels.
 */
function native(
  direction: Direction,
  [size = 1, , inputs = 1, outputs = 1]: readonly number[],
  options: ConvolutionOptions,
): boolean {
  const few = inputs <= 3;
  if (options.stride > 1) {
    if (direction === 'Conv2DBackpropInput') return inputs * outputs >= 128 * 256;
    return few && size > 1;
  }
  if (options.padding !== 0 && !isSame(size, options)) return false;
  if (direction === 'Conv2DBackpropInput') return !few;
  return direction !== 'Conv2DBackpropFilter' || inputs * outputs <= 256 * 256;
}

function convolutionAttributes(
  operations: Operations,
  direction: Direction,
  size: number,
  options: ConvolutionOptions,
  chosen: boolean,
): Attribute[] {
  const { stride, padding } = options;
  const same = isSame(size, options);
  const explicit = padding > 0 && !same && !chosen;
  return operations.attributes({
    T: { type: 'float32' },
    strides: { int: [1, stride, stride, 1] },
    padding: { string: explicit ? 'EXPLICIT' : same && padding > 0 ? 'SAME' : 'VALID' },
    explicit_paddings: {
      int: explicit ? [0, 0, padding, padding, padding, padding, 0, 0] : [],
    },
    data_format: { string: 'NHWC' },
    use_cudnn_on_gpu: { bool: true },
    dilations: { int: [1, 1, 1, 1] },
    ...(chosen && !direction.includes('Backprop') ? { is_filter_const: { bool: false } } : {}),
    // Without this label TensorFlow does not look at oneDNN's kernels.
    ...(chosen ? { _kernel: { string: 'MklNameChangeOp' } } : {}),
  });
}

import type { Operations } from './operations';
import type { Attribute, Tensor, Tensor4D } from './tensorflow';

export interface Pooled {
  output: Tensor4D;
  /** What `maxPoolGradient` needs; the caller disposes it. */
  saved: Tensor[];
}

/** Square windows, alike in both directions. */
export interface Window {
  size: number;
  stride: number;
  /** Rows and columns around the image, which no maximum is taken from. */
  padding: number;
}

export interface PoolingKernels {
  /** Maxima of the windows of x [B, H, W, C]; default 2x2, stride 2, for even H and W. */
  maxPool(x: Tensor4D, forGradient: boolean, window?: Window): Pooled;
  /**
   * Send the signal [B, H', W', C] to the first maximum of each window, as PyTorch does; where
   * windows overlap the signals add up.
   */
  maxPoolGradient(saved: readonly Tensor[], signal: Tensor4D, window?: Window): Tensor4D;
}

const quarter: Window = { size: 2, stride: 2, padding: 0 };

/** Below everything that a network computes, and finite, as oneDNN wants it. */
const lowest = -3.4028234663852886e38;

/**
 * oneDNN's kernels remember each window's maximum; elsewhere TensorFlow's MaxPoolGrad searches it
 * again, which on the processor takes ten times as long. On ties both take the first. oneDNN's know
 * no padding of our own: the image is padded by `lowest` before, and the gradient cut after.
 */
export function poolingKernels(operations: Operations, oneDnn: boolean): PoolingKernels {
  const { tf } = operations;
  const cache = new Map<string, Attribute[]>();

  function attributesOf({ size, stride, padding }: Window, native: boolean): Attribute[] {
    const key = [size, stride, padding, native].join();
    let attributes = cache.get(key);
    if (!attributes) {
      const explicit = padding > 0 && !native;
      attributes = operations.attributes({
        T: { type: 'float32' },
        ksize: { int: [1, size, size, 1] },
        strides: { int: [1, stride, stride, 1] },
        padding: { string: explicit ? 'EXPLICIT' : 'VALID' },
        data_format: { string: 'NHWC' },
        explicit_paddings: {
          int: explicit ? [0, 0, padding, padding, padding, padding, 0, 0] : [],
        },
        ...(native
          ? { workspace_enabled: { bool: true }, _kernel: { string: 'MklNameChangeOp' } }
          : {}),
      });
      cache.set(key, attributes);
    }
    return attributes;
  }

  function padded(x: Tensor4D, padding: number): Tensor4D {
    if (padding === 0) return x.clone();
    const both: [number, number] = [padding, padding];
    return tf.pad(x, [[0, 0], both, both, [0, 0]], lowest);
  }

  return {
    maxPool(x, forGradient, window = quarter) {
      if (!oneDnn || !forGradient) {
        const output = operations.run('MaxPool', attributesOf(window, false), [x]) as Tensor4D;
        return { output, saved: forGradient ? [x.clone(), output.clone()] : [] };
      }
      const input = padded(x, window.padding);
      const attributes = attributesOf(window, true);
      const [output, workspace] = operations.runMany('_MklNativeMaxPool', attributes, [input], 2);
      if (!output || !workspace) throw new RangeError('max pooling gave no result');
      return { output: output as Tensor4D, saved: [input, output.clone(), workspace] };
    },
    maxPoolGradient(saved, signal, window = quarter) {
      const [x, output, workspace] = saved;
      if (!x || !output) throw new RangeError('pooling was not run for its gradient');
      if (!workspace) {
        const inputs = [x, output, signal];
        return operations.run('MaxPoolGrad', attributesOf(window, false), inputs) as Tensor4D;
      }
      const inputs = [x, output, signal, workspace];
      const name = '_MklNativeMaxPoolGrad';
      const whole = operations.run(name, attributesOf(window, true), inputs) as Tensor4D;
      const { padding } = window;
      if (padding === 0) return whole;
      const [batch, height, width, channels] = whole.shape;
      const size = [batch, height - 2 * padding, width - 2 * padding, channels];
      const result = tf.slice(whole, [0, padding, padding, 0], size as Tensor4D['shape']);
      whole.dispose();
      return result;
    },
  };
}

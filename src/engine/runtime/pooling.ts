import type { Operations } from './operations';
import type { Tensor, Tensor4D } from './tensorflow';

export interface Pooled {
  output: Tensor4D;
  /** What `maxPoolGradient` needs; the caller disposes it. */
  saved: Tensor[];
}

export interface PoolingKernels {
  /** 2x2 windows, stride 2, of x [B, H, W, C] with even H and W. */
  maxPool(x: Tensor4D, forGradient: boolean): Pooled;
  /** Send the signal [B, H/2, W/2, C] to the first maximum of each window, as PyTorch does. */
  maxPoolGradient(saved: readonly Tensor[], signal: Tensor4D): Tensor4D;
}

/**
 * oneDNN's kernels remember each window's maximum; elsewhere TensorFlow's MaxPoolGrad searches it
 * again, which on the processor takes ten times as long. On ties both take the first.
 */
export function poolingKernels(operations: Operations, oneDnn: boolean): PoolingKernels {
  const common = {
    T: { type: 'float32' },
    ksize: { int: [1, 2, 2, 1] },
    strides: { int: [1, 2, 2, 1] },
    padding: { string: 'VALID' },
    data_format: { string: 'NHWC' },
    explicit_paddings: { int: [] },
  } as const;
  const standard = operations.attributes({
    ...common,
    ksize: { int: [...common.ksize.int] },
    strides: { int: [...common.strides.int] },
    explicit_paddings: { int: [] },
  });
  const native = [
    ...standard,
    ...operations.attributes({
      workspace_enabled: { bool: true },
      _kernel: { string: 'MklNameChangeOp' },
    }),
  ];
  return {
    maxPool(x, forGradient) {
      const kept = (output: Tensor) => (forGradient ? [x.clone(), output.clone()] : []);
      if (!oneDnn) {
        const output = operations.run('MaxPool', standard, [x]) as Tensor4D;
        return { output, saved: kept(output) };
      }
      const [output, workspace] = operations.runMany('_MklNativeMaxPool', native, [x], 2);
      if (!output || !workspace) throw new RangeError('max pooling gave no result');
      const saved = kept(output);
      if (forGradient) saved.push(workspace);
      else workspace.dispose();
      return { output: output as Tensor4D, saved };
    },
    maxPoolGradient(saved, signal) {
      const [x, output, workspace] = saved;
      if (!x || !output) throw new RangeError('pooling was not run for its gradient');
      return workspace
        ? (operations.run('_MklNativeMaxPoolGrad', native, [
            x,
            output,
            signal,
            workspace,
          ]) as Tensor4D)
        : (operations.run('MaxPoolGrad', standard, [x, output, signal]) as Tensor4D);
    },
  };
}

import { valueAt } from '../../shared/checked-reads';
import type { ConvolutionOptions } from './convolution';
import { type PooledOutput, runPooled } from './pooled-output';
import type { Tensor, Tensor1D, Tensor4D } from './tensorflow';
import type { Operations } from './operations';

/**
 * How an activation f changes the signal R backward: R times the slope, or Eq. 4's
 * (f > 0)(R > 0) R times the slope. At exactly 0 SELU's slope is the exponential branch's (1.758),
 * ReLU's is 0, as in PyTorch.
 */
const signalRules = ['selu', 'relu', 'guided-selu', 'guided-relu'] as const;
export type SignalRule = (typeof signalRules)[number];

/**
 * Our own operations (native/), which do in one pass over memory what takes TensorFlow several. An
 * image's result depends neither on its place in the batch nor on the number of threads.
 */
export interface FusedKernels {
  /**
   * Maxima of 2x2 windows, stride 2, of x [B, H, W, C] with even H and W: [B, H/2, W/2, C], and
   * which of the four it was (0..3, row by row; the first on ties; NaN counts as the maximum).
   */
  maxPool(x: Tensor4D): { maximum: Tensor4D; index: Tensor };
  /** Whether `convolvePooled` is there for such images, filters [kh, kw, C, D] and paddings. */
  pools(
    imageShape: readonly number[],
    filterShape: readonly number[],
    options: ConvolutionOptions,
  ): boolean;
  /**
   * A 3x3 convolution of one channel with stride 1 and padding 1, plus bias [C], and SELU of the maxima of
   * its 2x2 windows: x [B, H, W, 1] and filter [3, 3, 1, C], C in sixteens and H and W even, to
   * [B, H/2, W/2, C] and an index as `maxPool` gives it.
   */
  convolvePooled(x: Tensor4D, filter: Tensor4D, bias: Tensor1D): PooledOutput;
  /**
   * Backward through an activation and the 2x2 maxima under it: the signal at the activation's output
   * [B, h, w, C] to [B, 2h, 2w, C]. `output` is the activation's, `index` what maxPool gave.
   */
  unpool(rule: SignalRule, signal: Tensor4D, output: Tensor4D, index: Tensor): Tensor4D;
  /**
   * The same, and on through a 3x3 convolution of one channel with stride 1 and padding 1 whose
   * filter is [3, 3, 1, C]: to [B, 2h, 2w, 1]. What unpool writes never lies in memory.
   */
  firstGradient(
    rule: SignalRule,
    signal: Tensor4D,
    output: Tensor4D,
    index: Tensor,
    filter: Tensor4D,
  ): Tensor4D;
  /** Whether one of `firstGradient` and `pooledGradient` is there for a filter [kh, kw, C, D]. */
  unpools(filterShape: readonly number[], options: ConvolutionOptions): boolean;
  /**
   * The same of many channels: the filter [3, 3, C, D], C and D in sixteens, comes as `panels` has it,
   * the gradient is [B, 2h, 2w, C]. Sums are of short chains.
   */
  pooledGradient(
    rule: SignalRule,
    signal: Tensor4D,
    output: Tensor4D,
    index: Tensor,
    panels: Tensor4D,
  ): Tensor4D;
  /**
   * From the same to the gradients by the filter [3, 3, C, D] and by the bias [D]: x is the image
   * [B, 2h, 2w, C], C and D in sixteens. An image's sums are added to those before it.
   */
  pooledFilterGradient(
    rule: SignalRule,
    signal: Tensor4D,
    output: Tensor4D,
    index: Tensor,
    x: Tensor4D,
  ): { filter: Tensor4D; bias: Tensor1D };
  /** A filter [3, 3, C, D] as [C / 16, D, 9, 16]. It can be kept as long as the filter stands. */
  panels(filter: Tensor4D): Tensor4D;
}

const panel = 16;
/** 3x3, stride 1 and padding 1: the result has the image's size. */
const isSame = ([rows, columns]: readonly number[], { stride, padding }: ConvolutionOptions) =>
  [rows, columns, stride, padding].join() === '3,3,1,1';

export function fusedKernels(operations: Operations): FusedKernels {
  const rules = signalRules.map((_, number) => operations.attributes({ rule: { int: number } }));
  const attributes = (rule: SignalRule) => valueAt(rules, signalRules.indexOf(rule));
  const run = (name: string, rule: SignalRule, ...tensors: Tensor[]) =>
    operations.run(name, attributes(rule), tensors) as Tensor4D;
  return {
    maxPool(x) {
      const { output: maximum, index } = runPooled(operations, 'StudioMaxPool', [x]);
      return { maximum, index };
    },
    pools([, height = 0, width = 0], filterShape, options) {
      const [, , inputs, outputs = 0] = filterShape;
      const even = height % 2 === 0 && width % 2 === 0;
      return isSame(filterShape, options) && inputs === 1 && even && outputs % panel === 0;
    },
    convolvePooled: (x, filter, bias) =>
      runPooled(operations, 'StudioFirstPooled', [x, filter, bias]),
    unpool: (rule, signal, output, index) => run('StudioUnpool', rule, signal, output, index),
    firstGradient: (rule, signal, output, index, filter) =>
      run('StudioFirstGradient', rule, signal, output, index, filter),
    unpools(filterShape, options) {
      const [, , inputs = 0, outputs = 0] = filterShape;
      const inPanels = inputs % panel === 0 && outputs % panel === 0;
      return isSame(filterShape, options) && (inputs === 1 || inPanels);
    },
    pooledGradient: (rule, signal, output, index, panels) =>
      run('StudioPooledGradient', rule, signal, output, index, panels),
    pooledFilterGradient(rule, signal, output, index, x) {
      const name = 'StudioPooledFilterGradient';
      const inputs = [signal, output, index, x];
      const [filter, bias] = operations.runMany(name, attributes(rule), inputs, 2);
      if (!filter || !bias) throw new RangeError(`${name} gave no result`);
      return { filter: filter as Tensor4D, bias: bias as Tensor1D };
    },
    panels(filter) {
      const { tf } = operations;
      const [, , inputs, outputs] = filter.shape;
      return tf.tidy(() => {
        const split = filter.reshape([9, inputs / panel, panel, outputs]);
        return tf.transpose(split, [1, 3, 0, 2]) as Tensor4D;
      });
    },
  };
}

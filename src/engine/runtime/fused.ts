import type { Attribute, Tensor, Tensor4D } from './tensorflow';
import type { Operations } from './operations';

/**
 * How an activation f changes the signal R on its way back: R times the slope, or Eq. 4's
 * (f > 0)(R > 0) R times the slope. At exactly 0 SELU's slope is the exponential branch's (1.758),
 * ReLU's is 0, as in PyTorch.
 */
export const signalRules = ['selu', 'relu', 'guided-selu', 'guided-relu'] as const;
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
  /**
   * Back through an activation and the 2x2 maxima under it: the signal at the activation's output
   * [B, h, w, C] to [B, 2h, 2w, C]. `output` is the activation's, `index` what maxPool gave.
   */
  unpool(rule: SignalRule, signal: Tensor4D, output: Tensor4D, index: Tensor): Tensor4D;
  /**
   * The same, and on through a 3x3 convolution of one channel with stride 1 and padding 1 whose
   * filter is [3, 3, 1, C]: to [B, 2h, 2w, 1]. Only a quarter of what unpool writes is not 0, and
   * here only that is multiplied.
   */
  firstGradient(
    rule: SignalRule,
    signal: Tensor4D,
    output: Tensor4D,
    index: Tensor,
    filter: Tensor4D,
  ): Tensor4D;
}

export function fusedKernels(operations: Operations): FusedKernels {
  const rules = new Map<SignalRule, Attribute[]>(
    signalRules.map((rule, number) => [rule, operations.attributes({ rule: { int: number } })]),
  );
  const attributes = (rule: SignalRule) => rules.get(rule) ?? [];
  return {
    maxPool(x) {
      const [maximum, index] = operations.runMany('StudioMaxPool', [], [x], 2);
      if (!maximum || !index) throw new RangeError('max pooling gave no result');
      return { maximum: maximum as Tensor4D, index };
    },
    unpool: (rule, signal, output, index) =>
      operations.run('StudioUnpool', attributes(rule), [signal, output, index]) as Tensor4D,
    firstGradient: (rule, signal, output, index, filter) =>
      operations.run('StudioFirstGradient', attributes(rule), [
        signal,
        output,
        index,
        filter,
      ]) as Tensor4D,
  };
}

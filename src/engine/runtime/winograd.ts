import { valueAt } from '../../shared/checked-reads';
import type { ConvolutionEnding } from './convolution-ending';
import { type PooledOutput, runPooled } from './pooled-output';
import type { Operations } from './operations';
import type { Attribute, Tensor, Tensor1D, Tensor4D } from './tensorflow';

/**
 * 3x3 convolutions of stride 1 and padding 1 by Winograd's transforms (Lavin and Gray 2016), our own
 * operations (native/convolution.cc): a quarter of the products, and on images of one or two pixels
 * a side none of those that meet padding. Against the sum in float64 the result is off by 1e-6 to
 * 2e-6 of its size, the plain sum by 3e-7 and more. An image's result does not depend on its place.
 */
export interface WinogradKernels {
  /** Whether the transforms exist for such images and filters: channels in panels of 16. */
  fits(imageShape: readonly number[], filterShape: readonly number[]): boolean;
  /**
   * The filter [3, 3, C, D] as `convolve` takes it for images of such a shape; `turned` for
   * backward, from D channels to C. It can be kept as long as the filter stands.
   */
  filter(filter: Tensor4D, imageShape: readonly number[], turned: boolean): Tensor;
  /** How many values that has, of a filter of such a shape. */
  filterSize(imageShape: readonly number[], filterShape: readonly number[]): number;
  /** x [B, H, W, C] and a transformed filter to [B, H, W, D]. */
  convolve(x: Tensor4D, filter: Tensor, ending?: ConvolutionEnding): Tensor4D;
  /** Whether `convolvePooled` is there for images that fit. */
  pools(imageShape: readonly number[]): boolean;
  /**
   * The same plus bias [D], in short sums, to SELU of the maxima of the result's 2x2 windows with stride 2;
   * the result itself never lies in memory.
   */
  convolvePooled(x: Tensor4D, filter: Tensor, bias: Tensor1D): PooledOutput;
  /** d/dfilter of sum(convolution of x * signal): [3, 3, C, D]. */
  filterGradient(x: Tensor4D, signal: Tensor4D): Tensor4D;
}

const panel = 16;

export function winogradKernels(operations: Operations): WinogradKernels {
  const { tf } = operations;
  const filters = new Map<string, Attribute[]>();
  const endings = [0, 1, 2, 3].map((int) =>
    [false, true].map((bool) => operations.attributes({ ending: { int }, short_sums: { bool } })),
  );
  const none = tf.keep(tf.tensor1d([], 'float32'));

  return {
    fits: ([, height = 0, width = 0], [rows, columns, inputs = 0, outputs = 0]) =>
      rows === 3 &&
      columns === 3 &&
      inputs % panel === 0 &&
      outputs % panel === 0 &&
      pointsOf(height, width) > 0,
    filter(filter, [, height = 0, width = 0], turned) {
      const points = pointsOf(height, width);
      const key = `${points},${turned}`;
      let attributes = filters.get(key);
      if (!attributes) {
        attributes = operations.attributes({ turned: { bool: turned }, points: { int: points } });
        filters.set(key, attributes);
      }
      return operations.run('StudioWinogradFilter', attributes, [filter]);
    },
    filterSize: ([, height = 0, width = 0], [, , inputs = 0, outputs = 0]) =>
      pointsOf(height, width) * inputs * outputs,
    convolve(x, filter, { bias, addend, relu = false, gate, shortSums = false } = {}) {
      const ending = gate ? (gate.guided ? 3 : 2) : relu ? 1 : 0;
      const attributes = valueAt(valueAt(endings, ending), shortSums ? 1 : 0);
      const tensors = [x, filter, bias ?? none, addend ?? none, gate?.output ?? none];
      return operations.run('StudioWinograd', attributes, tensors) as Tensor4D;
    },
    pools: ([, height = 0, width = 0]) =>
      height % 2 === 0 && width % 2 === 0 && pointsOf(height, width) === 36,
    convolvePooled: (x, filter, bias) =>
      runPooled(operations, 'StudioWinogradPooled', [x, filter, bias]),
    filterGradient: (x, signal) =>
      operations.run('StudioWinogradFilterGradient', [], [x, signal]) as Tensor4D,
  };
}

/** Products per tile and pair of channels; 0 where there is no form. */
function pointsOf(height: number, width: number): number {
  if (height > 2 && width > 2) return 36;
  if (height !== width) return 0;
  return height === 2 ? 9 : height === 1 ? 1 : 0;
}

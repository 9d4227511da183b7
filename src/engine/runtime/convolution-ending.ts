import type { Tensor1D, Tensor4D } from './tensorflow';

/** A ReLU backward: what it gave, and whether Eq. 4 guides it: (f > 0)(R > 0) R. */
export interface ReluGate {
  /** As large as the result. */
  output: Tensor4D;
  guided: boolean;
}

/**
 * What is done to a convolution's result y: bias and addend are added and then comes a ReLU, each
 * where asked for.
 */
export interface ConvolutionEnding {
  /** [D]. */
  bias?: Tensor1D | undefined;
  /** [B, H, W, D]. */
  addend?: Tensor4D | undefined;
  relu?: boolean | undefined;
  /** Instead of `relu`: a ReLU backward. */
  gate?: ReluGate | undefined;
  /**
   * Sum products in short chains and these to the whole (blocked summation), not in one long chain:
   * against the sum in float64, 256 channels by 3x3 are then off by 7e-7 of their size and not
   * 1.5e-6, by windows by 1.8e-7 and not 7.9e-7, in the same time. Scores and gradients are made so,
   * and fewer ReLUs near 0 tip; resnet18's training is not, so that weights stay what they were.
   */
  shortSums?: boolean | undefined;
}

import { MaxPool } from '../layers/max-pool';
import { NormalisedConvolution } from '../layers/normalised-convolution';
import { Stem } from '../layers/stem';
import { normalised } from './normalised';
import type { Rewrite } from './rewrite';

/**
 * The first convolution with batch normalisation and ReLU, and the maxima of 3x3 windows of stride 2
 * after it where there are any: the maxima first, which is the same.
 */
export const stem: Rewrite = (kernels, [first, norm, relu, next], before) => {
  const parts = normalised(first, norm, relu);
  if (before !== null || !parts?.activation) return null;
  const convolution = new NormalisedConvolution(kernels, parts);
  const pool = next instanceof MaxPool && isThreeByThree(next) ? next : null;
  return { layer: new Stem(kernels, convolution, pool), count: pool ? 4 : 3 };
};

function isThreeByThree({ window }: MaxPool): boolean {
  return window?.size === 3 && window.stride === 2 && window.padding === 1;
}

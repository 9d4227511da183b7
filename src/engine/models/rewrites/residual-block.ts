import { Add } from '../layers/add';
import type { Layer } from '../layers/layer';
import { NormalisedConvolution } from '../layers/normalised-convolution';
import { ResidualBlock } from '../layers/residual-block';
import { isRelu, normalised } from './normalised';
import type { Rewrite } from './rewrite';

/**
 * Two convolutions with batch normalisation and a ReLU between, the input added (as it is, or through
 * a convolution with batch normalisation), and a ReLU.
 */
export const residualBlock: Rewrite = (kernels, [sum, last], before) => {
  if (!(sum instanceof Add) || !isRelu(last)) return null;
  const [convolution, norm, relu, next, nextNorm, ...more] = chainOf(sum.main);
  const [shortcutConvolution, shortcutNorm, ...moreShortcut] = chainOf(sum.shortcut);
  const first = normalised(convolution, norm, relu);
  const second = normalised(next, nextNorm, last);
  const shortcut = sum.shortcut && normalised(shortcutConvolution, shortcutNorm, null);
  if (!first?.activation || !second || more.length > 0 || moreShortcut.length > 0) return null;
  if (sum.shortcut && !shortcut) return null;
  const parts = {
    first: new NormalisedConvolution(kernels, first),
    second: new NormalisedConvolution(kernels, second),
    shortcut: shortcut && new NormalisedConvolution(kernels, shortcut),
  };
  const afterBlock = before instanceof ResidualBlock;
  return { layer: new ResidualBlock(kernels, sum.name, parts, afterBlock), count: 2 };
};

const chainOf = (branch: Layer | null): readonly Layer[] => branch?.inner ?? [];

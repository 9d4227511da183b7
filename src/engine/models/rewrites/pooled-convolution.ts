import { Activation } from '../layers/activation';
import { Conv2d } from '../layers/conv2d';
import { ConvolutionBlock } from '../layers/convolution-block';
import { MaxPool } from '../layers/max-pool';
import type { Rewrite } from './rewrite';

/** A convolution with bias, SELU and maxima of 2x2 windows: the maxima first, which is the same. */
export const pooledConvolution: Rewrite = (kernels, [convolution, activation, pool]) => {
  if (!(convolution instanceof Conv2d) || !convolution.bias) return null;
  if (!(activation instanceof Activation) || activation.kind !== 'selu') return null;
  if (!(pool instanceof MaxPool) || pool.window) return null;
  return { layer: new ConvolutionBlock(kernels, convolution), count: 3 };
};

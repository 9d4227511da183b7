import { BatchNorm } from '../layers/batch-norm';
import { Conv2d } from '../layers/conv2d';
import { MaxPool } from '../layers/max-pool';
import { RectifiedConvolution } from '../layers/rectified-convolution';
import { isRelu } from './normalised';
import type { Rewrite } from './rewrite';

/**
 * A convolution, batch normalisation or none, a ReLU, and the maxima of 2x2 windows where there are any:
 * those of the first convolution stay for themselves, for its way back begins at the ReLU.
 */
export const rectifiedConvolution: Rewrite = (kernels, [convolution, next, ...rest], before) => {
  if (!(convolution instanceof Conv2d)) return null;
  const norm = next instanceof BatchNorm ? next : null;
  const [activation, after] = norm ? rest : [next, ...rest];
  if (!isRelu(activation)) return null;
  const pool = before && after instanceof MaxPool && !after.window ? after : null;
  const parts = { convolution, norm, activation, pool };
  const count = [convolution, norm, activation, pool].filter((layer) => layer !== null).length;
  return { layer: new RectifiedConvolution(kernels, parts, before), count };
};

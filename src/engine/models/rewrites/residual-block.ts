import { Add } from '../layers/add';
import type { Layer } from '../layers/layer';
import { NormalisedConvolution, type NormalisedParts } from '../layers/normalised-convolution';
import { ResidualBlock } from '../layers/residual-block';
import { isRelu, normalised } from './normalised';
import type { Rewrite } from './rewrite';

/**
 * Convolutions with batch normalisation and ReLUs between, the input added (as it is, or through a
 * convolution with batch normalisation), and a ReLU.
 */
export const residualBlock: Rewrite = (kernels, [sum, last], before) => {
  if (!(sum instanceof Add) || !isRelu(last)) return null;
  const [first, ...rest] = normalisedChain([...chainOf(sum.main), last]) ?? [];
  const [shortcut, ...more] = sum.shortcut
    ? (normalisedChain(chainOf(sum.shortcut)) ?? [])
    : [null];
  if (!first || rest.length === 0 || shortcut === undefined || more.length > 0) return null;
  const parts = {
    first: new NormalisedConvolution(kernels, first),
    rest: rest.map((one) => new NormalisedConvolution(kernels, one)),
    shortcut: shortcut && new NormalisedConvolution(kernels, shortcut),
  };
  const afterBlock = before instanceof ResidualBlock;
  return { layer: new ResidualBlock(kernels, sum.name, parts, afterBlock), count: 2 };
};

const chainOf = (branch: Layer | null): readonly Layer[] => branch?.inner ?? [];

/** Convolutions with batch normalisation, each but a shortcut's with a ReLU; null where there is more. */
function normalisedChain(layers: readonly Layer[]): NormalisedParts[] | null {
  const parts: NormalisedParts[] = [];
  for (let at = 0; at < layers.length; at += 3) {
    const [convolution, norm, relu = null] = layers.slice(at, at + 3);
    const part = normalised(convolution, norm, relu);
    if (!part) return null;
    parts.push(part);
  }
  return parts;
}

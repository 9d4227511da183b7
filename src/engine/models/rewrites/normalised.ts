import { Activation } from '../layers/activation';
import { BatchNorm } from '../layers/batch-norm';
import { Conv2d } from '../layers/conv2d';
import type { Layer } from '../layers/layer';
import type { NormalisedParts } from '../layers/normalised-convolution';

/** Whether it is a ReLU. */
export function isRelu(layer: Layer | null | undefined): layer is Activation {
  return layer instanceof Activation && layer.kind === 'relu';
}

/** A convolution without bias with the batch normalisation after it, and a ReLU; null for others. */
export function normalised(
  convolution: Layer | undefined,
  norm: Layer | undefined,
  activation: Layer | null | undefined,
): NormalisedParts | null {
  if (!(convolution instanceof Conv2d) || convolution.bias) return null;
  if (!(norm instanceof BatchNorm)) return null;
  if (activation !== null && !isRelu(activation)) return null;
  return { convolution, norm, activation };
}

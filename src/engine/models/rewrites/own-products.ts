import { Linear } from '../layers/linear';
import type { Rewrite } from './rewrite';

/** A linear layer by our own products. */
export const ownProducts: Rewrite = (_kernels, [layer]) =>
  layer instanceof Linear ? { layer: layer.onOwnKernels(), count: 1 } : null;

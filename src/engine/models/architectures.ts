import type { Architecture } from '../../shared/catalogue/datasets';
import type { Kernels } from '../runtime/kernels';
import { createMnistCnn } from './mnist-cnn';
import type { InputNormalisation, Model } from './model';

type Factory = (kernels: Kernels, input: InputNormalisation) => Model;

const factories: Record<Architecture, Factory> = {
  'mnist-cnn': createMnistCnn,
};

/** Pixel values in [0, 1] as they are. */
export function identityInput(channels: number): InputNormalisation {
  return { mean: new Array<number>(channels).fill(0), std: new Array<number>(channels).fill(1) };
}

/**
 * A model with all parameters 0: initialise it or load its weights next. The caller disposes it.
 *
 * @param input normalisation of the pixels; default none
 */
export function createModel(
  kernels: Kernels,
  architecture: Architecture,
  input?: InputNormalisation,
): Model {
  return factories[architecture](kernels, input ?? identityInput(1));
}

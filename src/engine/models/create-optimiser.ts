import type { Kernels } from '../runtime/kernels';
import { Adam } from './adam';
import type { OptimiserSettings, OptimiserState, TrainingOptimiser } from './optimiser';
import type { Parameter } from './parameter';
import { Sgd } from './sgd';

/** A new optimiser, or one that goes on from a checkpoint's state. */
export function createOptimiser(
  kernels: Kernels,
  parameters: readonly Parameter[],
  settings: OptimiserSettings & { learningRate: number },
  state?: OptimiserState,
): TrainingOptimiser {
  if (state && state.kind !== settings.kind) {
    throw new RangeError(`the state is one of ${state.kind}, not of ${settings.kind}`);
  }
  const optimiser =
    settings.kind === 'adam'
      ? new Adam(kernels, parameters, { learningRate: settings.learningRate })
      : new Sgd(kernels, parameters, settings);
  try {
    if (state) optimiser.write(state);
    return optimiser;
  } catch (error) {
    optimiser.dispose();
    throw error;
  }
}

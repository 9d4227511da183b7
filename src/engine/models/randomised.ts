import { type LearntLayer } from '../../shared/catalogue/network-layers';
import { type Kernels } from '../runtime/kernels';
import { initialise } from './initialise';
import { type Model } from './model';

export interface RandomisedOptions {
  /** In the order in which they are drawn anew (`layersFromLogits`). */
  readonly layers: readonly LearntLayer[];
  /** `cascade`: a layer and all before it in the list; `independent`: it alone, of the same draws. */
  readonly mode: 'cascade' | 'independent';
  readonly seed: number;
}

/**
 * A model while more and more of it, or one layer after another, is as if it had never been trained: each
 * layer as the network's own rule starts it, drawn from (seed, 'mprt', its parameter's name), batch
 * normalisation with scale 1, shift 0, mean 0 and variance 1 (Adebayo et al. 2018, arXiv 1810.03292).
 *
 * It gives each layer once the model is so. The model is changed in place, and when the loop over it ends, in
 * whatever way, all of its values are to the bit what they were; in between it must be nobody else's, such as
 * a request's that is answered at a pause.
 */
export async function* randomised(
  kernels: Kernels,
  model: Model,
  { layers, mode, seed }: RandomisedOptions,
): AsyncGenerator<LearntLayer, void, undefined> {
  const names = new Set(layers.flatMap(({ tensors }) => tensors));
  const states = [...model.parameters(), ...model.buffers()].filter(({ name }) => names.has(name));
  const trained = await Promise.all(
    states.map(async (state) => ({ state, values: (await state.read()).slice() })),
  );
  const restore = (which: ReadonlySet<string>) => {
    for (const { state, values } of trained) if (which.has(state.name)) state.write(values);
  };
  try {
    for (const layer of layers) {
      const own = new Set(layer.tensors);
      initialise(kernels, model, seed, own, 'mprt');
      yield layer;
      if (mode === 'independent') restore(own);
    }
  } finally {
    restore(names);
  }
}

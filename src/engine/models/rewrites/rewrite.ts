import type { Kernels } from '../../runtime/kernels';
import type { Layer } from '../layers/layer';
import { Sequential } from '../layers/sequential';

/** A layer that does the work of the first `count` of a list. */
export interface Replacement {
  readonly layer: Layer;
  readonly count: number;
}

/**
 * The layers that a list begins with as one layer of our own kernels: the same function of the same
 * parameters, but for rounding. Null where the list begins with others.
 *
 * @param before what the layer before them became; null at the input
 */
export type Rewrite = (
  kernels: Kernels,
  layers: readonly Layer[],
  before: Layer | null,
) => Replacement | null;

/** Layers with what the rewrites replace replaced, the first that fits at each place. */
export function rewritten(
  kernels: Kernels,
  layers: readonly Layer[],
  rewrites: readonly Rewrite[],
): Layer[] {
  const chain = flat(layers);
  const result: Layer[] = [];
  for (let at = 0; at < chain.length;) {
    const rest = chain.slice(at);
    const before = result.at(-1) ?? null;
    let found: Replacement | null = null;
    for (const rewrite of rewrites) found ??= rewrite(kernels, rest, before);
    const { layer, count } = found ?? { layer: rest[0], count: 1 };
    if (!layer) throw new RangeError(`there is no layer ${at}`);
    result.push(layer);
    at += count;
  }
  return result;
}

/** What is within a sequence stands in its place. */
function flat(layers: readonly Layer[]): Layer[] {
  return layers.flatMap((layer) => (layer instanceof Sequential ? flat(layer.inner) : [layer]));
}

import { type MetricDescriptor } from '../../shared/catalogue/metric';
import { type OperatorDescriptor } from '../../shared/catalogue/operator';
import { metricOf, operatorOf } from '../../shared/engine';

/**
 * Raised whenever the whole engine's arithmetic, or what keys hold, changes on purpose: older artifacts
 * are then computed again instead of being mixed with new ones, and what was begun before begins anew.
 */
export const numerics = 3;

/**
 * Raised where what no network decides comes out in other last digits on purpose: what was made with
 * the earlier ones is then not mixed with what is made now. `probability`: maps of a probability or its
 * logarithm, since 2 from the sum of the other classes' (scoreGradient). `noisy-linear`: what that fill
 * puts in, scores and weights that were trained with it, too; since 2 its solver ends at the right
 * values where all known neighbours are alike, since 3 it is a faster one.
 */
const ofMethods = { probability: 2, 'noisy-linear': 3 } as const;

type Versioned = Pick<OperatorDescriptor | MetricDescriptor, 'id' | 'version'>;

/**
 * What of an engine's own arithmetic is not the first. On a GPU every kernel is TensorFlow's.
 *
 * @param ofNetworks that of the networks on our own kernels
 * @throws RangeError where two have one name: one's number would then be told as the other's
 */
export function arithmeticOn(
  device: 'cpu' | 'cuda',
  ofNetworks: Readonly<Record<string, number>>,
  { operators, metrics }: { operators: readonly Versioned[]; metrics: readonly Versioned[] },
): Record<string, number> {
  const versions = (of: readonly Versioned[], nameOf: (id: string) => string) =>
    of.flatMap(({ id, version }) =>
      version === undefined ? [] : [[nameOf(id), version] as const],
    );
  const others = [
    ...Object.entries(ofMethods),
    ...versions(operators, operatorOf),
    ...versions(metrics, metricOf),
  ];
  const networks = Object.entries(ofNetworks);
  const names = [...networks, ...others].map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new RangeError(`two arithmetics are called ${twice}`);
  return Object.fromEntries(device === 'cpu' ? [...networks, ...others] : others);
}

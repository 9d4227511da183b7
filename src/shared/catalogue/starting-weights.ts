import {
  type NetworkDescriptor,
  type NetworkForm,
  type NetworkOptions,
  withDefaultOptions,
} from './network';
import { headTensors, stateTensors } from './network-size';

/** Shapes of the tensors of a file of weights that the studio wrote, by their names. */
export type WeightShapes = ReadonlyMap<string, readonly number[]>;

/** How weights suit a network of a form that is to start from them. */
export interface StartFit {
  /** What keeps all but the last layer from starting from them, as a clause; null: nothing. */
  readonly problem: string | null;
  /** Whether the last layer can, too. */
  readonly head: boolean;
}

const shown = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** How weights suit a network of this form. */
export function startFit(
  network: NetworkDescriptor,
  form: NetworkForm,
  shapes: WeightShapes,
): StartFit {
  const head = headTensors(network, form);
  const wanted = stateTensors(network, form);
  const known = new Set(wanted.map(({ name }) => name));
  const other = [...shapes.keys()].find((name) => !known.has(name));
  let problem = other === undefined ? null : `they hold ${other}, which it lacks`;
  let fits = true;
  for (const { name, shape } of wanted) {
    const found = shapes.get(name);
    if (found?.join() === shape.join()) continue;
    if (head.has(name)) fits = false;
    else if (found === undefined) problem = `they lack ${name}`;
    else problem ??= `${name} is of shape ${shown(found)} there, and is to be ${shown(shape)}`;
  }
  return { problem, head: fits };
}

/**
 * The options of a network with which it can start from weights, as near as may be to those that are
 * asked for; null: with none of them.
 */
export function startOptions(
  network: NetworkDescriptor,
  form: NetworkForm,
  shapes: WeightShapes,
): NetworkOptions | null {
  const asked = withDefaultOptions(network, form.options);
  const all = network.options.reduce<readonly NetworkOptions[]>(
    (found, { id, choices }) =>
      found.flatMap((options) => choices.map(({ value }) => ({ ...options, [id]: value }))),
    [asked],
  );
  const changes = (options: NetworkOptions) =>
    Object.entries(options).filter(([id, value]) => asked[id] !== value).length;
  const fitting = all.filter(
    (options) => startFit(network, { ...form, options }, shapes).problem === null,
  );
  return fitting.toSorted((a, b) => changes(a) - changes(b))[0] ?? null;
}

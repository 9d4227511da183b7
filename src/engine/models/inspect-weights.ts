/** What a file of weights holds, and which network it may be of, before anything of it is taken. */
import { type StateTensor, statesSize, withDefaultOptions } from '../../shared/catalogue/network';
import { breathe } from '../runtime/cancel';
import { showHidden } from '../../shared/invisible';
import {
  mostNamed,
  type NetworkFit,
  type WeightsInspection,
} from '../../shared/weights-inspection';
import type { ByteSource } from './byte-source';
import { byPlainName, plainNames, wholePrefixes } from './foreign-names';
import type { NetworkBuilder } from './networks/network-builder';
import type { Networks } from './networks/networks';
import { choicesOf, formOfFile, openWeights, type OpenWeights } from './open-weights';
import { statedFacts, usualState } from './weights';

interface WeightSet {
  readonly key: string | null;
  readonly weights: OpenWeights;
}

/** Networks that are told of, at most. */
const mostGuesses = 5;
/** Characters of a name in a report. */
const longestName = 200;
/** Sides of a shape that are told, and names beyond the network's: a report fits in a message. */
const longestShape = 8;
const mostExtra = 200;

/**
 * @param file its name, for messages
 * @param size height and width of the images that it is to take; null: not known
 * @param asked which of several sets of weights; null: the only one
 * @throws StudioError as `openWeights`, but not for several sets, which are told; `cancelled`
 */
export async function inspectWeights(
  source: ByteSource,
  options: {
    readonly file: string;
    readonly networks: Networks;
    readonly size: readonly [number, number] | null;
    readonly weightsKey: string | null;
    readonly signal?: AbortSignal | undefined;
    /** Steps done, of how many: each set of weights is looked at, and held against each network. */
    readonly report?: ((done: number, total: number) => void) | undefined;
  },
): Promise<WeightsInspection> {
  const { file, networks, size, weightsKey: asked, signal, report } = options;
  const steps = 2 * networks.ids.length;
  let done = 0;
  const step = async () => {
    done = Math.min(done + 1, steps);
    report?.(done, steps);
    await breathe(signal);
  };
  const sets = await setsOf(source, file, networks, step);
  const [only] = sets;
  const chosen =
    asked === null
      ? sets.length === 1
        ? only?.weights
        : undefined
      : await openWeights(source, file, asked);
  const about = {
    file,
    bytes: source.size,
    form: formOfFile(source),
    sets: sets.map(({ key, weights }) => ({ key, ...totals(weights) })),
    key: asked ?? (sets.length === 1 ? (only?.weights.key ?? null) : null),
  };
  if (!chosen) return { ...about, ...undecided };
  const facts = statedFacts(chosen, options);
  const tensors = [...chosen.tensors];
  return {
    ...about,
    undecided: false,
    tensors: tensors.slice(0, mostNamed).map(([name, { shape, dtype }]) => ({
      name: shownName(name),
      shape: shape.slice(0, longestShape),
      dtype,
    })),
    tensorCount: tensors.length,
    parameters: totals(chosen).parameters,
    dtypes: [...countedBy(tensors.map(([, { dtype }]) => dtype))].map(([dtype, count]) => ({
      dtype,
      tensors: count,
    })),
    stated: {
      architecture: facts.architecture ?? null,
      input: facts.input ?? null,
      classes: facts.outputs?.names ? [...facts.outputs.names] : null,
    },
    guesses: ranked(await fitsOf(chosen, networks, size, step), facts.architecture),
    notes: chosen.notes.map(showHidden),
  };
}

const undecided = {
  undecided: true,
  tensors: [],
  tensorCount: 0,
  parameters: 0,
  dtypes: [],
  stated: { architecture: null, input: null, classes: null },
  guesses: [],
  notes: [],
};

/**
 * The networks that a file's tensors may be of, the likeliest first: by how much of each is there, in
 * its shape, then by how little else is.
 *
 * @param stated the one that the file names, if it is ours: it comes first
 */
export function guessNetworks(
  { tensors }: Pick<OpenWeights, 'tensors'>,
  networks: Networks,
  size: readonly [number, number] | null,
  stated?: string,
): NetworkFit[] {
  return ranked(
    networks.ids.map((id) => fitOf(tensors, networks.get(id), size)),
    stated,
  );
}

/** The same fits, with a step of the look after each. */
async function fitsOf(
  { tensors }: Pick<OpenWeights, 'tensors'>,
  networks: Networks,
  size: readonly [number, number] | null,
  step: () => Promise<void>,
): Promise<NetworkFit[]> {
  const fits: NetworkFit[] = [];
  for (const id of networks.ids) {
    fits.push(fitOf(tensors, networks.get(id), size));
    await step();
  }
  return fits;
}

function ranked(fits: readonly NetworkFit[], stated: string | undefined): NetworkFit[] {
  const order = (fit: NetworkFit) => (fit.architecture === stated ? 2 : 0) + likeness(fit);
  return fits
    .filter(({ found }) => found > 0)
    .sort((a, b) => order(b) - order(a))
    .slice(0, mostGuesses);
}

/** Counts of batches may be missing: no score depends on them. */
const isNeeded = ({ type }: StateTensor): boolean => type !== 'I64';

const wantedOf = (state: readonly StateTensor[]): Map<string, boolean> =>
  new Map(state.map((tensor) => [tensor.name, isNeeded(tensor)]));

/** From 0 to 1: what is there of all that either has. */
const likeness = ({ found, needed, extraCount }: NetworkFit): number =>
  found / Math.max(1, needed + extraCount);

function fitOf(
  tensors: OpenWeights['tensors'],
  builder: NetworkBuilder,
  size: readonly [number, number] | null,
): NetworkFit {
  const { descriptor } = builder;
  // Of one whose weights tell the side, that is asked of them.
  const open = descriptor.tellsSide === true ? null : size;
  const usual = new Set(usualState(builder, open).map(({ name }) => name));
  const plain = byPlainName(tensors, usual);
  const found = builder.formOf(plain, open);
  const form = { ...found, options: withDefaultOptions(descriptor, found.options) };
  const state = descriptor.tensors(form);
  const needed = state.filter(isNeeded);
  const wanted = wantedOf(state);
  // Of several whole copies the caller has told already: here one is as good as another.
  const { names, prefixes } = namesIn(tensors, wanted);
  const missing: string[] = [];
  const otherShape: NetworkFit['otherShape'] = [];
  for (const { name, shape } of needed) {
    const tensor = tensors.get(names.get(name) ?? '');
    if (!tensor) missing.push(name);
    else if (tensor.shape.join() !== shape.join()) {
      otherShape.push({ name, has: shapeOf(tensor.shape), needs: shapeOf(shape) });
    }
  }
  const used = new Set(names.values());
  const extra = [...tensors.keys()].filter((name) => !used.has(name));
  const [height, width, channels] = form.inputShape;
  return {
    architecture: descriptor.id,
    options: { ...form.options },
    classes: form.classes,
    channels,
    side: statesSize(descriptor, form.inputShape) || height !== width ? null : height,
    fits: missing.length === 0 && otherShape.length === 0,
    found: needed.length - missing.length - otherShape.length,
    needed: needed.length,
    prefixes: [...prefixes].map(([prefix, count]) => ({ prefix, names: count })),
    missing,
    otherShape,
    extra: extra.slice(0, mostExtra).map(shownName),
    extraCount: extra.length,
  };
}

function namesIn(tensors: OpenWeights['tensors'], wanted: ReadonlyMap<string, boolean>) {
  const [first] = wholePrefixes(tensors.keys(), wanted);
  const own =
    first === undefined
      ? tensors.keys()
      : [...wanted.keys()].map((name) => first + name).filter((name) => tensors.has(name));
  return plainNames(own, wanted, (found) => new RangeError(`several copies: ${found.join()}`));
}

const shapeOf = (sides: readonly number[]): number[] => sides.slice(0, longestShape);

/** The sets of weights in a file: under its keys, and under prefixes of one dict. */
async function setsOf(
  source: ByteSource,
  file: string,
  networks: Networks,
  step: () => Promise<void>,
): Promise<WeightSet[]> {
  const sets: WeightSet[] = [];
  for (const { key, weights } of await keyedSets(source, file)) {
    const prefixes = await copiesIn(weights, networks, step);
    if (prefixes.length < 2) sets.push({ key, weights });
    for (const prefix of prefixes.length < 2 ? [] : prefixes) {
      const whole = weights.key === null ? prefix : `${weights.key}.${prefix}`;
      sets.push({ key: whole, weights: await openWeights(source, file, whole) });
    }
  }
  return sets;
}

async function keyedSets(source: ByteSource, file: string): Promise<WeightSet[]> {
  try {
    const weights = await openWeights(source, file, null);
    return [{ key: weights.key, weights }];
  } catch (error) {
    const choices = choicesOf(error);
    if (choices.length === 0) throw error;
    const sets: WeightSet[] = [];
    for (const key of choices) {
      sets.push({ key, weights: await openWeights(source, file, key) });
    }
    return sets;
  }
}

/** Prefixes under which there is a whole network each, unless one stands there without any. */
async function copiesIn(
  { tensors }: OpenWeights,
  networks: Networks,
  step: () => Promise<void>,
): Promise<string[]> {
  const found = new Set<string>();
  for (const id of networks.ids) {
    const builder = networks.get(id);
    const wanted = wantedOf(usualState(builder, null));
    for (const prefix of wholePrefixes(tensors.keys(), wanted)) found.add(prefix);
    await step();
  }
  return found.has('') ? [] : [...found];
}

function totals({ tensors }: OpenWeights): { tensors: number; parameters: number } {
  let parameters = 0;
  for (const { shape } of tensors.values()) {
    parameters += shape.reduce((product, side) => product * side, 1);
  }
  return { tensors: tensors.size, parameters: Math.min(parameters, Number.MAX_SAFE_INTEGER) };
}

function countedBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

const shownName = (name: string): string =>
  showHidden(name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name);

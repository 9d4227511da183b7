/**
 * Where in a checkpoint the weights are: a dict of tensors by their names, which is the whole file, or
 * stands under a key of it, beside an optimiser's state, counts and arguments.
 */
import { StudioError } from '../../../shared/errors';
import { listed } from '../adaptation';
import { type Problems, shown } from './problems';
import { TorchStorage, TorchTensor } from './tensors';
import { Opaque, PickleDict, type PickleValue } from './values';

/** Keys under which programs keep weights; elsewhere tensors are a scheduler's, a scaler's, …. */
const usualKey = /(^|_)(state_dict|model|net|network|module|weights|params|ema|backbone)(_|$)/i;
const neverKey = /optim|sched|scaler/i;
/** How many keys may lead to the weights. */
const deepest = 3;

export interface StateDict {
  readonly tensors: ReadonlyMap<string, TorchTensor>;
  /** The keys that lead to it, with dots between; null: it is the whole file. */
  readonly key: string | null;
  /** Keys that stand beside it, and names in it of what is no tensor. */
  readonly passedOver: readonly string[];
}

interface Found {
  readonly key: string;
  readonly dict: PickleDict;
}

/**
 * @param asked which of several; null: the only one
 * @throws StudioError `invalid-input` where there are no tensors with names, or several sets of them and
 *   none is asked for: then with field `weightsKey` and their keys in `details.choices`
 */
export function findStateDict(
  root: PickleValue,
  file: string,
  asked: string | null,
  problems: Problems,
): StateDict {
  const { refused } = problems;
  if (!(root instanceof PickleDict)) {
    throw refused(
      `holds ${kindOf(root)}, not a state_dict: tensors need the names by which a network knows them`,
    );
  }
  const values = [...root.entries.values()];
  const isWhole = values.length > 0 && values.every((value) => value instanceof TorchTensor);
  const within = isWhole ? [] : among(root);
  if (within.length === 0) {
    if (asked !== null) throw unknownKey(file, asked, []);
    if (!values.some((value) => value instanceof TorchTensor)) {
      throw refused('holds no tensors by their names: it has no state_dict');
    }
    return stateDictOf(root, null, [], problems);
  }
  const chosen = within.find(({ key }) => key === (asked ?? key));
  if (!chosen) throw unknownKey(file, asked ?? '', within);
  if (asked === null && within.length > 1) throw severalSets(file, within);
  const [top] = chosen.key.split('.');
  const beside = [...root.entries.keys()].filter((key) => key !== chosen.key && key !== top);
  return stateDictOf(chosen.dict, chosen.key, beside.map(keyText), problems);
}

/** Dicts with tensors below a root, the least deep alone, each once. */
function among(root: PickleDict): Found[] {
  const seen = new Set([root]);
  let level: Found[] = [{ key: '', dict: root }];
  for (let depth = 0; depth < deepest; depth += 1) {
    const below: Found[] = [];
    for (const { key: before, dict } of level) {
      for (const [key, value] of dict.entries) {
        if (typeof key !== 'string' || !(value instanceof PickleDict) || seen.has(value)) continue;
        seen.add(value);
        below.push({ key: before === '' ? key : `${before}.${key}`, dict: value });
      }
    }
    const found = below.filter(({ key, dict }) => !neverKey.test(key) && hasTensors(dict));
    const usual = found.filter(({ key }) => usualKey.test(key));
    if (found.length > 0) return usual.length > 0 ? usual : found;
    level = below;
  }
  return [];
}

function hasTensors({ entries }: PickleDict): boolean {
  for (const [key, value] of entries) {
    if (typeof key === 'string' && value instanceof TorchTensor) return true;
  }
  return false;
}

function stateDictOf(
  { entries }: PickleDict,
  key: string | null,
  beside: readonly string[],
  { refused }: Problems,
): StateDict {
  const tensors = new Map<string, TorchTensor>();
  const passedOver = [...beside];
  for (const [name, value] of entries) {
    if (value instanceof TorchStorage) {
      throw refused(`has at ${keyText(name)} a bare storage, not a tensor`);
    }
    if (!(value instanceof TorchTensor)) {
      passedOver.push(keyText(name));
      continue;
    }
    if (typeof name !== 'string') {
      throw refused(`has a tensor under the key ${keyText(name)}, which is no name`);
    }
    tensors.set(name, value);
  }
  return { tensors, key, passedOver };
}

function unknownKey(file: string, asked: string, found: readonly Found[]): StudioError {
  const keys = found.map(({ key }) => key);
  const accepted = keys.length > 0 ? listed(keys, 20) : 'none: the file is one set of weights';
  return new StudioError({
    code: 'invalid-input',
    message: `${file} has no weights under ${shown(asked)}; accepted: ${accepted}.`,
    field: 'weightsKey',
    value: asked,
    accepted,
    ...(keys.length > 0 ? { details: choices(keys) } : {}),
  });
}

function severalSets(file: string, found: readonly Found[]): StudioError {
  const keys = found.map(({ key }) => key);
  return new StudioError({
    code: 'invalid-input',
    message: `${file} has several sets of weights: ${listed(keys, 20)}. Say which one.`,
    field: 'weightsKey',
    value: 'null',
    accepted: listed(keys, 20),
    details: choices(keys),
  });
}

/** As many as a person can choose from. */
function choices(keys: readonly string[]): Record<string, string> {
  return { choices: keys.slice(0, 100).join('\n') };
}

function keyText(key: PickleValue): string {
  if (typeof key === 'string') return shown(key);
  if (typeof key === 'number' || typeof key === 'bigint') return shown(String(key));
  return `(${kindOf(key)})`;
}

function kindOf(value: PickleValue): string {
  if (value instanceof TorchTensor) return 'one tensor';
  if (value instanceof TorchStorage) return 'a storage';
  if (value instanceof Opaque) return `a ${value.what}`;
  if (typeof value === 'object' && value !== null) return 'a list, a tuple or a name';
  return 'a plain value';
}

import { StudioError } from '../../shared/errors';
import { type Adaptation, listed } from './adaptation';
import { plainNames } from './foreign-names';
import type { Model } from './model';
import type { StoredTensor } from './safetensors';
import { valueTypes, weightTypes } from './value-types';
import { wrong } from './wrong-weights';

/** What programs count beside the weights: AveragedModel, how many it averaged. */
const counts = new Set(['n_averaged']);

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly least: number;
  readonly optional: boolean;
  write(values: Float32Array): void;
}

/**
 * Write a file's tensors into a model, every one of them checked.
 *
 * @param options `except`: tensors that stay as they are, which the file has in another shape or lacks
 * @throws StudioError `invalid-input` naming the tensor that is missing, of another shape or a type that
 *   holds no weights, not finite or one too many; `corrupt-file` where its bytes are damaged
 */
export function loadState(
  model: Model,
  tensors: ReadonlyMap<string, StoredTensor>,
  {
    file,
    leaveOutExtra,
    key = null,
    except,
  }: {
    file: string;
    leaveOutExtra: boolean;
    key?: string | null;
    except?: ReadonlySet<string> | undefined;
  },
): Omit<Adaptation, 'metadata'> {
  const state: Entry[] = [
    ...model.parameters().map((parameter) => ({
      name: parameter.name,
      shape: parameter.layout.torchShape,
      least: -Infinity,
      optional: false,
      write: (values: Float32Array) => parameter.write(values),
    })),
    ...model.buffers(),
  ];
  const wanted = new Map(state.map(({ name, optional }) => [name, !optional]));
  const { names, prefixes } = plainNames(tensors.keys(), wanted, (found) =>
    severalCopies(file, found, key),
  );
  const used = new Set(names.values());
  const extra = [...tensors.keys()].filter((name) => !used.has(name));
  const missing = state.filter(
    ({ name, optional }) => !optional && !names.has(name) && !except?.has(name),
  );
  if (missing.length > 0) throw lacking(file, missing, extra, model.architecture);
  const more = extra.filter((name) => !counts.has(name));
  if (more.length > 0 && !leaveOutExtra) throw tooMany(file, more, model.architecture);
  const types = new Map<string, number>();
  const uncounted: string[] = [];
  for (const entry of state) {
    if (except?.has(entry.name)) continue;
    const given = names.get(entry.name);
    const tensor = given === undefined ? undefined : tensors.get(given);
    const values = tensor && given !== undefined ? valuesOf(file, given, tensor, entry) : null;
    if (!tensor || values === null) {
      uncounted.push(entry.name);
      entry.write(new Float32Array(product(entry.shape)));
      continue;
    }
    entry.write(values);
    const usual = tensor.dtype === 'F32' || entry.optional;
    if (!usual) types.set(tensor.dtype, (types.get(tensor.dtype) ?? 0) + 1);
  }
  return { prefixes, types, uncounted, leftOut: extra };
}

/** Null for a count of batches that its type could not hold, as half precision cannot. */
function valuesOf(
  file: string,
  name: string,
  tensor: StoredTensor,
  { shape, least, optional }: Entry,
): Float32Array | null {
  if (tensor.shape.join() !== shape.join()) {
    const shapes = `[${tensor.shape.join(', ')}], not [${shape.join(', ')}]`;
    throw wrong(file, `has ${name} of shape ${shapes}`);
  }
  if (valueTypes.has(tensor.dtype) && !weightTypes.includes(tensor.dtype)) {
    const accepted = weightTypes.join(', ');
    throw wrong(file, `has ${name} of type ${tensor.dtype}; ${accepted} are accepted`);
  }
  const { data } = tensor.read();
  if (data.some((value) => !Number.isFinite(value))) {
    if (optional) return null;
    throw wrong(file, `has a value in ${name} that is not a finite number`);
  }
  if (data.some((value) => value < least)) {
    throw wrong(file, `has a value in ${name} that is below ${least}`);
  }
  return data;
}

/** Whole sets of weights under prefixes of one dict, such as a student's and a teacher's. */
function severalCopies(file: string, prefixes: readonly string[], key: string | null): StudioError {
  const keys = prefixes.map((prefix) => (key === null ? prefix : `${key}.${prefix}`));
  return new StudioError({
    code: 'invalid-input',
    message: `${file} has the weights more than once, under ${listed(keys)} Say which one.`,
    field: 'weightsKey',
    value: 'null',
    accepted: listed(keys, 20),
    details: { choices: keys.slice(0, 100).join('\n') },
  });
}

function lacking(
  file: string,
  missing: readonly Entry[],
  extra: readonly string[],
  architecture: string,
): StudioError {
  const lacks = `lacks ${listed(missing.map(({ name }) => name))}`;
  const more =
    extra.length > 0 ? `, and has tensors that ${architecture} lacks: ${listed(extra)}` : '';
  return wrong(file, `${lacks}${more}`);
}

/** What a person can agree to: the names are in the details, one a line. */
function tooMany(file: string, extra: readonly string[], architecture: string): StudioError {
  return new StudioError({
    code: 'invalid-input',
    message: `${file} has tensors that ${architecture} lacks: ${listed(extra)}.`,
    field: 'leaveOutExtra',
    value: 'false',
    accepted: 'true, to leave them out',
    details: { extra: extra.slice(0, 1000).join('\n') },
  });
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

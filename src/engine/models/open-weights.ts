/**
 * A file of weights in any form that is read here, told by its content, whatever its name:
 * safetensors, or what PyTorch's `torch.save` wrote.
 */
import { refuse, StudioError } from '../../shared/errors';
import { type ByteSource, withFile } from './byte-source';
import { openSafetensors, type StoredTensor } from './safetensors';
import { isPickle } from './torch-file/legacy';
import { openTorchFile } from './torch-file/open-torch-file';
import { isZip } from './torch-file/zip';

/** Tensors by the names that the file gives them; values are read when they are asked for. */
export interface OpenWeights {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Sentences for a person: which part of the file this is. */
  readonly notes: readonly string[];
  /** The keys that lead to them in a checkpoint; null: they are the whole file. */
  readonly key: string | null;
}

export const weightsForms = ['safetensors', 'pytorch-zip', 'pytorch-older'] as const;
export type WeightsForm = (typeof weightsForms)[number];

/** What a file is by its first bytes; what is neither of PyTorch's forms is taken for safetensors. */
export function formOfFile(source: ByteSource): WeightsForm {
  const head = source.read(0, Math.min(source.size, 9));
  if (isZip(head)) return 'pytorch-zip';
  return isPickle(head) && !isSafetensors(head, source.size) ? 'pytorch-older' : 'safetensors';
}

/** The length of a header within the file, and its first brace: some lengths begin as pickles do. */
function isSafetensors(head: Uint8Array, size: number): boolean {
  if (head.length < 9 || head[8] !== 0x7b) return false;
  return new DataView(head.buffer, head.byteOffset).getBigUint64(0, true) <= BigInt(size - 8);
}

/**
 * @param name the file's name, for messages
 * @param weightsKey which of several sets of weights in a checkpoint; one that ends with a dot is the
 *   prefix of some names of a set, such as `student.`; null: the only one
 * @throws StudioError `corrupt-file` or `invalid-input` that name the file and what is wrong; with field
 *   `weightsKey` and the keys, one a line, in `details.choices` where there are several sets
 */
export async function openWeights(
  source: ByteSource,
  name: string,
  weightsKey: string | null,
): Promise<OpenWeights> {
  if (weightsKey?.endsWith('.')) return underPrefix(source, name, weightsKey);
  if (formOfFile(source) !== 'safetensors') return openTorchFile(source, name, weightsKey);
  const { tensors, metadata } = openSafetensors(source, name);
  if (weightsKey !== null) {
    throw refuse('weightsKey', weightsKey, `none: ${name} holds one set of weights`);
  }
  return { tensors, metadata, notes: [], key: null };
}

/** Those tensors of a set whose names begin so, without that. */
async function underPrefix(source: ByteSource, name: string, asked: string): Promise<OpenWeights> {
  const all = await setAround(source, name, asked);
  const prefix = all.key === null ? asked : asked.slice(all.key.length + 1);
  const tensors = new Map(
    [...all.tensors].flatMap(([full, tensor]): [string, StoredTensor][] =>
      full.startsWith(prefix) ? [[full.slice(prefix.length), tensor]] : [],
    ),
  );
  if (prefix === '' || tensors.size === 0) {
    throw refuse('weightsKey', asked, `the beginning of names of ${name}`);
  }
  const rest = all.tensors.size - tensors.size;
  const notes = [
    ...all.notes,
    `The weights under ${prefix} were taken, and ${rest === 1 ? '1 other tensor was' : `${rest} others were`} passed over.`,
  ];
  return { ...all, tensors, notes };
}

/** The set whose key a longer one begins with; of a file of one set, that. */
async function setAround(source: ByteSource, name: string, asked: string): Promise<OpenWeights> {
  try {
    const only = await openWeights(source, name, null);
    // What is told of the only one may name its key or not.
    return only.key !== null && !asked.startsWith(`${only.key}.`) ? { ...only, key: null } : only;
  } catch (error) {
    const key = choicesOf(error).find((choice) => asked.startsWith(`${choice}.`));
    if (key === undefined) throw error;
    return openWeights(source, name, key);
  }
}

/** The sets of weights that a refusal offers; none where it is of something else. */
export function choicesOf(error: unknown): readonly string[] {
  if (!(error instanceof StudioError) || error.data.field !== 'weightsKey') return [];
  return error.data.details?.['choices']?.split('\n') ?? [];
}

/** `openWeights` of a file on disk, open while `work` runs. */
export function withWeights<T>(
  path: string,
  { name, weightsKey }: { readonly name: string; readonly weightsKey: string | null },
  work: (weights: OpenWeights) => T | Promise<T>,
): Promise<T> {
  return withFile(path, async (file) => work(await openWeights(file, name, weightsKey)));
}

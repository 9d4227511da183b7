/**
 * A file of weights in any form that is read here, told by its content, whatever its name:
 * safetensors, or what PyTorch's `torch.save` wrote.
 */
import { refuse } from '../../shared/errors';
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
}

/**
 * @param name the file's name, for messages
 * @param weightsKey which of several sets of weights in a checkpoint; null: the only one
 * @throws StudioError `corrupt-file` or `invalid-input` that name the file and what is wrong; with field
 *   `weightsKey` and the keys, one a line, in `details.choices` where there are several sets
 */
export async function openWeights(
  source: ByteSource,
  name: string,
  weightsKey: string | null,
): Promise<OpenWeights> {
  const head = source.read(0, Math.min(source.size, 4));
  if (isZip(head) || isPickle(head)) return openTorchFile(source, name, weightsKey);
  const { tensors, metadata } = openSafetensors(source, name);
  if (weightsKey !== null) {
    throw refuse('weightsKey', weightsKey, `none: ${name} holds one set of weights`);
  }
  return { tensors, metadata, notes: [] };
}

/** `openWeights` of a file on disk, open while `work` runs. */
export function withWeights<T>(
  path: string,
  { name, weightsKey }: { readonly name: string; readonly weightsKey: string | null },
  work: (weights: OpenWeights) => T | Promise<T>,
): Promise<T> {
  return withFile(path, async (file) => work(await openWeights(file, name, weightsKey)));
}

/**
 * Weights that PyTorch's `torch.save` wrote: a zip since 1.6, pickles and storages before. The file's
 * pickle is interpreted by a machine of our own that knows tensors, dicts and plain values; nothing of
 * it is imported, built or run.
 */
import { type ByteSource } from '../byte-source';
import { listed } from '../adaptation';
import type { OpenWeights } from '../open-weights';
import type { NamedTensor, StoredTensor } from '../safetensors';
import { turnBytes, valueTypes, weightTypes } from '../value-types';
import { readLegacy } from './legacy';
import { type Problems, problemsOf, shown } from './problems';
import { findStateDict } from './state-dict';
import { type Storages } from './storages';
import { gather, type TorchStorage, type TorchTensor, type View } from './tensors';
import { unpickle, type UnpickleOptions } from './unpickle';
import { type PickleValue } from './values';
import { isZip, openArchive } from './zip';

/**
 * The tensors of a checkpoint; what nobody reads takes no memory, and what is read takes that of one
 * tensor.
 *
 * @param file the file's name, for messages
 * @param weightsKey which of several sets of weights; null: the only one
 * @throws StudioError `corrupt-file` for a file that is cut off, damaged or put together to harm;
 *   `invalid-input` for one that names what is no part of weights, or holds none, or several sets (field
 *   `weightsKey`)
 */
export async function openTorchFile(
  source: ByteSource,
  file: string,
  weightsKey: string | null,
): Promise<OpenWeights> {
  const problems = problemsOf(file);
  const { value, storages } = await contentOf(source, file, problems);
  const { tensors, key, passedOver } = findStateDict(value, file, weightsKey, problems);
  const stored = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    stored.set(name, storedTensor(name, tensor, storages, problems));
  }
  const notes = key === null ? [] : [`The weights under ${shown(key)} were taken.`];
  if (passedOver.length > 0) {
    notes.push(`Of the file was passed over: ${listed(passedOver, 20)}.`);
  }
  return { tensors: stored, metadata: {}, notes, key };
}

async function contentOf(
  source: ByteSource,
  file: string,
  problems: Problems,
): Promise<{ value: PickleValue; storages: Storages }> {
  const options: UnpickleOptions = {
    damaged: problems.damaged,
    strange: (name, isModel) => problems.refused(strangeWords(file, name, isModel)),
    storages: new Map<string, TorchStorage>(),
  };
  if (!isZip(source.read(0, Math.min(source.size, 4))))
    return readLegacy(source, problems, options);
  const { pickle, storages } = await openArchive(source, problems);
  return { value: unpickle(pickle, 0, options).value, storages };
}

/** A clause that goes on from the file's name. */
function strangeWords(file: string, name: string, isModel: boolean): string {
  const named = `names ${shown(name)}`;
  if (isModel) {
    const stem = file.replace(/\.[^.]*$/, '');
    const [from, to] = [file, `${stem}-state-dict.pth`].map((text) => JSON.stringify(text));
    return `holds a whole model (it ${named}), which runs code when it is opened and is not read here. Where its classes are at hand and you trust it, two lines of Python save its state_dict: model = torch.load(${from}, map_location="cpu", weights_only=False); torch.save(model.state_dict(), ${to})`;
  }
  const pickled = name === 'torch.storage._load_from_bytes';
  const remedy = pickled
    ? 'It was written by pickle.dump: save the state_dict by torch.save'
    : 'Save the state_dict alone by torch.save';
  return `${named}, which is no part of weights: tensors, dicts and plain values are read, and nothing of the file was run. ${remedy}`;
}

function storedTensor(
  name: string,
  { storage, type, view }: TorchTensor,
  storages: Storages,
  problems: Problems,
): StoredTensor {
  if (typeof view === 'string') throw problems.damaged(`its tensor ${shown(name)} ${view}`);
  const { dtype } = type;
  if (dtype === null) {
    const { label } = type;
    const read = () => {
      const accepted = weightTypes.join(', ');
      throw problems.refused(`has ${shown(name)} of type ${label}; ${accepted} are accepted`);
    };
    return { shape: view.shape, dtype: label, read };
  }
  const problem = storages.problem(storage);
  if (problem !== null) throw problems.damaged(`its tensor ${shown(name)}: ${problem}`);
  const read = (): NamedTensor => {
    const data = valuesOf(name, storage, view, storages, problems);
    return dtype === 'I64' ? { shape: view.shape, data, type: 'I64' } : { shape: view.shape, data };
  };
  return { shape: view.shape, dtype, read };
}

/** Values between a tensor's own that are read with them, at most. */
const wasted = { times: 4, least: 2 ** 20 };

function valuesOf(
  name: string,
  storage: TorchStorage,
  view: View,
  storages: Storages,
  { refused }: Problems,
): Float32Array {
  const { offset, span, count } = view;
  const decoder = valueTypes.get(storage.type.dtype ?? '');
  if (!decoder || count === 0) return new Float32Array(0);
  if (span > Math.max(wasted.times * count, wasted.least)) {
    throw refused(
      `has ${shown(name)} as few values far apart in a large storage: save a .clone() of it`,
    );
  }
  const bytes = storages.read(storage, offset, offset + span);
  if (storages.bigEndian) turnBytes(bytes, decoder.width);
  return gather(decoder.decode(bytes.buffer), view);
}

import { z } from 'zod';
import { showHidden } from '../../shared/invisible';
import {
  type NetworkForm,
  type StateTensor,
  withDefaultOptions,
} from '../../shared/catalogue/network';
import { headTensors } from '../../shared/catalogue/network-size';
import type { Init } from '../../shared/catalogue/training';
import { type ModelInput, modelInputSchema, type Sight } from '../../shared/model-input';
import type { Kernels } from '../runtime/kernels';
import { adaptationWords } from './adaptation';
import { type ByteSource, MemoryBytes } from './byte-source';
import type { InputNormalisation, Model } from './model';
import type { OptimiserState, TrainingOptimiser } from './optimiser';
import { byPlainName } from './foreign-names';
import { initialise } from './initialise';
import { loadState } from './load-state';
import { inOrder, type OutputClasses, outputClassesSchema } from './output-classes';
import type { NetworkBuilder } from './networks/network-builder';
import { identityInput, type Networks } from './networks/networks';
import type { OpenWeights } from './open-weights';
import {
  decodeSafetensors,
  encodeSafetensors,
  joined,
  type NamedTensor,
  openSafetensors,
  safetensorsHead,
  tensorBytes,
} from './safetensors';
import { wrong } from './wrong-weights';

/** Keys of the metadata that `encodeModel` writes. */
const ourMetadata = ['architecture', 'input', 'size', 'classes'];
const sizeSchema = z.tuple([z.int().positive(), z.int().positive()]);

/**
 * The model as a safetensors file with PyTorch's names and layouts, so that `load_state_dict` takes
 * it as it is. Metadata: `architecture`, `input` (JSON of mean, std and, if it is, what is seen), `size` (JSON of
 * height and width) where its weights leave it open, and `classes` (JSON of names and labels) where its
 * outputs are not its dataset's classes in order.
 */
export async function encodeModel(model: Model): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of modelPieces(model)) pieces.push(piece);
  return joined(pieces);
}

/** `encodeModel` piece by piece: the header, then one tensor's values at a time. */
export async function* modelPieces(model: Model): AsyncGenerator<Uint8Array, void, undefined> {
  const trained = model.parameters().map((parameter) => ({
    name: parameter.name,
    shape: parameter.layout.torchShape,
    type: undefined,
    read: () => parameter.read(),
  }));
  const { architecture, input, inputShape, outputs, statesSize } = model;
  const metadata = {
    architecture,
    input: JSON.stringify(modelInputSchema.parse(input)),
    ...(statesSize ? { size: JSON.stringify(inputShape.slice(0, 2)) } : {}),
    ...(outputs ? { classes: JSON.stringify(outputClassesSchema.parse(outputs)) } : {}),
  };
  const { head, ordered } = safetensorsHead([...trained, ...model.buffers()], metadata);
  yield head;
  for (const tensor of ordered) yield tensorBytes(tensor, await tensor.read());
}

export interface DecodeOptions {
  /** The file's name, for messages. */
  file: string;
  /** The networks that there are. */
  networks: Networks;
  /** For a file that does not name its network (one saved in PyTorch). */
  architecture?: string | undefined;
  /** Stands above the file's own; a file with neither means no normalisation. */
  input?: InputNormalisation | undefined;
  /** Height and width of the images. Stands above the file's own. */
  size?: readonly [number, number] | undefined;
  /**
   * What so many outputs stand for; it is told what the file says. Left out: what the file says.
   */
  outputs?: ((count: number, stated: OutputClasses | null) => OutputClasses | null) | undefined;
  /** Pass over tensors that the network lacks; default: they are refused by name. */
  leaveOutExtra?: boolean | undefined;
}

/** A model, and what of its file was not as the studio writes it. */
export interface AdaptedModel {
  readonly model: Model;
  /** Sentences for a person; none for a file of our own. */
  readonly adapted: readonly string[];
}

/** `adaptModel` for those who read what the studio wrote. The caller disposes the model. */
export function decodeModel(
  kernels: Kernels,
  file: Uint8Array | ByteSource,
  options: DecodeOptions,
): Model {
  const source = file instanceof Uint8Array ? new MemoryBytes(file) : file;
  const { tensors, metadata } = openSafetensors(source, options.file);
  return adaptModel(kernels, { tensors, metadata, notes: [], key: null }, options).model;
}

/**
 * A model from a file of weights, ours or one of another program: prefixes are taken off the names,
 * values of other precision become float32, counts of batches may be missing, metadata that is not
 * ours is passed over. The caller disposes the model.
 *
 * @throws StudioError `corrupt-file` for a file that cannot be read, `invalid-input` where its
 *   tensors are not the network's: with field `leaveOutExtra` and their names in
 *   `details.extra` where leaving some out would do
 */
export function adaptModel(
  kernels: Kernels,
  { tensors, metadata, notes, key }: OpenWeights,
  options: DecodeOptions,
): AdaptedModel {
  const { file, networks } = options;
  const named = metadata['architecture'];
  const facts = statedFacts({ metadata }, options);
  const stated = facts.architecture;
  const architecture = stated ?? options.architecture;
  if (architecture === undefined) {
    const accepted = networks.ids.join(', ');
    throw wrong(file, `names ${named ?? 'none'} as its architecture; accepted: ${accepted}`);
  }
  if (options.architecture !== undefined && options.architecture !== architecture) {
    throw wrong(file, `holds a ${architecture}, not a ${options.architecture}`);
  }
  const builder = networks.get(architecture);
  const own = stated !== undefined;
  const { tellsSide = false } = builder.descriptor;
  const size = options.size ?? facts.size;
  if (!size && !tellsSide) throw wrong(file, 'does not say how large its images are');
  const form = builder.formOf(byPlainName(tensors, usualNames(builder, size)), size);
  const normalisation = facts.input;
  const input = options.input ?? normalisation;
  const { outputs: chosen = (_count, outputs) => outputs } = options;
  // Of tensors that are another network's, the number of classes says nothing: they are refused first.
  const outputs = outcomeOf(() => chosen(form.classes, facts.outputs));
  const model = networks.create(kernels, architecture, form, input, outputs.value);
  try {
    const channels = model.inputShape[2];
    const { mean, std } = model.input;
    if (mean.length !== channels || std.length !== channels) {
      throw wrong(file, `normalises ${mean.length} channels; the model has ${channels}`);
    }
    const { leaveOutExtra = false } = options;
    const loaded = loadState(model, tensors, { file, leaveOutExtra, key });
    if (outputs.error) throw outputs.error;
    const strange = Object.keys(metadata).filter(
      (key) => !['format', ...(own ? ourMetadata : normalisation ? ['input'] : [])].includes(key),
    );
    return {
      model,
      adapted: [...notes, ...adaptationWords({ ...loaded, metadata: strange })].map(showHidden),
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** What training starts from, besides a file of weights that the studio wrote. */
export interface StartOptions {
  /** The file's name, for messages. */
  readonly file: string;
  readonly networks: Networks;
  readonly architecture: string;
  /** Of the images that are trained on. */
  readonly form: NetworkForm;
  /** `anew`: the last layer is drawn from the seed, whatever it is in the file. */
  readonly head: Init['head'];
  /** The classes that are to be told apart, in order. */
  readonly classes: readonly string[];
  /** What the model is to see of images. */
  readonly sight: Sight | undefined;
  readonly seed: number;
}

/**
 * A model for images of a form that starts from the weights of a file of the studio's own, normalised as
 * these are, running statistics too. The caller disposes it.
 *
 * @throws StudioError `corrupt-file` for a file that cannot be read, `invalid-input` where its tensors are
 *   not those of the form, or its last layer is to be kept and is of other classes
 */
export function startingModel(kernels: Kernels, source: ByteSource, options: StartOptions): Model {
  const { file, networks, architecture, form, head, classes, sight, seed } = options;
  const { tensors, metadata } = openSafetensors(source, file);
  if (metadata['architecture'] !== architecture) {
    const found = metadata['architecture'] ?? 'no network';
    throw wrong(file, `holds ${found}, not ${architecture}`);
  }
  const stated = classesOf(metadata, file);
  if (head === 'keep' && stated && !inOrder(stated, classes)) {
    throw wrong(file, 'tells other classes apart, so that its last layer cannot be kept');
  }
  const { mean, std } = inputOf(metadata, file, true) ?? identityInput(form.inputShape[2]);
  const model = networks.create(kernels, architecture, form, { mean, std, ...sight });
  try {
    const anew =
      head === 'anew' ? headTensors(networks.get(architecture).descriptor, form) : undefined;
    if (anew) initialise(kernels, model, seed, anew);
    loadState(model, tensors, { file, leaveOutExtra: false, except: anew });
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function outcomeOf<T>(work: () => T): { value: T | null; error: Error | null } {
  try {
    return { value: work(), error: null };
  } catch (error) {
    if (error instanceof Error) return { value: null, error };

    throw error;
  }
}

/** What a file of ours says beside its tensors; of another program's, what its words mean here too. */
export interface StatedFacts {
  readonly architecture: string | undefined;
  readonly input: ModelInput | undefined;
  readonly size: readonly [number, number] | null;
  readonly outputs: OutputClasses | null;
}

/** @throws StudioError `invalid-input` where a file of ours says what cannot be read */
export function statedFacts(
  { metadata }: Pick<OpenWeights, 'metadata'>,
  { file, networks }: Pick<DecodeOptions, 'file' | 'networks'>,
): StatedFacts {
  const named = metadata['architecture'];
  const architecture = named !== undefined && networks.has(named) ? named : undefined;
  const own = architecture !== undefined;
  return {
    architecture,
    input: inputOf(metadata, file, own),
    size: sizeOf(metadata, file, own),
    outputs: own ? classesOf(metadata, file) : null,
  };
}

/** A network's tensors in the form that a file has which says nothing of it. */
export function usualState(
  builder: NetworkBuilder,
  size: readonly [number, number] | null,
): StateTensor[] {
  const { descriptor } = builder;
  const form = builder.formOf(new Map(), size);
  const options = withDefaultOptions(descriptor, form.options);
  return descriptor.tensors({ ...form, options });
}

const usualNames = (
  builder: NetworkBuilder,
  size: readonly [number, number] | null,
): ReadonlySet<string> => new Set(usualState(builder, size).map(({ name }) => name));

/** The optimiser's state as a safetensors file; metadata `optimiser` and `step`. */
export async function encodeOptimiser(
  model: Model,
  optimiser: TrainingOptimiser,
): Promise<Uint8Array> {
  const { kind, step, moments } = await optimiser.read();
  const shapes = new Map(model.parameters().map(({ name, layout }) => [name, layout.torchShape]));
  const tensors = new Map<string, NamedTensor>();
  for (const [name, data] of moments) {
    const shape = shapes.get(name.slice(name.indexOf('.') + 1)) ?? [data.length];
    tensors.set(name, { shape, data });
  }
  return encodeSafetensors({ tensors, metadata: { optimiser: kind, step: String(step) } });
}

/** Read what `encodeOptimiser` wrote. */
export function decodeOptimiser(bytes: Uint8Array, file: string): OptimiserState {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const step = Number(metadata['step']);
  const kind = metadata['optimiser'];
  if ((kind !== 'adam' && kind !== 'sgd') || !Number.isInteger(step) || step < 0) {
    throw wrong(file, "is not an optimiser's state");
  }
  const moments = new Map([...tensors].map(([name, tensor]) => [name, tensor.data]));
  return { kind, step, moments };
}

/** @param own whether the file is ours; in another the same word may mean anything */
function inputOf(
  metadata: Readonly<Record<string, string>>,
  file: string,
  own: boolean,
): ModelInput | undefined {
  const text = metadata['input'];
  if (text === undefined) return undefined;
  try {
    return modelInputSchema.parse(JSON.parse(text));
  } catch {
    if (!own) return undefined;
    throw wrong(file, `has metadata 'input' that is not {"mean": [...], "std": [...]}: ${text}`);
  }
}

function classesOf(metadata: Readonly<Record<string, string>>, file: string): OutputClasses | null {
  const text = metadata['classes'];
  if (text === undefined) return null;
  try {
    return outputClassesSchema.parse(JSON.parse(text));
  } catch {
    const form = '{"names": [...] or null, "labels": [[class, output], ...] or null}';
    throw wrong(file, `has metadata 'classes' that is not ${form}`);
  }
}

/** @param own whether the file is ours */
function sizeOf(
  metadata: Readonly<Record<string, string>>,
  file: string,
  own: boolean,
): readonly [number, number] | null {
  const text = metadata['size'];
  if (text === undefined) return null;
  try {
    return sizeSchema.parse(JSON.parse(text));
  } catch {
    if (!own) return null;
    throw wrong(file, `has metadata 'size' that is not [height, width]: ${text}`);
  }
}

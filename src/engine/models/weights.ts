import { z } from 'zod';
import {
  type Architecture,
  architectures,
  architectureSchema,
} from '../../shared/catalogue/datasets';
import { StudioError } from '../../shared/errors';
import type { Kernels } from '../runtime/kernels';
import { createModel, identityInput } from './architectures';
import type { InputNormalisation, Model } from './model';
import type { Adam, AdamState } from './optimiser';
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from './safetensors';

const inputSchema = z.object({
  mean: z.array(z.number()),
  std: z.array(z.number().positive()),
});

/**
 * The model as a safetensors file with PyTorch's names and layouts, so that `load_state_dict` takes
 * it as it is. Metadata: `architecture`, and `input` (JSON of mean and std).
 */
export async function encodeModel(model: Model): Promise<Uint8Array> {
  const tensors = new Map<string, NamedTensor>();
  for (const parameter of model.parameters()) {
    const { torchShape } = parameter.layout;
    tensors.set(parameter.name, { shape: torchShape, data: await parameter.read() });
  }
  const { architecture, input } = model;
  return encodeSafetensors({
    tensors,
    metadata: { architecture, input: JSON.stringify({ mean: input.mean, std: input.std }) },
  });
}

export interface DecodeOptions {
  /** The file's name, for messages. */
  file: string;
  /** For a file that does not name its architecture (one saved in PyTorch). */
  architecture?: Architecture | undefined;
  /** Stands above the file's own; a file with neither means no normalisation. */
  input?: InputNormalisation | undefined;
}

/**
 * A model from a safetensors file, ours or one trained in PyTorch. The caller disposes it.
 *
 * @throws StudioError `corrupt-file` for a file that cannot be read, `invalid-input` where its
 *   tensors are not the architecture's
 */
export function decodeModel(kernels: Kernels, bytes: Uint8Array, options: DecodeOptions): Model {
  const { file } = options;
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const named = architectureSchema.safeParse(metadata['architecture']);
  const stated: Architecture | undefined = named.success ? named.data : undefined;
  const architecture = stated ?? options.architecture;
  if (!architecture) {
    const found = metadata['architecture'] ?? 'none';
    throw wrong(file, `names ${found} as its architecture; accepted: ${architectures.join(', ')}`);
  }
  if (options.architecture && options.architecture !== architecture) {
    throw wrong(file, `holds a ${architecture}, not a ${options.architecture}`);
  }
  const model = createModel(kernels, architecture, options.input ?? inputOf(metadata, file));
  try {
    const channels = model.inputShape[2];
    const { mean, std } = model.input;
    if (mean.length !== channels || std.length !== channels) {
      throw wrong(file, `normalises ${mean.length} channels; the model has ${channels}`);
    }
    const expected = new Set(model.parameters().map((parameter) => parameter.name));
    const extra = [...tensors.keys()].filter((name) => !expected.has(name));
    if (extra.length > 0)
      throw wrong(file, `has tensors that ${architecture} lacks: ${list(extra)}`);
    for (const parameter of model.parameters()) {
      const tensor = tensors.get(parameter.name);
      if (!tensor) throw wrong(file, `lacks ${parameter.name}`);
      const { torchShape } = parameter.layout;
      if (tensor.shape.join() !== torchShape.join()) {
        const shapes = `[${tensor.shape.join(', ')}], not [${torchShape.join(', ')}]`;
        throw wrong(file, `has ${parameter.name} of shape ${shapes}`);
      }
      if (tensor.data.some((value) => !Number.isFinite(value))) {
        throw wrong(file, `has a value in ${parameter.name} that is not a finite number`);
      }
      parameter.write(tensor.data);
    }
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** The optimiser's state as a safetensors file; metadata `step`. */
export async function encodeOptimiser(model: Model, optimiser: Adam): Promise<Uint8Array> {
  const { step, moments } = await optimiser.read();
  const tensors = new Map<string, NamedTensor>();
  for (const kind of ['exp_avg', 'exp_avg_sq']) {
    for (const parameter of model.parameters()) {
      const name = `${kind}.${parameter.name}`;
      const data = moments.get(name);
      if (data) tensors.set(name, { shape: parameter.layout.torchShape, data });
    }
  }
  return encodeSafetensors({ tensors, metadata: { optimiser: 'adam', step: String(step) } });
}

/** Read what `encodeOptimiser` wrote. */
export function decodeOptimiser(bytes: Uint8Array, file: string): AdamState {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const step = Number(metadata['step']);
  if (metadata['optimiser'] !== 'adam' || !Number.isInteger(step) || step < 0) {
    throw wrong(file, "is not an optimiser's state");
  }
  return { step, moments: new Map([...tensors].map(([name, tensor]) => [name, tensor.data])) };
}

function inputOf(metadata: Readonly<Record<string, string>>, file: string): InputNormalisation {
  const text = metadata['input'];
  if (text === undefined) return identityInput(1);
  try {
    return inputSchema.parse(JSON.parse(text));
  } catch {
    throw wrong(file, `has metadata 'input' that is not {"mean": [...], "std": [...]}: ${text}`);
  }
}

function wrong(file: string, what: string): StudioError {
  return new StudioError({
    code: 'invalid-input',
    message: `${file} ${what}.`,
    field: 'file',
    value: file,
    accepted: 'a safetensors file with the architecture’s tensors, named and shaped as in PyTorch',
  });
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

import { createHash } from 'node:crypto';
import { type Composition, wrapped } from '../shared/catalogue/compositions';
import { type NetworkDescription, type NetworkForm } from '../shared/catalogue/network';
import { parameterCount } from '../shared/catalogue/network-size';
import { initialise } from './models/initialise';
import { type MadeImages, madeImages } from './models/made-images';
import { type Model } from './models/model';
import { type Networks } from './models/networks/networks';
import { trainModel } from './models/train';
import { encodeModel } from './models/weights';
import { type Runtime } from './runtime/load';
import { makeMaps } from './saliency/make-maps';
import { type Operators } from './saliency/operators';
import { predict } from './saliency/predict';

export interface ProbeOptions {
  readonly runtime: Runtime;
  readonly networks: Networks;
  readonly operators: Operators;
  readonly signal?: AbortSignal | undefined;
  /** Parts done, of how many. */
  readonly report?: ((done: number, total: number) => void) | undefined;
}

/** Sides of images whose convolutions are done by different kernels. */
const sides = [32, 64] as const;
/** Steps of the epoch: the second one's gradients are those of weights that the first one moved. */
const steps = 2;
/** Parameters of the largest network that is tried: larger ones are made of the layers of those. */
const largest = 12_000_000;
/** Of every pass, whatever the plan says, which the class of an engine holds by itself: this is quick. */
const batch = 8;

/**
 * What this engine's arithmetic comes to: of every network that is not too large a short seeded epoch, the scores that it gives
 * then, and maps of every operator that is one backward pass, on made images. Engines whose last digits
 * differ in any of them have another hash. It takes some three seconds on two cores.
 *
 * @returns sha256 of weights, scores and maps, in the order of the networks' ids
 * @throws StudioError `cancelled` within one batch of an abort
 */
export async function probe(options: ProbeOptions): Promise<string> {
  const { networks, report } = options;
  const forms = [...networks.ids].sort().flatMap((id) => {
    const { descriptor } = networks.get(id);
    return formsOf(descriptor)
      .filter((form) => parameterCount(descriptor, form) <= largest)
      .map((form) => ({ id, form }));
  });
  const hash = createHash('sha256');
  for (const [done, { id, form }] of forms.entries()) {
    report?.(done, forms.length);
    const model = networks.create(options.runtime.kernels, id, form);
    try {
      hash.update(JSON.stringify([id, form]));
      for (const bytes of await outcomes(options, model)) hash.update(bytes);
    } finally {
      model.dispose();
    }
  }
  return hash.digest('hex');
}

async function outcomes(options: ProbeOptions, model: Model): Promise<Uint8Array[]> {
  const { runtime, signal } = options;
  const { kernels } = runtime;
  initialise(kernels, model, 0);
  const data = madeImages(model, steps * batch);
  await trainModel({
    kernels,
    model,
    train: data,
    validation: { images: new Uint8Array(0), labels: new Uint8Array(0), count: 0 },
    epochs: 1,
    batchSize: batch,
    learningRate: 1e-3,
    seed: 0,
    signal,
  });
  const size = data.images.length / data.count;
  const [images, labels] = [data.images.subarray(0, batch * size), data.labels.subarray(0, batch)];
  const { logits } = await predict({ runtime, model, images, forwardBatch: batch, signal });
  const maps = await mapsOf(options, model, { images, labels });
  return [await encodeModel(model), ...[logits, ...maps].map(bytesOf)];
}

async function mapsOf(
  { runtime, operators, signal }: ProbeOptions,
  model: Model,
  { images, labels }: Pick<MadeImages, 'images' | 'labels'>,
): Promise<Float32Array[]> {
  const made: Float32Array[] = [];
  for (const composition of compositionsOf(operators)) {
    const map = await makeMaps({
      runtime,
      model,
      images,
      labels,
      indices: Int32Array.from({ length: batch }, (_, index) => index),
      operators,
      composition,
      parameters: operators.catalogue.complete({}),
      seed: 0,
      batch,
      forwardBatch: batch,
      signal,
    });
    made.push(map);
  }
  return made;
}

/** Every operator that is one backward pass. */
const compositionsOf = ({ catalogue }: Operators): Composition[] =>
  catalogue.ofFamily('base').map(({ id }) => wrapped(id, []));

/** The images that a network is tried on: both sizes where it takes them, each option once. */
function formsOf({ input, options }: NetworkDescription): NetworkForm[] {
  const between = (value: number, { min, max }: { min: number; max: number }) =>
    Math.min(max, Math.max(min, value));
  const form = (side: number, chosen: NetworkForm['options']): NetworkForm => ({
    inputShape: [
      between(side, input.height),
      between(side, input.width),
      between(3, input.channels),
    ],
    classes: between(10, input.classes),
    options: chosen,
  });
  const usual = sides
    .map((side) => form(side, {}))
    .filter(({ inputShape: [height] }, index, all) => all[index - 1]?.inputShape[0] !== height);
  const others = options.flatMap((option) =>
    option.choices
      .filter(({ value }) => value !== option.default)
      .map(({ value }) => form(sides[0], { [option.id]: value })),
  );
  return [...usual, ...others];
}

const bytesOf = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

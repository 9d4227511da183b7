import { type Composition, formatComposition } from '../../shared/catalogue/compositions';
import { type OperatorDescriptor } from '../../shared/catalogue/operator';
import { type ParameterValues } from '../../shared/catalogue/parameter';
import { valueAt } from '../../shared/checked-reads';
import { type EngineProgress } from '../../shared/engine';
import { notFinite, refuse } from '../../shared/errors';
import { breathe } from '../runtime/cancel';
import { type Runtime } from '../runtime/load';
import { type Tensor2D, type Tensor3D } from '../runtime/tensorflow';
import { baselineOf } from './baseline';
import { evaluate } from './evaluator';
import { type Images, imageOf, inputOf } from './input-space';
import { type DifferentiableModel, type ImageShape, sizeOf } from './model';
import { bindNest, type Nest } from './nest';
import {
  type BoundControl,
  type BoundDirect,
  declaredContext,
  type DirectContext,
} from './operator';
import { type Operators } from './operators';
import { type NoiseParameters, noiseTensor } from './noise';
import { countOf, targetsOf } from './predict';

export interface MapRequest {
  readonly runtime: Runtime;
  readonly model: DifferentiableModel;
  /** [N, H, W, C], bytes or float32 in [0, 1]. */
  readonly images: Images;
  /** Class of each image. */
  readonly labels: ArrayLike<number>;
  /** Index of each image in its split: noise and random maps are drawn for it. */
  readonly indices: ArrayLike<number>;
  readonly operators: Operators;
  readonly composition: Composition;
  /** Of every operator of the composition. */
  readonly parameters: ParameterValues;
  readonly seed: number;
  /**
   * The class explained, per image, where it is held from elsewhere, as while an image is moved; left out:
   * what the method's own target comes to.
   */
  readonly targets?: Int32Array | undefined;
  /**
   * Images whose range the noise has (`sigmaMode` range), where it is held while an image is moved; left
   * out: `images`.
   */
  readonly noiseImages?: Images | undefined;
  /** Physical batch size of backward passes. */
  readonly batch: number;
  /** Physical batch size of the forward passes that find `predicted` targets. */
  readonly forwardBatch: number;
  readonly signal?: AbortSignal | undefined;
  readonly report?: ((progress: EngineProgress) => void) | undefined;
}

/**
 * Raw attributions of one composition, signed, in the model's input space: float32 [N, H, W, C];
 * of a control, and of a direct operator that gives one value a pixel, [N, H, W, 1]. The same image,
 * index, seed and batch sizes give the same bytes whatever other images are asked for. The target is
 * fixed on the clean image and held.
 *
 * @throws StudioError `invalid-input` for a composition, target or label that the model refuses, and
 *   naming the composition and image where a value is not finite
 * @throws StudioError `cancelled` within one batch of an abort
 */
export async function makeMaps(request: MapRequest): Promise<Float32Array> {
  const { model, images, indices, operators, composition, parameters } = request;
  const count = countOf(images, sizeOf(model.inputShape));
  if (indices.length !== count) {
    throw refuse('indices.length', indices.length, `${count}, the number of images`);
  }
  const operator = operators.get(composition.op);
  if (!('of' in composition) && operator.family === 'control') {
    return drawControl(request, operator.descriptor, operator.bind(parameters), count);
  }
  const nameOf = (position: number) => `image ${indices[position] ?? position}`;
  const maps =
    !('of' in composition) && operator.family === 'direct'
      ? await attribute(request, operator.descriptor, operator.bind(parameters), nameOf)
      : await evaluateNest(request, bindNest(operators, composition, parameters), nameOf);
  const broken = maps.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    const image = nameOf(Math.floor(broken / (maps.length / count)));
    const what = `A value of the map ${formatComposition(composition)} of ${image}`;
    throw notFinite(
      what,
      maps[broken] as number,
      'choose other parameters, or train the model again',
    );
  }
  return maps;
}

type NameOf = (position: number) => string;

async function evaluateNest(
  request: MapRequest,
  nest: Nest,
  nameOf: NameOf,
): Promise<Float32Array> {
  const { runtime, model, batch, signal, report } = request;
  const targets =
    request.targets ?? (await targetsOf({ ...request, target: nest.base.target, nameOf }));
  const basis = (start: number, end: number) => basisOf(request, nest, start, end);
  return evaluate({ runtime, model, nest, batch, targets, basis, signal, report });
}

/** What a direct operator makes of the images, which must be one value a pixel or a channel. */
async function attribute(
  request: MapRequest,
  descriptor: OperatorDescriptor,
  { target, attribute: run }: BoundDirect,
  nameOf: NameOf,
): Promise<Float32Array> {
  const { runtime, model, images, indices, composition, seed } = request;
  const { batch, forwardBatch, signal, report } = request;
  const shape = model.inputShape;
  const targets = descriptor.usesModel
    ? (request.targets ?? (await targetsOf({ ...request, target, nameOf })))
    : new Int32Array(0);
  const context: DirectContext = {
    runtime,
    model,
    shape,
    seed,
    indices,
    targets,
    batch,
    forwardBatch,
    signal,
    report,
    pixels: (position) => imageOf(images, shape, position),
    input: (position) => inputOf(images, shape, position, model.input),
  };
  const maps = await run(declaredContext(descriptor, context));
  const [height, width, channels] = shape;
  const pixels = indices.length * height * width;
  if (maps.length !== pixels && maps.length !== pixels * channels) {
    throw new RangeError(
      `${composition.op} gave ${maps.length} values for ${indices.length} images of ${height} x ${width} x ${channels}`,
    );
  }
  return maps;
}

/** Rows x, x', ε_1 .. ε_n of images start .. end - 1, as far as the nest needs them. */
function basisOf(request: MapRequest, nest: Nest, start: number, end: number): Tensor3D {
  const { runtime, model, images, noiseImages, indices, seed } = request;
  const { tf } = runtime;
  const shape = model.inputShape;
  const size = sizeOf(shape);
  const count = end - start;
  const known = Math.min(nest.rows, 2);
  const host = new Float32Array(count * known * size);
  return tf.tidy(() => {
    const noise: Tensor2D[] = [];
    for (let i = 0; i < count; i += 1) {
      const image = inputOf(images, shape, start + i, model.input);
      host.set(image, i * known * size);
      if (nest.baseline !== null) {
        const baseline = baselineOf(nest.baseline, image, shape, model.input);
        host.set(baseline, (i * known + 1) * size);
      }
      if (nest.noise) {
        const index = valueAt(indices, start + i);
        const still = noiseImages ? inputOf(noiseImages, shape, start + i, model.input) : image;
        const tensors = noiseTensor(runtime, still, index, shape, nest.noise, seed);
        noise.push(tensors.reshape([nest.noise.n, size]));
      }
    }
    const rows = tf.tensor3d(host, [count, known, size]);
    return noise.length === 0 ? rows : tf.concat([rows, tf.stack(noise) as Tensor3D], 1);
  });
}

/** Control maps drawn between two pauses: some tens of milliseconds. */
const controlsPerPause = 128;

async function drawControl(
  request: MapRequest,
  descriptor: OperatorDescriptor,
  draw: BoundControl,
  count: number,
): Promise<Float32Array> {
  const { runtime, model, images, indices, seed, signal } = request;
  const shape = model.inputShape;
  const pixels = shape[0] * shape[1];
  const maps = new Float32Array(count * pixels);
  const context = declaredContext(descriptor, {
    runtime,
    shape,
    seed,
    indices,
    pixels: (position: number) => imageOf(images, shape, position),
  });
  for (let position = 0; position < count; position += 1) {
    if (position % controlsPerPause === 0) await breathe(signal);
    maps.set(draw(context, position), position * pixels);
  }
  return maps;
}

/**
 * The noise that smooth adds to each image, float32 [N, n, H, W, C] in the model's input space: the
 * very values that `makeMaps` uses.
 */
export function noiseOf(request: {
  readonly runtime: Runtime;
  readonly model: { readonly inputShape: ImageShape; readonly input: DifferentiableModel['input'] };
  readonly images: Images;
  readonly indices: ArrayLike<number>;
  readonly parameters: NoiseParameters;
  readonly seed: number;
}): Float32Array {
  const { runtime, model, images, indices, parameters, seed } = request;
  const shape = model.inputShape;
  const size = sizeOf(shape) * parameters.n;
  const noise = new Float32Array(indices.length * size);
  for (let position = 0; position < indices.length; position += 1) {
    const image = inputOf(images, shape, position, model.input);
    const index = valueAt(indices, position);
    const tensor = noiseTensor(runtime, image, index, shape, parameters, seed);
    noise.set(tensor.dataSync<'float32'>(), position * size);
    tensor.dispose();
  }
  return noise;
}

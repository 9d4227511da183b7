import { Activation } from '../../../src/engine/models/layers/activation';
import { Flatten } from '../../../src/engine/models/layers/flatten';
import { Linear } from '../../../src/engine/models/layers/linear';
import { Network } from '../../../src/engine/models/network';
import { loadRuntime } from '../../../src/engine/runtime/load';
import { type Tensor4D } from '../../../src/engine/runtime/tensorflow';
import { makeMaps, type MapRequest } from '../../../src/engine/saliency/make-maps';
import {
  type DifferentiableModel,
  type ImageShape,
  sizeOf,
} from '../../../src/engine/saliency/model';
import { parseComposition } from '../../../src/shared/catalogue/compositions';
import { defaultMapParameters, type MapParameters } from '../../../src/shared/catalogue/parameters';
import { valueAt } from '../../../src/shared/checked-reads';
import { refuse } from '../../../src/shared/errors';
import { builtInOperators, type Operators } from '../../../src/engine/saliency/operators';

export const runtime = await loadRuntime({ threads: 2 });
const { tf } = runtime;

/** A model whose scores and gradient are written down by hand, one image at a time. */
export function analyticModel(options: {
  shape: ImageShape;
  classes?: number;
  logits: (x: Float32Array) => number[];
  gradient: (x: Float32Array, target: number) => ArrayLike<number>;
  input?: DifferentiableModel['input'];
}): DifferentiableModel & { readonly batches: number[] } {
  const { shape, classes = 1 } = options;
  const size = sizeOf(shape);
  const batches: number[] = [];
  const rowsOf = (x: Tensor4D) => {
    const values = x.dataSync<'float32'>();
    return Array.from({ length: x.shape[0] }, (_, i) => values.subarray(i * size, (i + 1) * size));
  };
  const logits = (x: Tensor4D) => tf.tensor2d(rowsOf(x).map(options.logits));
  return {
    inputShape: shape,
    classes,
    input: options.input ?? {
      mean: new Array<number>(shape[2]).fill(0),
      std: new Array<number>(shape[2]).fill(1),
    },
    batches,
    logits,
    featureLayers: [],
    activationsAndGradients: (_x, _targets, layer) => {
      throw refuse('layer', layer, 'none: the model is no network');
    },
    inputGradient(x, targets) {
      batches.push(x.shape[0]);
      const classOf = targets.dataSync<'int32'>();
      const flat = new Float32Array(x.size);
      rowsOf(x).forEach((row, i) => {
        flat.set(options.gradient(row, valueAt(classOf, i)), i * size);
      });
      const all = logits(x);
      const rows = all.arraySync();
      const scores = Float32Array.from(classOf, (k, i) => rows[i]?.[k] ?? NaN);
      return { gradient: tf.tensor4d(flat, x.shape), scores: tf.tensor1d(scores), logits: all };
    },
  };
}

/** S_c(x) = (c + 1) w · x. */
export function linearModel(weights: readonly number[], classes = 1) {
  const dot = (x: Float32Array) => weights.reduce((sum, w, i) => sum + w * valueAt(x, i), 0);
  return analyticModel({
    shape: [1, weights.length, 1],
    classes,
    logits: (x) => Array.from({ length: classes }, (_, c) => (c + 1) * dot(x)),
    gradient: (_, target) => weights.map((w) => (target + 1) * w),
  });
}

/** S(x) = Σ x_i²; gradient 2 x. */
export function squareModel(width: number) {
  return analyticModel({
    shape: [1, width, 1],
    logits: (x) => [x.reduce((sum, value) => sum + value * value, 0)],
    gradient: (x) => x.map((value) => 2 * value),
  });
}

/**
 * S_0(x) = v · act(W x) of two inputs and two hidden units, on the engine's own layers; S_1 = 0.
 */
export function toyNetwork(kind: 'relu' | 'selu', hidden: number[], output: number[]): Network {
  const { kernels } = runtime;
  const first = new Linear(kernels, 'first', { inputs: [2], outputs: 2 });
  const second = new Linear(kernels, 'second', { inputs: [2], outputs: 2 });
  first.parameters[0]?.write(Float32Array.from(hidden));
  second.parameters[0]?.write(Float32Array.from([...output, 0, 0]));
  return new Network(
    kernels,
    {
      architecture: 'mnist-cnn',
      inputShape: [1, 2, 1],
      classes: 2,
      layers: [new Flatten('flatten'), first, new Activation(kernels, 'act', kind), second],
    },
    { mean: [0], std: [1] },
  );
}

export interface MapOptions {
  labels?: number[];
  indices?: number[];
  seed?: number;
  operators?: Operators;
  batch?: number;
  signal?: AbortSignal;
  report?: (progress: { done: number; total: number; unit: string }) => void;
}

/** Maps of a composition written as text, with the defaults but for what is given. */
export function maps(
  ...[model, images, composition, parameters, options]: Parameters<typeof requestOf>
): Promise<Float32Array> {
  return makeMaps(requestOf(model, images, composition, parameters, options));
}

/** What they are asked for by. */
export function requestOf(
  model: DifferentiableModel,
  images: Float32Array | Uint8Array,
  composition: string,
  parameters: Partial<MapParameters> = {},
  options: MapOptions = {},
): MapRequest {
  const count = Math.floor(images.length / sizeOf(model.inputShape));
  return {
    runtime,
    model,
    images,
    labels: options.labels ?? new Array<number>(count).fill(0),
    indices: options.indices ?? Array.from({ length: count }, (_, i) => i),
    operators: options.operators ?? builtInOperators,
    composition: parseComposition(composition),
    parameters: { ...defaultMapParameters, ...parameters },
    seed: options.seed ?? 0,
    batch: options.batch ?? 8,
    forwardBatch: 5,
    signal: options.signal,
    report: options.report,
  };
}

/** Largest |a - b| over the largest |b|. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let error = 0;
  let scale = 0;
  for (let i = 0; i < b.length; i += 1) {
    const difference = Math.abs((a[i] ?? NaN) - (b[i] ?? NaN));
    if (!(difference <= error)) error = difference;
    scale = Math.max(scale, Math.abs(valueAt(b, i)));
  }
  return scale === 0 ? error : error / scale;
}

/** The bytes of float32 values: -0 and 0 differ, NaN equals itself. */
export function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.slice().buffer);
}

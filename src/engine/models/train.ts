import type { EpochRecord, Init } from '../../shared/catalogue/training';
import { valueAt } from '../../shared/checked-reads';
import { deriveSeed } from '../../shared/seeds';
import { breathe, throwIfCancelled } from '../runtime/cancel';
import type { Kernels } from '../runtime/kernels';
import { permutation } from '../runtime/permutation';
import type { Scalar, Tensor1D, Tensor4D } from '../runtime/tensorflow';
import { augment, type Augmentation } from './augmentation';
import { createOptimiser } from './create-optimiser';
import { evaluate } from './evaluate';
import { type Images, normalise, pixelsOf, type Prepare } from './inputs';
import type { Model } from './model';
import type { OptimiserSettings, OptimiserState, TrainingOptimiser } from './optimiser';
import { ratesAt, type Schedule } from './schedule';

export interface TrainOptions {
  kernels: Kernels;
  /** Initialised, or with the weights of the epoch before. It is trained in place. */
  model: Model;
  train: Images;
  validation: Images;
  /** Train on these images of the split alone; default all. */
  subset?: Int32Array | undefined;
  epochs: number;
  batchSize: number;
  learningRate: number;
  /** Default Adam. */
  optimiser?: OptimiserSettings | undefined;
  /** `last`: the last layer alone is trained, the others stay; default all. */
  layers?: Init['layers'] | undefined;
  /** Default a constant learning rate. */
  schedule?: Schedule | undefined;
  /** Of the training images, after removal; default none. */
  augmentation?: Augmentation | undefined;
  seed: number;
  /** Removal, called for every batch of either split. */
  prepare?: Prepare | undefined;
  /** The first epoch to run, counted from 0; above 0 it needs the state after the one before. */
  startEpoch?: number | undefined;
  optimiserState?: OptimiserState | undefined;
  signal?: AbortSignal | undefined;
  onStep?: ((step: StepReport) => void) | undefined;
  /** Validation images done, of how many. */
  onValidate?: ((done: number, total: number) => void) | undefined;
  /** Called after each epoch and awaited: where a checkpoint is written. */
  onEpoch?:
    ((record: EpochRecord, optimiser: TrainingOptimiser) => Promise<void> | void) | undefined;
}

export interface StepReport {
  epoch: number;
  /** Steps of this epoch done, of how many. */
  step: number;
  steps: number;
  /** Of this batch. */
  loss: number;
  /** Of the epoch so far, with dropout. */
  accuracy: number;
}

/**
 * Train on the mean cross-entropy of shuffled batches; the last, shorter batch of an epoch counts
 * too. The order comes from (seed, 'shuffle', epoch), augmentation from (seed, 'augment', epoch,
 * image) and dropout from (seed, 'dropout', layer, step), so that training resumed at an epoch
 * equals training that ran through, bit by bit.
 *
 * @returns one record per epoch run
 * @throws StudioError `cancelled` within one batch of the signal
 */
export async function trainModel(options: TrainOptions): Promise<EpochRecord[]> {
  const { kernels, model, learningRate, startEpoch = 0, optimiserState } = options;
  throwIfCancelled(options.signal);
  if (startEpoch > 0 && !optimiserState) {
    throw new RangeError("training resumed at an epoch needs the optimiser's state");
  }
  const settings = { ...(options.optimiser ?? { kind: 'adam' }), learningRate };
  const trained = options.layers === 'last' ? model.lastParameters() : model.parameters();
  const optimiser = createOptimiser(kernels, trained, settings, optimiserState);
  try {
    const records: EpochRecord[] = [];
    for (let epoch = startEpoch; epoch < options.epochs; epoch += 1) {
      const record = await trainEpoch(options, optimiser, epoch);
      records.push(record);
      await options.onEpoch?.(record, optimiser);
    }
    return records;
  } finally {
    optimiser.dispose();
  }
}

async function trainEpoch(
  options: TrainOptions,
  optimiser: TrainingOptimiser,
  epoch: number,
): Promise<EpochRecord> {
  const { model, subset, batchSize, seed, signal } = options;
  const started = performance.now();
  const count = subset?.length ?? options.train.count;
  const order = permutation(count, deriveSeed(seed, 'shuffle', epoch));
  const steps = Math.ceil(count / batchSize);
  let lossSum = 0;
  let hits = 0;
  for (let step = 0; step < steps; step += 1) {
    const start = step * batchSize;
    const end = Math.min(count, start + batchSize);
    const indices = order.slice(start, end);
    if (subset) indices.forEach((place, i) => (indices[i] = valueAt(subset, place)));
    const { loss, correct } = trainBatch(options, optimiser, indices, {
      epoch,
      step: epoch * steps + step,
      steps,
    });
    lossSum += loss * indices.length;
    hits += correct;
    options.onStep?.({ epoch, step: step + 1, steps, loss, accuracy: hits / end });
    await breathe(signal);
  }
  const { accuracy } = await evaluate({
    kernels: options.kernels,
    model,
    data: options.validation,
    split: 'validation',
    prepare: options.prepare,
    epoch,
    signal,
    report: options.onValidate,
  });
  return {
    epoch,
    loss: lossSum / Math.max(1, count),
    trainAccuracy: hits / Math.max(1, count),
    validationAccuracy: accuracy,
    seconds: (performance.now() - started) / 1000,
  };
}

function trainBatch(
  options: TrainOptions,
  optimiser: TrainingOptimiser,
  indices: Int32Array,
  place: { epoch: number; step: number; steps: number },
): { loss: number; correct: number } {
  const { kernels, model, train, prepare, augmentation, seed } = options;
  const { layers, schedule = { kind: 'constant' } } = options;
  const { tf } = kernels.operations;
  const size = model.inputShape.reduce((product, side) => product * side, 1);
  const pixels = pixelsOf(train.images, size, indices);
  prepare?.(pixels, indices, { split: 'train', epoch: place.epoch });
  if (augmentation) augment(pixels, model.inputShape, indices, augmentation, { seed, ...place });
  normalise(pixels, model.input);
  optimiser.set(ratesAt(schedule, options.learningRate, place));
  const labels = Int32Array.from(indices, (index) => valueAt(train.labels, index));
  const shape: [number, number, number, number] = [indices.length, ...model.inputShape];
  const [loss, correct] = tf.tidy((): [Scalar, Scalar] => {
    const x = tf.tensor(pixels, shape, 'float32') as Tensor4D;
    const y = tf.tensor1d(labels, 'int32') as Tensor1D;
    const made = model.trainStep(x, y, { optimiser, seed, step: place.step, layers });
    return [made.loss, made.correct];
  });
  const figures = { loss: loss.arraySync(), correct: correct.arraySync() };
  tf.dispose([loss, correct]);
  return figures;
}

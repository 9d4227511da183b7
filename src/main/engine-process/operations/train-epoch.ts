import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Dataset } from '../../../engine/datasets/dataset';
import { withFile } from '../../../engine/models/byte-source';
import { initialise } from '../../../engine/models/initialise';
import { type Model } from '../../../engine/models/model';
import { identityInput, type Networks } from '../../../engine/models/networks/networks';
import { type OptimiserState } from '../../../engine/models/optimiser';
import { trainModel, type TrainOptions } from '../../../engine/models/train';
import {
  decodeModel,
  decodeOptimiser,
  encodeOptimiser,
  modelPieces,
  startingModel,
} from '../../../engine/models/weights';
import { type Runtime } from '../../../engine/runtime/load';
import { type NetworkForm } from '../../../shared/catalogue/network';
import { type Recipe } from '../../../shared/catalogue/training';
import { type EngineInput } from '../../../shared/engine';
import { refuse, StudioError } from '../../../shared/errors';
import { sightOf } from '../../../shared/model-input';
import { stratifiedIndices } from '../../../shared/selection';
import { type Operation, type OperationContext } from '../operation';
import { writeBytes, writePieces } from '../output';

type Input = EngineInput<'train-epoch'>;

export const trainEpoch: Operation<'train-epoch'> = async (input, context) => {
  const { recipe, epoch, outDir } = input;
  const { signal, report } = context;
  const dataset = context.datasets.seen(await context.datasets.get(input), recipe);
  const runtime = await context.runtime();
  const { kernels } = runtime;
  const form = {
    inputShape: dataset.shape,
    classes: dataset.classes.length,
    options: recipe.options,
  };
  const { networks } = context.catalogues;
  const { classes } = dataset;
  const { model, optimiserState } = await start(runtime, networks, input, form, classes);
  try {
    const { train, validation, subset, prepare } = await materialOf(input, context, dataset);
    const images = subset?.length ?? train.count;
    const total = images + validation.count;
    let figures = {};
    let optimiser: Uint8Array | undefined;
    const [record] = await trainModel({
      kernels,
      model,
      train,
      validation,
      subset,
      epochs: epoch + 1,
      startEpoch: epoch,
      optimiserState,
      batchSize: recipe.batchSize,
      learningRate: recipe.learningRate,
      ...trainingOf(recipe),
      seed: recipe.seed,
      prepare,
      signal,
      onStep: ({ step, loss, accuracy }) => {
        if (!Number.isFinite(loss)) throw diverged(epoch, recipe.learningRate);
        figures = { loss, accuracy };
        const done = Math.min(images, step * recipe.batchSize);
        report({ done, total, unit: 'images', ...figures });
      },
      onValidate: (done) => report({ done: images + done, total, unit: 'images', ...figures }),
      onEpoch: async (_record, adam) => {
        optimiser = await encodeOptimiser(model, adam);
      },
    });
    if (!record || !optimiser) throw new RangeError('trainModel ran no epoch');
    const { loss, trainAccuracy, validationAccuracy, seconds } = record;
    return {
      files: [
        await writePieces(outDir, 'model.safetensors', modelPieces(model)),
        await writeBytes(outDir, 'optimiser.safetensors', optimiser),
      ],
      loss,
      trainAccuracy,
      validationAccuracy,
      seconds,
    };
  } finally {
    model.dispose();
  }
};

/** The images of both splits, which of them train, and what is removed from them. */
async function materialOf(
  { recipe, removal, removalSeed, retraining }: Input,
  context: OperationContext,
  dataset: Dataset,
): Promise<Pick<TrainOptions, 'train' | 'validation' | 'subset' | 'prepare'>> {
  const { trainLimit: limit, seed } = recipe;
  if (retraining) return context.removal.retraining(dataset, retraining, limit, context.signal);
  const { train, validation } = dataset;
  const subset =
    limit === null || limit >= train.count
      ? undefined
      : Int32Array.from(stratifiedIndices(train.labels, limit, seed, 'train-limit'));
  const prepare = context.removal.random(dataset, removal, removalSeed);
  return { train, validation, subset, prepare };
}

/** The recipe's optimiser, schedule and augmentation, as training takes them. */
function trainingOf(
  recipe: Recipe,
): Pick<TrainOptions, 'optimiser' | 'layers' | 'schedule' | 'augmentation'> {
  const { optimiser, momentum, weightDecay, nesterov, schedule, augmentation, epochs } = recipe;
  const varied = augmentation.padding > 0 || augmentation.flip;
  return {
    optimiser:
      optimiser === 'sgd' ? { kind: 'sgd', momentum, weightDecay, nesterov } : { kind: 'adam' },
    layers: recipe.init?.layers,
    // The cycle spans the whole training, whichever of its epochs this is.
    schedule: schedule.kind === 'one-cycle' ? { kind: 'one-cycle', epochs } : schedule,
    augmentation: varied ? augmentation : undefined,
  };
}

/**
 * For epoch 0 the seeded initialisation or the weights that the recipe starts from; for the others the
 * checkpoint of the epoch before.
 */
async function start(
  { kernels }: Runtime,
  networks: Networks,
  { epoch, checkpoint, initial, recipe }: Input,
  form: NetworkForm,
  classes: readonly string[],
): Promise<{ model: Model; optimiserState: OptimiserState | undefined }> {
  const sight = sightOf(recipe);
  if (epoch === 0 && recipe.init) {
    const { architecture, init, seed } = recipe;
    if (initial === null) throw refuse('initial', initial, `the file of weights ${init.weights}`);
    const file = basename(initial);
    const { head } = init;
    const about = { file, networks, architecture, form, head, classes, sight, seed };
    const model = await withFile(initial, (bytes) => startingModel(kernels, bytes, about));
    return { model, optimiserState: undefined };
  }
  if (epoch === 0) {
    const input = { ...identityInput(form.inputShape[2]), ...sight };
    const model = networks.create(kernels, recipe.architecture, form, input);
    initialise(kernels, model, recipe.seed);
    return { model, optimiserState: undefined };
  }
  if (!checkpoint) {
    throw refuse('checkpoint', checkpoint, `the files of epoch ${epoch - 1}, for epoch ${epoch}`);
  }
  const optimiserState = decodeOptimiser(
    await readFile(checkpoint.optimiser),
    basename(checkpoint.optimiser),
  );
  const options = {
    file: basename(checkpoint.model),
    networks,
    architecture: recipe.architecture,
  };
  const model = await withFile(checkpoint.model, (file) => decodeModel(kernels, file, options));
  return { model, optimiserState };
}

function diverged(epoch: number, learningRate: number): StudioError {
  return new StudioError({
    code: 'invalid-input',
    message: `Training diverged in epoch ${epoch + 1}: its loss is no longer a number. Use a learning rate below ${learningRate}.`,
    field: 'recipe.learningRate',
    value: String(learningRate),
    accepted: `a number below ${learningRate}`,
  });
}

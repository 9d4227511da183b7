import { type Split } from '../../../../shared/catalogue/datasets';
import { type Recipe } from '../../../../shared/catalogue/training';
import { type Retraining } from '../../../../shared/engine';
import { conflict } from '../../../../shared/errors';
import { type NewId } from '../../../../shared/ids';
import { deriveSeed } from '../../../../shared/seeds';
import { adoptFile } from '../../artifacts/adopt';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import { artifactKey } from '../../artifacts/artifacts';
import { datasetSource } from '../../datasets/folders';
import { type EngineHost } from '../../engine/engine-host';
import { type Events } from '../../jobs/events';
import { type Context, type ItemResult, type JobRun } from '../../jobs/job-run';
import { type JobsRepository } from '../../jobs/jobs-repository';
import { type ModelsRepository } from '../../models/models-repository';
import { type Database } from '../../storage/database';
import { type Clock } from '../../storage/environment';
import { type InstalledFiles } from '../../storage/installed-files';
import { type Scratch } from '../../storage/scratch';
import { type RetrainedRepository } from '../retrained-repository';
import { type RunsRepository } from '../runs-repository';
import { trainLevel, weightsOf } from './levels';
import { makeOrders } from './orders';
import { type Attempt } from './prepare';
import { baseItem, gridItem, type GridModel, gridModels } from './retrain-stages';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly database: Database;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly files: InstalledFiles;
  readonly jobs: JobsRepository;
  readonly models: ModelsRepository;
  readonly newId: NewId;
  readonly retrained: RetrainedRepository;
  readonly runs: RunsRepository;
  readonly scratch: Scratch;
}

/**
 * The protocols that retrain (Hooker et al. 2019, arXiv 1806.10758): a base model, its maps' pixel
 * orders of every image, then a new model for each method, level and repetition, trained and tested
 * on images degraded by that method's orders.
 */
export async function runRetraining(parts: Parts, attempt: Attempt, run: JobRun): Promise<void> {
  const { settings, methods } = attempt;
  await trainLevel(parts, attempt, run, 0);
  await makeOrders(parts, attempt, run);
  await run.item('retrain', baseItem, (context) => baseAccuracy(parts, attempt, context));
  for (const model of gridModels(settings, methods))
    await trainGridModel(parts, attempt, run, model);
}

/**
 * The recipe of a repetition: its own seed, from (recipe.seed, 'repetition', r); the first has the
 * recipe's, which is the base model's.
 */
export function repetitionRecipe(recipe: Recipe, repetition: number): Recipe {
  if (repetition === 0) return recipe;
  return { ...recipe, seed: deriveSeed(recipe.seed, 'repetition', repetition)[0] };
}

/** Level 0, repetition 0: the base model, tested on the images that count. */
async function baseAccuracy(
  parts: Pick<
    Parts,
    'artifacts' | 'dataDir' | 'engine' | 'files' | 'models' | 'retrained' | 'runs'
  >,
  attempt: Attempt,
  context: Context,
): Promise<ItemResult> {
  const { settings, record } = attempt;
  const { seed, images } = settings;
  const weights = await weightsOf(parts, attempt, 0);
  const { accuracy } = await parts.engine.request(
    'evaluate',
    {
      ...datasetSource(parts, settings.dataset),
      ...{ model: weights.path, split: 'validation', choice: { count: images, seed } },
      ...{ removal: { level: 0 }, removalSeed: 0 },
    },
    { lane: 'batch', ...context },
  );
  const seconds = parts.runs.levels(record.id).find(({ level }) => level === 0)?.seconds ?? 0;
  return {
    artifacts: [],
    reused: false,
    commit: () =>
      parts.retrained.putModel(record.id, {
        ...{ method: null, level: 0, repetition: 0, accuracy, seconds },
      }),
    announce: [{ type: 'run.changed', run: record.id }],
  };
}

/**
 * One model, an epoch an item. Its checkpoints live as long as a later epoch needs them, so that a
 * grid of hundreds of models takes the disk of one.
 */
async function trainGridModel(
  parts: Pick<
    Parts,
    'artifacts' | 'dataDir' | 'engine' | 'files' | 'jobs' | 'retrained' | 'scratch'
  >,
  attempt: Attempt,
  run: JobRun,
  model: GridModel,
): Promise<void> {
  const { epochs } = attempt.settings.recipe;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    await run.item('retrain', gridItem(model, epoch), (context) =>
      gridEpoch(parts, attempt, run, context, model, epoch),
    );
    if (epoch > 0)
      await parts.artifacts.release(namesOf(checkpointKeys(attempt, model, epoch - 1)));
  }
}

async function gridEpoch(
  parts: Pick<
    Parts,
    'artifacts' | 'dataDir' | 'engine' | 'files' | 'jobs' | 'retrained' | 'scratch'
  >,
  attempt: Attempt,
  run: JobRun,
  context: Context,
  model: GridModel,
  epoch: number,
): Promise<ItemResult> {
  const { settings, record } = attempt;
  const last = epoch === settings.recipe.epochs - 1;
  const trained = await trainEpoch(parts, attempt, context, model, epoch, !last);
  if (!last) {
    return { artifacts: namesOf(checkpointKeys(attempt, model, epoch)), reused: false };
  }
  const earlier = Array.from(
    { length: epoch },
    (_, before) => parts.jobs.item(run.job.id, 'retrain', gridItem(model, before))?.seconds ?? 0,
  );
  const seconds = earlier.reduce((sum, value) => sum + value, trained.seconds);
  return {
    artifacts: [],
    reused: false,
    commit: () =>
      parts.retrained.putModel(record.id, {
        method: model.method?.id ?? null,
        level: model.level,
        repetition: model.repetition,
        accuracy: trained.validationAccuracy,
        seconds,
      }),
    announce: [{ type: 'run.changed', run: record.id }],
  };
}

interface CheckpointKeys {
  readonly weights: string;
  readonly optimiser: string;
}

/** A run's settings never change, so its id, the model's place and the epoch determine the content. */
function checkpointKeys(attempt: Attempt, model: GridModel, epoch: number): CheckpointKeys {
  const { level, repetition } = model;
  const inputs = {
    ...{ run: attempt.record.id, method: model.method?.id ?? null, level, repetition, epoch },
  };
  return { weights: artifactKey('weights', inputs), optimiser: artifactKey('optimiser', inputs) };
}

const namesOf = ({ weights, optimiser }: CheckpointKeys) => [weights, optimiser];

/** One epoch from the checkpoint before it; a lost checkpoint is trained again first. */
async function trainEpoch(
  parts: Pick<Parts, 'artifacts' | 'dataDir' | 'engine' | 'files' | 'retrained' | 'scratch'>,
  attempt: Attempt,
  context: Context,
  model: GridModel,
  epoch: number,
  keep: boolean,
): Promise<{ validationAccuracy: number; seconds: number }> {
  const { settings } = attempt;
  const checkpoint =
    epoch === 0 ? null : await checkpointOf(parts, attempt, context, model, epoch - 1);
  const retraining = await retrainingOf(parts, attempt, model);
  return parts.scratch(async (outDir) => {
    const { files, validationAccuracy, seconds } = await parts.engine.request(
      'train-epoch',
      {
        ...datasetSource(parts, settings.dataset),
        recipe: repetitionRecipe(settings.recipe, model.repetition),
        ...{ removal: {}, removalSeed: 0, epoch, checkpoint, retraining, outDir },
      },
      { lane: 'batch', ...context },
    );
    if (keep) {
      const keys = checkpointKeys(attempt, model, epoch);
      await adoptFile(parts, outDir, files, 'model.safetensors', 'weights', keys.weights);
      await adoptFile(parts, outDir, files, 'optimiser.safetensors', 'optimiser', keys.optimiser);
    }
    return { validationAccuracy, seconds };
  });
}

async function checkpointOf(
  parts: Pick<Parts, 'artifacts' | 'dataDir' | 'engine' | 'files' | 'retrained' | 'scratch'>,
  attempt: Attempt,
  context: Context,
  model: GridModel,
  epoch: number,
): Promise<{ model: string; optimiser: string }> {
  const { artifacts } = parts;
  const { weights, optimiser } = checkpointKeys(attempt, model, epoch);
  if (!(await artifacts.has(weights)) || !(await artifacts.has(optimiser))) {
    await trainEpoch(parts, attempt, context, model, epoch, true);
  }
  return { model: await artifacts.open(weights), optimiser: await artifacts.open(optimiser) };
}

/** What the engine removes for one model: nothing, or by the files of its method's orders. */
async function retrainingOf(
  parts: Pick<Parts, 'artifacts' | 'retrained'>,
  { settings, record, shards, trainShards }: Attempt,
  { method, level }: GridModel,
): Promise<Retraining> {
  const { protocol, fill, seed, images, recipe } = settings;
  const paths = async (split: Split, count: number): Promise<string[]> => {
    if (method === null) return [];
    const stored = parts.retrained.orders(record.id, method.id, split);
    if (stored.length !== count) {
      throw conflict(
        `Pixel orders of ${method.name} are missing: resume the run to make them again.`,
      );
    }
    const found: string[] = [];
    for (const { artifact } of stored) found.push(await parts.artifacts.open(artifact));
    return found;
  };
  return {
    ...{ level, keep: protocol === 'keep-and-retrain', fill, seed, images, trainSeed: recipe.seed },
    orders: {
      train: await paths('train', trainShards.length),
      validation: await paths('validation', shards.length),
    },
  };
}

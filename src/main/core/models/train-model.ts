import { type EpochRecord, type Recipe } from '../../../shared/catalogue/training';
import { conflict, notFound } from '../../../shared/errors';
import { adoptFile } from '../artifacts/adopt';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { epochKeys, type TrainingSpec } from '../artifacts/keys';
import { datasetSource } from '../datasets/folders';
import { type EngineHost } from '../engine/engine-host';
import { epochItem } from '../jobs/costs';
import { type Events } from '../jobs/events';
import { type Context, type ItemResult, type JobRun } from '../jobs/job-run';
import { type Database } from '../storage/database';
import { type Clock, now } from '../storage/environment';
import { type InstalledFiles } from '../storage/installed-files';
import { type Scratch } from '../storage/scratch';
import { type ModelsRepository, type StoredEpoch, type StoredModel } from './models-repository';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly database: Database;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly files: InstalledFiles;
  readonly models: ModelsRepository;
  readonly scratch: Scratch;
}

interface TrainedEpoch {
  readonly record: EpochRecord;
  readonly weights: string;
  readonly optimiser: string;
}

export interface ModelRequest {
  readonly spec: TrainingSpec;
  readonly key: string;
  /** The job that will train it; must be in the ledger. */
  readonly job: string;
  readonly name: string;
  /** The id of a new row. */
  readonly id: string;
}

/** The stored model of a key, or a new row for it. Equal keys are one model, whoever trains it. */
export function modelFor(
  parts: Pick<Parts, 'clock' | 'models'>,
  { spec, key, job, name, id }: ModelRequest,
): StoredModel {
  const present = parts.models.findByKey(key);
  if (present) return present;
  const createdAt = now(parts);
  parts.models.insert({
    ...spec,
    architecture: spec.recipe.architecture,
    ...{ id, key, name, origin: 'trained', job, state: 'incomplete', createdAt },
  });
  const stored = parts.models.get(id);
  if (!stored) throw notFound('model', id);
  return stored;
}

/** A model that training can make: one with a recipe. */
type TrainableModel = StoredModel & { readonly recipe: Recipe };

function trainable(parts: Pick<Parts, 'models'>, id: string): TrainableModel {
  const model = parts.models.get(id);
  if (!model) throw notFound('model', id);
  if (!model.recipe) throw conflict(`${model.name} was imported and has no recipe to train by.`);
  return { ...model, recipe: model.recipe };
}

/**
 * Train a model epoch by epoch, an item each, from wherever its checkpoints stand: the same for a
 * model of its own and for a level of a run.
 */
export async function trainModel(
  parts: Pick<
    Parts,
    'artifacts' | 'dataDir' | 'database' | 'engine' | 'events' | 'files' | 'models' | 'scratch'
  >,
  run: JobRun,
  id: string,
): Promise<void> {
  const model = trainable(parts, id);
  if (model.state !== 'ready') {
    parts.database.transaction(() => {
      parts.models.setState(id, 'training');
      parts.models.setJob(id, run.job.id);
    });
    parts.events.emit({ type: 'model.changed', model: id });
  }
  for (let epoch = 0; epoch < model.recipe.epochs; epoch += 1) {
    await run.item('train', epochItem(model.removal.level, epoch), (context) =>
      epochResult(parts, context, model, epoch),
    );
  }
  // Of a finished model only the last optimiser's state is named; files of others only take disk.
  for (let epoch = 0; epoch < model.recipe.epochs - 1; epoch += 1) {
    await parts.artifacts.release([epochKeys(model.key, epoch).optimiser]);
  }
}

async function epochResult(
  parts: Pick<
    Parts,
    'artifacts' | 'dataDir' | 'database' | 'engine' | 'files' | 'models' | 'scratch'
  >,
  context: Context,
  model: TrainableModel,
  epoch: number,
): Promise<ItemResult> {
  const present = storedEpoch(parts, model, epoch);
  if (present?.weights && (await parts.artifacts.has(present.weights))) {
    return { artifacts: [present.weights], reused: true };
  }
  const { id, recipe } = model;
  const trained = await trainEpoch(parts, context, model, epoch);
  const last = epoch === recipe.epochs - 1;
  return {
    artifacts: [trained.weights, trained.optimiser],
    reused: false,
    commit: () => {
      parts.models.putEpoch(id, trained.record, trained.weights, trained.optimiser);
      if (!last) return;
      parts.models.finish(id, trained.weights, trained.record.validationAccuracy);
      parts.models.dropEarlierOptimisers(id);
    },
    announce: [
      { type: 'model.epoch', model: id, epoch: trained.record },
      ...(last ? [{ type: 'model.changed' as const, model: id }] : []),
    ],
  };
}

/** One epoch from the checkpoint before it; a lost checkpoint is trained again first. */
async function trainEpoch(
  parts: Pick<
    Parts,
    'artifacts' | 'dataDir' | 'database' | 'engine' | 'files' | 'models' | 'scratch'
  >,
  context: Context,
  model: TrainableModel,
  epoch: number,
): Promise<TrainedEpoch> {
  const checkpoint = epoch === 0 ? null : await checkpointOf(parts, context, model, epoch - 1);
  const keys = epochKeys(model.key, epoch);
  const { recipe, removal, removalSeed } = model;
  return parts.scratch(async (outDir) => {
    const output = await parts.engine.request(
      'train-epoch',
      {
        ...datasetSource(parts, model.dataset),
        ...{ recipe, removal, removalSeed, epoch, checkpoint, outDir },
      },
      { lane: 'batch', signal: context.signal, report: context.report },
    );
    await adoptFile(parts, outDir, output.files, 'model.safetensors', 'weights', keys.weights);
    await adoptFile(
      parts,
      outDir,
      output.files,
      'optimiser.safetensors',
      'optimiser',
      keys.optimiser,
    );
    const { loss, trainAccuracy, validationAccuracy, seconds } = output;
    return { record: { epoch, loss, trainAccuracy, validationAccuracy, seconds }, ...keys };
  });
}

async function checkpointOf(
  parts: Pick<
    Parts,
    'artifacts' | 'dataDir' | 'database' | 'engine' | 'files' | 'models' | 'scratch'
  >,
  context: Context,
  model: TrainableModel,
  epoch: number,
): Promise<{ model: string; optimiser: string }> {
  const { artifacts, database, models } = parts;
  let stored: Checkpoint | null = checkpointKeys(storedEpoch(parts, model, epoch));
  const there =
    stored && (await artifacts.has(stored.weights)) && (await artifacts.has(stored.optimiser));
  if (!stored || !there) {
    const trained = await trainEpoch(parts, context, model, epoch);
    const { record, weights, optimiser } = trained;
    database.transaction(() => models.putEpoch(model.id, record, weights, optimiser));
    stored = { weights, optimiser };
  }
  return {
    model: await artifacts.open(stored.weights),
    optimiser: await artifacts.open(stored.optimiser),
  };
}

interface Checkpoint {
  readonly weights: string;
  readonly optimiser: string;
}

function checkpointKeys(stored: StoredEpoch | undefined): Checkpoint | null {
  if (!stored?.weights || !stored.optimiser) return null;
  return { weights: stored.weights, optimiser: stored.optimiser };
}

function storedEpoch(
  parts: Pick<Parts, 'models'>,
  model: StoredModel,
  epoch: number,
): StoredEpoch | undefined {
  return parts.models.epochs(model.id).find((stored) => stored.epoch === epoch);
}

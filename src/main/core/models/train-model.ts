import { type EpochRecord, type Recipe } from '../../../shared/catalogue/training';
import { conflict, type Core, datasetSource, notFound, now } from '../core';
import { type StoredEpoch, type StoredModel } from './models-repository';
import { adoptFile } from '../artifacts/adopt';
import { epochItem } from '../jobs/costs';
import { type Context, type ItemResult, type JobRun } from '../jobs/job-run';
import { epochKeys, type TrainingSpec } from '../artifacts/keys';

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
export function modelFor(core: Core, { spec, key, job, name, id }: ModelRequest): StoredModel {
  const present = core.models.findByKey(key);
  if (present) return present;
  const createdAt = now(core);
  core.models.insert({
    ...spec,
    ...{ id, key, name, origin: 'trained', job, state: 'incomplete', createdAt },
  });
  const stored = core.models.get(id);
  if (!stored) throw notFound('model', id);
  return stored;
}

/** A model that training can make: one with a recipe. */
type TrainableModel = StoredModel & { readonly recipe: Recipe };

function trainable(core: Core, id: string): TrainableModel {
  const model = core.models.get(id);
  if (!model) throw notFound('model', id);
  if (!model.recipe) throw conflict(`${model.name} was imported and has no recipe to train by.`);
  return { ...model, recipe: model.recipe };
}

/**
 * Train a model epoch by epoch, an item each, from wherever its checkpoints stand: the same for a
 * model of its own and for a level of a run.
 */
export async function trainModel(core: Core, run: JobRun, id: string): Promise<void> {
  const model = trainable(core, id);
  if (model.state !== 'ready') {
    core.database.transaction(() => {
      core.models.setState(id, 'training');
      core.models.setJob(id, run.job.id);
    });
    core.events.emit({ type: 'model.changed', model: id });
  }
  for (let epoch = 0; epoch < model.recipe.epochs; epoch += 1) {
    await run.item('train', epochItem(model.removal.level, epoch), (context) =>
      epochResult(core, context, model, epoch),
    );
  }
  // Of a finished model only the last optimiser's state is named; files of others only take disk.
  for (let epoch = 0; epoch < model.recipe.epochs - 1; epoch += 1) {
    await core.artifacts.release([epochKeys(model.key, epoch).optimiser]);
  }
}

async function epochResult(
  core: Core,
  context: Context,
  model: TrainableModel,
  epoch: number,
): Promise<ItemResult> {
  const present = storedEpoch(core, model, epoch);
  if (present?.weights && (await core.artifacts.has(present.weights))) {
    return { artifacts: [present.weights], reused: true };
  }
  const { id, recipe } = model;
  const trained = await trainEpoch(core, context, model, epoch);
  const last = epoch === recipe.epochs - 1;
  return {
    artifacts: [trained.weights, trained.optimiser],
    reused: false,
    commit: () => {
      core.models.putEpoch(id, trained.record, trained.weights, trained.optimiser);
      if (!last) return;
      core.models.finish(id, trained.weights, trained.record.validationAccuracy);
      core.models.dropEarlierOptimisers(id);
    },
    announce: [
      { type: 'model.epoch', model: id, epoch: trained.record },
      ...(last ? [{ type: 'model.changed' as const, model: id }] : []),
    ],
  };
}

/** One epoch from the checkpoint before it; a lost checkpoint is trained again first. */
async function trainEpoch(
  core: Core,
  context: Context,
  model: TrainableModel,
  epoch: number,
): Promise<TrainedEpoch> {
  const checkpoint = epoch === 0 ? null : await checkpointOf(core, context, model, epoch - 1);
  const keys = epochKeys(model.key, epoch);
  const { architecture, recipe, removal, removalSeed } = model;
  return core.scratch(async (outDir) => {
    const output = await core.engine.request(
      'train-epoch',
      {
        ...datasetSource(core, model.dataset),
        ...{ architecture, recipe, removal, removalSeed, epoch, checkpoint, outDir },
      },
      { lane: 'batch', signal: context.signal, report: context.report },
    );
    await adoptFile(core, outDir, output.files, 'model.safetensors', 'weights', keys.weights);
    await adoptFile(
      core,
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
  core: Core,
  context: Context,
  model: TrainableModel,
  epoch: number,
): Promise<{ model: string; optimiser: string }> {
  const { artifacts, database, models } = core;
  let stored: Checkpoint | null = checkpointKeys(storedEpoch(core, model, epoch));
  const there =
    stored && (await artifacts.has(stored.weights)) && (await artifacts.has(stored.optimiser));
  if (!stored || !there) {
    const trained = await trainEpoch(core, context, model, epoch);
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

function storedEpoch(core: Core, model: StoredModel, epoch: number): StoredEpoch | undefined {
  return core.models.epochs(model.id).find((stored) => stored.epoch === epoch);
}

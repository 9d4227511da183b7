import { z } from 'zod';
import { type Recipe } from '../../../shared/catalogue/training';
import { conflict, notFound } from '../../../shared/errors';
import { modelIdSchema } from '../../../shared/ids';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { datasetKeySchema } from '../artifacts/dataset-key';
import { type DatasetKey, engineKey, type EngineKey, modelKey } from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { requireSameDataset } from '../datasets/same-dataset';
import { type EngineHost } from '../engine/engine-host';
import { trainingStage } from '../jobs/costs';
import { type Events } from '../jobs/events';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type JobKind } from '../jobs/scheduler';
import { type Database } from '../storage/database';
import { type InstalledFiles } from '../storage/installed-files';
import { type Scratch } from '../storage/scratch';
import { networkOf } from './model-form';
import { type ModelsRepository, type StoredModel } from './models-repository';
import { type RatesService } from './rates';
import { trainModel } from './train-model';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly dataDir: string;
  readonly database: Database;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly files: InstalledFiles;
  readonly jobs: JobsRepository;
  readonly models: ModelsRepository;
  readonly scratch: Scratch;
}

export const trainInputSchema = z.object({
  model: modelIdSchema,
  /** The dataset by its content; absent in jobs from before it was kept. */
  dataset: datasetKeySchema.nullable().default(null),
});

/** Trains one model; an epoch is an item. */
export function trainJob(parts: Parts, datasets: DatasetsService, rates: RatesService): JobKind {
  return {
    kind: 'train',
    recovery: 'resume',
    async run(run) {
      const { model: id, dataset } = parts.jobs.input(run.job.id, trainInputSchema);
      const model = parts.models.get(id);
      if (!model?.recipe) throw notFound('model', id);
      requireSameDataset(datasets, 'The training', dataset, await datasets.key(model.dataset));
      const engine = engineKey(await parts.engine.ready());
      if (dataset && model.state !== 'ready')
        requireSameTraining(model, model.recipe, dataset, engine);
      const counts = await datasets.counts(model.dataset);
      const speed = await rates.stored(networkOf(counts, model.recipe));
      const stage = trainingStage([model.removal.level], model.recipe, counts, speed);
      run.plan([stage], speed !== null);
      await trainModel(parts, run, id);
    },
    datasets({ subject }) {
      const model = subject === null ? undefined : parts.models.get(subject);
      return model ? [model.dataset] : [];
    },
    changed(job) {
      if (job.subject === null) return;
      settleModels(parts, job.id, job.state);
      parts.events.emit({ type: 'model.changed', model: job.subject });
    },
  };
}

/** A model's key says what made its weights: another engine would put others under it. */
function requireSameTraining(
  model: StoredModel,
  recipe: Recipe,
  dataset: DatasetKey,
  engine: EngineKey,
): void {
  const { dataset: id, removal, removalSeed } = model;
  const spec = { dataset: id, recipe, removal, removalSeed };
  if (modelKey(spec, dataset, engine) === model.key) return;
  throw conflict(
    `The training of ${model.name} was begun with another engine, other batch sizes or an earlier version, whose weights differ in the last digits, and cannot go on here. Train a new model with the same recipe, or go on where it was begun.`,
  );
}

/** A job that stopped leaves no model in training. */
export function settleModels(
  parts: Pick<Parts, 'events' | 'models'>,
  job: string,
  state: string,
): void {
  if (['queued', 'running', 'cancelling'].includes(state)) return;
  for (const model of parts.models.list()) {
    if (model.job !== job || model.state !== 'training') continue;
    parts.models.setState(model.id, 'incomplete');
    parts.events.emit({ type: 'model.changed', model: model.id });
  }
}

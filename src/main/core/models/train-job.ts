import { z } from 'zod';
import { type Recipe } from '../../../shared/catalogue/training';
import { modelIdSchema } from '../../../shared/ids';
import { conflict, type Core, notFound } from '../core';
import { type DatasetsService } from '../datasets/datasets-service';
import { networkOf } from './model-form';
import { type RatesService } from './rates';
import { datasetKeySchema } from '../artifacts/dataset-key';
import { type StoredModel } from './models-repository';
import { trainingStage } from '../jobs/costs';
import { type DatasetKey, engineKey, type EngineKey, modelKey } from '../artifacts/keys';
import { requireSameDataset } from '../datasets/same-dataset';
import { type JobKind } from '../jobs/scheduler';
import { trainModel } from './train-model';

export const trainInputSchema = z.object({
  model: modelIdSchema,
  /** The dataset by its content; absent in jobs from before it was kept. */
  dataset: datasetKeySchema.nullable().default(null),
});

/** Trains one model; an epoch is an item. */
export function trainJob(core: Core, datasets: DatasetsService, rates: RatesService): JobKind {
  return {
    kind: 'train',
    recovery: 'resume',
    async run(run) {
      const { model: id, dataset } = core.jobs.input(run.job.id, trainInputSchema);
      const model = core.models.get(id);
      if (!model?.recipe) throw notFound('model', id);
      requireSameDataset('The training', dataset, await datasets.key(model.dataset));
      const engine = engineKey(await core.engine.ready());
      if (dataset && model.state !== 'ready')
        requireSameTraining(model, model.recipe, dataset, engine);
      const counts = await datasets.counts(model.dataset);
      const speed = await rates.stored(networkOf(model.dataset, counts.classes, model.recipe));
      const stage = trainingStage([model.removal.level], model.recipe, counts, speed);
      run.plan([stage], speed !== null);
      await trainModel(core, run, id);
    },
    changed(job) {
      if (job.subject === null) return;
      settleModels(core, job.id, job.state);
      core.events.emit({ type: 'model.changed', model: job.subject });
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
  const { architecture, removal, removalSeed } = model;
  const spec = { dataset: model.dataset, architecture, recipe, removal, removalSeed };
  if (modelKey(spec, dataset, engine) === model.key) return;
  throw conflict(
    `The training of ${model.name} was begun with another engine, other batch sizes or an earlier version, whose weights differ in the last digits, and cannot go on here. Train a new model with the same recipe, or go on where it was begun.`,
  );
}

/** A job that stopped leaves no model in training. */
export function settleModels(core: Core, job: string, state: string): void {
  if (['queued', 'running', 'cancelling'].includes(state)) return;
  for (const model of core.models.list()) {
    if (model.job !== job || model.state !== 'training') continue;
    core.models.setState(model.id, 'incomplete');
    core.events.emit({ type: 'model.changed', model: model.id });
  }
}

import { z } from 'zod';
import { modelIdSchema } from '../../../shared/ids';
import { type Core, notFound } from '../services/core';
import { type DatasetsService } from '../services/datasets';
import { networkOf } from '../services/model-form';
import { type RatesService } from '../services/rates';
import { datasetKeySchema } from '../storage/dataset-key';
import { trainingStage } from './costs';
import { requireSameDataset } from './same-dataset';
import { type JobKind } from './scheduler';
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
      await core.engine.ready();
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

/** A job that stopped leaves no model in training. */
export function settleModels(core: Core, job: string, state: string): void {
  if (['queued', 'running', 'cancelling'].includes(state)) return;
  for (const model of core.models.list()) {
    if (model.job !== job || model.state !== 'training') continue;
    core.models.setState(model.id, 'incomplete');
    core.events.emit({ type: 'model.changed', model: model.id });
  }
}

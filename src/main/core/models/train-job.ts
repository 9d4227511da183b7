import { z } from 'zod';
import { type Recipe } from '../../../shared/catalogue/training';
import { notFound, otherEngine } from '../../../shared/errors';
import { counted } from '../../../shared/format/counts';
import { modelIdSchema } from '../../../shared/ids';
import { mostThreads, setAgain } from '../../../shared/threads';
import { datasetKeySchema } from '../artifacts/dataset-key';
import {
  type DatasetKey,
  engineKey,
  type EngineKey,
  modelKey,
  type TrainingSpec,
} from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { requireSameDataset } from '../datasets/same-dataset';
import { type EngineHost } from '../engine/engine-host';
import { type Events } from '../jobs/events';
import { type Perform } from '../jobs/run-plan';
import { type JobKind } from '../jobs/scheduler';
import { networkOf } from './model-form';
import { type ModelsRepository, type StoredModel } from './models-repository';
import { type RatesService } from './rates';
import { trainingPlan } from './training-plan';
import { type Trainings } from './trainings';

interface Parts {
  readonly datasets: DatasetsService;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly models: ModelsRepository;
  readonly perform: Perform;
  readonly rates: RatesService;
  readonly trainings: Trainings;
}

export const trainInputSchema = z.object({
  model: modelIdSchema,
  /** The dataset by its content; null in jobs of before it was kept, which cannot go on. */
  dataset: datasetKeySchema.nullable().default(null),
});

/** Trains one model; an epoch is an item. */
export function trainJob(parts: Parts): JobKind {
  const { datasets, events, models, perform, rates, trainings } = parts;
  return {
    kind: 'train',
    recovery: 'resume',
    async run(run) {
      const { model: id, dataset } = run.input(trainInputSchema);
      const model = models.get(id);
      if (!model?.recipe) throw notFound('model', id);
      const content = await datasets.key(model.dataset);
      requireSameDataset(datasets, 'The training', dataset, content);
      const engine = engineKey(await parts.engine.ready());
      if (model.state !== 'ready') requireSameTraining(model, model.recipe, dataset, engine);
      const counts = await datasets.counts(model.dataset);
      const network = networkOf(counts, model.recipe);
      const plan = trainingPlan(trainings, {
        spec: specOf(model, model.recipe),
        dataset: content,
        key: model.key,
        network,
        counts,
        rates: await rates.stored(network),
        model: () => models.get(id),
        job: run.job.id,
      });
      await perform(run, plan);
    },
    datasets({ subject }) {
      const model = subject === null ? undefined : models.get(subject);
      return model ? [model.dataset] : [];
    },
    changed(job) {
      if (job.subject === null) return;
      trainings.settle(job.id, job.state);
      events.emit({ type: 'model.changed', model: job.subject });
    },
  };
}

const specOf = ({ dataset, removal, removalSeed }: StoredModel, recipe: Recipe): TrainingSpec => ({
  dataset,
  recipe,
  removal,
  removalSeed,
});

/** A model's key says what made its weights: another engine would put others under it. */
function requireSameTraining(
  model: StoredModel,
  recipe: Recipe,
  dataset: DatasetKey | null,
  engine: EngineKey,
): void {
  const began = (threads: number): boolean =>
    dataset !== null &&
    modelKey(specOf(model, recipe), dataset, { ...engine, threads }) === model.key;
  if (began(engine.threads)) return;
  const threads = Array.from({ length: mostThreads }, (_, i) => i + 1).find(began);
  if (threads !== undefined) {
    throw otherEngine(
      `The training of ${model.name} was begun with ${counted(threads, 'thread')} an item and cannot go on with ${engine.threads}: their weights differ in the last digits. ${setAgain(threads)}, or train a new model with the same recipe.`,
    );
  }
  throw otherEngine(
    `The training of ${model.name} was begun with another engine, other batch sizes or an earlier version, whose weights differ in the last digits, and cannot go on here. Train a new model with the same recipe, or go on where it was begun.`,
  );
}

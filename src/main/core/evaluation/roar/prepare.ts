import { z } from 'zod';
import { type DatasetFacts } from '../../../../shared/catalogue/datasets';
import { type Method } from '../../../../shared/catalogue/methods';
import { retrains, type RoarSettings } from '../../../../shared/catalogue/roar';
import { notFound } from '../../../../shared/errors';
import { runIdSchema } from '../../../../shared/ids';
import { type RunRecord } from '../../../../shared/records';
import { stratifiedIndices } from '../../../../shared/selection';
import { type DatasetKey, engineKey, type EngineKey, type ImagesKey } from '../../artifacts/keys';
import { type DatasetsService } from '../../datasets/datasets-service';
import { requireSameDataset } from '../../datasets/same-dataset';
import { type EngineHost } from '../../engine/engine-host';
import { shardsOf } from '../../jobs/costs';
import { type JobRun } from '../../jobs/job-run';
import { type JobsRepository } from '../../jobs/jobs-repository';
import { type MethodsService } from '../../maps/methods';
import { networkOf } from '../../models/model-form';
import { type RatesService } from '../../models/rates';
import { type Database } from '../../storage/database';
import { type RunsRepository } from '../runs-repository';
import { runStages } from './plan';
import { requireSameEngine } from './same-engine';
import { type OperatorCatalogue } from '../../../../shared/catalogue/operator-catalogue';

interface Parts {
  readonly database: Database;
  readonly engine: EngineHost;
  readonly jobs: JobsRepository;
  readonly runs: RunsRepository;
}

export const roarInputSchema = z.object({ run: runIdSchema });

export interface RoarServices {
  readonly datasets: DatasetsService;
  readonly methods: MethodsService;
  readonly rates: RatesService;
  /** Computes the curves and claims of the finished run, so that they are there to be read. */
  readonly summarise: (run: string) => Promise<void>;
}

/** What one attempt works with. */
export interface Attempt {
  readonly record: RunRecord;
  readonly settings: RoarSettings;
  readonly operators: OperatorCatalogue;
  readonly methods: readonly Method[];
  readonly dataset: DatasetKey;
  /** What there is of it. */
  readonly facts: DatasetFacts;
  readonly engine: EngineKey;
  /** Indices into the validation split of the evaluated images, in shards. */
  readonly shards: readonly (readonly number[])[];
  /** Those of the training images, under the protocols that retrain; else empty. */
  readonly trainShards: readonly (readonly number[])[];
}

export async function prepare(parts: Parts, services: RoarServices, run: JobRun): Promise<Attempt> {
  const { run: id } = parts.jobs.input(run.job.id, roarInputSchema);
  const record = parts.runs.get(id);
  if (!record) throw notFound('run', id);
  const { settings } = record;
  const methods = services.methods.resolve(settings.methods, 'settings.methods');
  const description = await parts.engine.ready();
  const engine = engineKey(description);
  const done = run.job.stages.filter((stage) => stage.done > 0).map((stage) => stage.id);
  const begun = done.length > 0;
  requireSameEngine(parts.runs.engine(id), engine, settings, done);
  const dataset = await services.datasets.key(settings.dataset);
  if (begun) requireSameDataset(services.datasets, 'The run', parts.runs.datasetKey(id), dataset);
  const counts = await services.datasets.counts(settings.dataset);
  const rates = await services.rates.stored(networkOf(counts, settings.recipe));
  const labels = await services.datasets.labels(settings.dataset, 'validation');
  const chosen = stratifiedIndices(labels, settings.images, settings.seed);
  parts.database.transaction(() => {
    parts.runs.setEngine(id, description);
    parts.runs.setDatasetKey(id, dataset);
    parts.runs.setImages(
      id,
      chosen.map((image) => ({ image, label: labels[image] ?? 0 })),
    );
  });
  const { operators } = services.methods;
  run.plan(runStages(operators, settings, methods, counts, rates), rates !== null);
  const trainShards = retrains(settings.protocol)
    ? shardsOf(await trainingImages(services.datasets, settings))
    : [];
  return {
    record,
    settings,
    operators,
    methods,
    dataset,
    facts: counts,
    engine,
    shards: shardsOf(chosen),
    trainShards,
  };
}

/** The training images that the recipe uses, ascending. */
export async function trainingImages(
  datasets: DatasetsService,
  { dataset, recipe }: RoarSettings,
): Promise<number[]> {
  const labels = await datasets.labels(dataset, 'train');
  const { trainLimit: limit, seed } = recipe;
  if (limit === null || limit >= labels.length) return Array.from(labels, (_, index) => index);
  return stratifiedIndices(labels, limit, seed, 'train-limit');
}

export function imagesKey(attempt: Attempt, indices: readonly number[]): ImagesKey {
  return { dataset: attempt.dataset, split: 'validation', indices };
}

import { z } from 'zod';
import { type Method } from '../../../../shared/catalogue/methods';
import { retrains, type RoarSettings } from '../../../../shared/catalogue/roar';
import { runIdSchema } from '../../../../shared/ids';
import { type RunRecord } from '../../../../shared/records';
import { stratifiedIndices } from '../../../../shared/selection';
import { conflict, type Core, notFound } from '../../services/core';
import { type DatasetsService } from '../../services/datasets';
import { type MethodsService } from '../../services/methods';
import { networkOf } from '../../services/model-form';
import { type RatesService } from '../../services/rates';
import { type JobRun } from '../job-run';
import { type DatasetKey, engineKey, type EngineKey, type ImagesKey, isSameEngine } from '../keys';
import { requireSameDataset } from '../same-dataset';
import { runStages, shardsOf } from './plan';

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
  readonly methods: readonly Method[];
  readonly dataset: DatasetKey;
  readonly engine: EngineKey;
  /** Indices into the validation split of the evaluated images, in shards. */
  readonly shards: readonly (readonly number[])[];
  /** Those of the training images, under the protocols that retrain; else empty. */
  readonly trainShards: readonly (readonly number[])[];
}

export async function prepare(core: Core, services: RoarServices, run: JobRun): Promise<Attempt> {
  const { run: id } = core.jobs.input(run.job.id, roarInputSchema);
  const record = core.runs.get(id);
  if (!record) throw notFound('run', id);
  const { settings } = record;
  const methods = services.methods.resolve(settings.methods, 'settings.methods');
  const description = await core.engine.ready();
  const engine = engineKey(description);
  const begun = run.job.stages.some((stage) => stage.done > 0);
  requireSameEngine(core, record, engine, begun);
  const dataset = await services.datasets.key(settings.dataset);
  if (begun) requireSameDataset('The run', core.runs.datasetKey(id), dataset);
  const counts = await services.datasets.counts(settings.dataset);
  const rates = await services.rates.stored(
    networkOf(settings.dataset, counts.classes, settings.recipe),
  );
  const labels = await services.datasets.labels(settings.dataset, 'validation');
  const chosen = stratifiedIndices(labels, settings.images, settings.seed);
  core.database.transaction(() => {
    core.runs.setEngine(id, description);
    core.runs.setDatasetKey(id, dataset);
    core.runs.setImages(
      id,
      chosen.map((image) => ({ image, label: labels[image] ?? 0 })),
    );
  });
  run.plan(runStages(settings, methods, counts, rates), rates !== null);
  const trainShards = retrains(settings.protocol)
    ? shardsOf(await trainingImages(services.datasets, settings))
    : [];
  return { record, settings, methods, dataset, engine, shards: shardsOf(chosen), trainShards };
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

/** A run is of one engine: half of it from another would equal neither's uninterrupted run. */
function requireSameEngine(core: Core, run: RunRecord, engine: EngineKey, begun: boolean): void {
  const before = core.runs.engine(run.id);
  if (!before || !begun) return;
  if (isSameEngine(engineKey(before), engine, run.settings.dataset)) return;
  const name = ({ tensorflow, deviceName, device, threads }: EngineKey) =>
    `TensorFlow ${tensorflow} on ${deviceName} (${device}), ${threads} threads`;
  const [first, now] = [name(engineKey(before)), name(engine)];
  const other = first === now ? 'its batch sizes or arithmetic of today' : now;
  throw conflict(
    `The run was begun with ${first} and cannot go on with ${other}: their results differ in the last digits. Go on where it was begun, or start a new run with the same settings.`,
  );
}

export function imagesKey(attempt: Attempt, indices: readonly number[]): ImagesKey {
  return { dataset: attempt.dataset, split: 'validation', indices };
}

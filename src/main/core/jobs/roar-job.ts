import { z } from 'zod';
import { canonicalJson } from '../../../shared/canonical';
import { datasetEntry } from '../../../shared/catalogue/datasets';
import { type Method } from '../../../shared/catalogue/methods';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type RunRecord } from '../../../shared/records';
import { runIdSchema } from '../../../shared/ids';
import { stratifiedIndices } from '../../../shared/selection';
import { conflict, type Core, datasetSource, notFound } from '../services/core';
import { type DatasetsService } from '../services/datasets';
import { type MethodsService } from '../services/methods';
import { networkOf } from '../services/model-form';
import { type RatesService } from '../services/rates';
import { type StoredModel } from '../storage/models';
import { adoptFile } from './adopt';
import { readFloats } from './arrays';
import { cheapestFirst, mapItem, reportItem, roarStages, scoreItem, shardSize } from './costs';
import { type Context, type ItemResult, type JobRun, partOf, unlessAborted } from './job-run';
import {
  type DatasetKey,
  engineKey,
  type EngineKey,
  type ImagesKey,
  mapKey,
  modelKey,
  scoreKeys,
  type TrainingSpec,
} from './keys';
import { type JobKind } from './scheduler';
import { settleModels } from './train-job';
import { modelFor, trainModel } from './train-model';

export const roarInputSchema = z.object({ run: runIdSchema });

export interface RoarServices {
  readonly datasets: DatasetsService;
  readonly methods: MethodsService;
  readonly rates: RatesService;
  /** Computes the curves and claims of the finished run, so that they are there to be read. */
  readonly summarise: (run: string) => Promise<void>;
}

/** RemOve And Retrain, protocol `paper`: train, maps, score, report. */
export function roarJob(core: Core, services: RoarServices): JobKind {
  return {
    kind: 'roar',
    recovery: 'resume',
    async run(run) {
      const attempt = await prepare(core, services, run);
      for (const level of attempt.settings.levels) await trainLevel(core, attempt, run, level);
      await makeMaps(core, attempt, run);
      await score(core, attempt, run);
      await run.item('report', reportItem, async ({ signal }) => {
        // The statistics are shared with whoever looks at the run: a cancel stops waiting alone.
        await unlessAborted(signal, services.summarise(attempt.record.id));
        return { artifacts: [], reused: false };
      });
    },
    changed(job) {
      settleModels(core, job.id, job.state);
      if (job.subject !== null) core.events.emit({ type: 'run.changed', run: job.subject });
    },
  };
}

/** What one attempt works with. */
interface Attempt {
  readonly record: RunRecord;
  readonly settings: RoarSettings;
  readonly methods: readonly Method[];
  readonly dataset: DatasetKey;
  readonly engine: EngineKey;
  /** Indices of the evaluated images, in shards. */
  readonly shards: readonly (readonly number[])[];
}

/** What a level of a run trains. */
export function levelSpec(settings: RoarSettings, level: number): TrainingSpec {
  const { dataset, recipe, fill, trainMask, seed } = settings;
  return {
    dataset,
    architecture: datasetEntry(dataset).architecture,
    recipe,
    removal: { level, fill, mask: trainMask },
    removalSeed: seed,
  };
}

export function shardsOf(images: readonly number[]): number[][] {
  const shards: number[][] = [];
  for (let start = 0; start < images.length; start += shardSize) {
    shards.push(images.slice(start, start + shardSize));
  }
  return shards;
}

async function prepare(core: Core, services: RoarServices, run: JobRun): Promise<Attempt> {
  const { run: id } = core.jobs.input(run.job.id, roarInputSchema);
  const record = core.runs.get(id);
  if (!record) throw notFound('run', id);
  const { settings } = record;
  const methods = services.methods.resolve(settings.methods, 'settings.methods');
  const description = await core.engine.ready();
  const engine = engineKey(description);
  requireSameEngine(
    core,
    record,
    engine,
    run.job.stages.some((stage) => stage.done > 0),
  );
  const dataset = await services.datasets.key(settings.dataset);
  const counts = await services.datasets.counts(settings.dataset);
  const rates = await services.rates.stored(
    networkOf(settings.dataset, counts.classes, settings.recipe),
  );
  const labels = await services.datasets.labels(settings.dataset, 'validation');
  const chosen = stratifiedIndices(labels, settings.images, settings.seed);
  core.database.transaction(() => {
    core.runs.setEngine(id, description);
    core.runs.setImages(
      id,
      chosen.map((image) => ({ image, label: labels[image] ?? 0 })),
    );
  });
  run.plan(roarStages(settings, methods, counts, rates), rates !== null);
  return { record, settings, methods, dataset, engine, shards: shardsOf(chosen) };
}

/** A run is of one engine: half of it from another would equal neither's uninterrupted run. */
function requireSameEngine(core: Core, run: RunRecord, engine: EngineKey, begun: boolean): void {
  const before = core.runs.engine(run.id);
  if (!before || !begun) return;
  if (canonicalJson(engineKey(before)) === canonicalJson(engine)) return;
  const name = ({ tensorflow, deviceName, device, threads }: EngineKey) =>
    `TensorFlow ${tensorflow} on ${deviceName} (${device}), ${threads} threads`;
  throw conflict(
    `The run was begun with ${name(engineKey(before))} and cannot go on with ${name(engine)}: their results differ in the last digits. Go on where it was begun, or start a new run with the same settings.`,
  );
}

async function trainLevel(core: Core, attempt: Attempt, run: JobRun, level: number): Promise<void> {
  const { settings, record } = attempt;
  const spec = levelSpec(settings, level);
  const key = modelKey(spec, attempt.dataset, attempt.engine);
  const known = core.runs.levels(record.id).find((stored) => stored.level === level);
  const model = core.database.transaction(() => {
    const name = `${datasetEntry(settings.dataset).name}, t = ${level}`;
    const found = modelFor(core, { spec, key, job: run.job.id, name, id: core.newId('model') });
    const reused = known?.model === found.id ? known.reused : found.state === 'ready';
    core.runs.putLevel(record.id, { level, model: found.id, reused, seconds: secondsOf(found) });
    return found;
  });
  await trainModel(core, run, model.id);
  const trained = core.models.get(model.id);
  const row = core.runs.levels(record.id).find((stored) => stored.level === level);
  if (trained && row) core.runs.putLevel(record.id, { ...row, seconds: secondsOf(trained) });
  core.events.emit({ type: 'run.changed', run: record.id });
}

function secondsOf(model: StoredModel): number {
  return model.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
}

/** Weights of a level's model: its path for the engine, and its hash for keys. */
async function weightsOf(
  core: Core,
  attempt: Attempt,
  level: number,
): Promise<{ path: string; sha256: string }> {
  const row = core.runs.levels(attempt.record.id).find((stored) => stored.level === level);
  const model = row?.model ? core.models.get(row.model) : undefined;
  if (!model?.artifact || !model.sha256) {
    throw conflict(`The model of level ${level} is not trained: resume the run to train it again.`);
  }
  return { path: await core.artifacts.open(model.artifact), sha256: model.sha256 };
}

function imagesKey(attempt: Attempt, indices: readonly number[]): ImagesKey {
  return { dataset: attempt.dataset, split: 'validation', indices };
}

async function makeMaps(core: Core, attempt: Attempt, run: JobRun): Promise<void> {
  const { settings, record, shards } = attempt;
  const weights = await weightsOf(core, attempt, 0);
  for (const method of cheapestFirst(attempt.methods, settings)) {
    for (const [shard, indices] of shards.entries()) {
      await run.item('maps', mapItem(method.id, shard), async (context): Promise<ItemResult> => {
        const images = imagesKey(attempt, indices);
        const { parameters, seed } = settings;
        const { composition } = method;
        const key = mapKey(images, composition, parameters, seed, weights.sha256, attempt.engine);
        const reused = await core.artifacts.has(key);
        if (!reused) {
          await core.scratch(async (outDir) => {
            const { files } = await core.engine.request(
              'maps',
              {
                ...datasetSource(core, settings.dataset),
                ...{ split: 'validation', indices: [...indices], model: weights.path },
                ...{ composition, parameters, seed, outDir },
              },
              { lane: 'batch', ...context },
            );
            await adoptFile(core, outDir, files, 'map.npy', 'map', key);
          });
        }
        const commit = () => core.runs.putMap(record.id, method.id, shard, key);
        return { artifacts: [key], reused, commit };
      });
    }
  }
}

async function score(core: Core, attempt: Attempt, run: JobRun): Promise<void> {
  const { settings, record } = attempt;
  for (const level of settings.levels) {
    await run.item('score', scoreItem(level), async (context): Promise<ItemResult> => {
      const weights = await weightsOf(core, attempt, level);
      const parts: ShardScores[] = [];
      for (const shard of attempt.shards.keys()) {
        const counted = partOf(context, shard, attempt.shards.length);
        parts.push(await scoreShard(core, attempt, counted, level, weights, shard));
      }
      return {
        artifacts: parts.flatMap(({ keys }) => [keys.score, keys.tied]),
        reused: parts.every((part) => part.reused),
        commit: () =>
          parts.forEach((part, shard) => {
            attempt.methods.forEach((method, m) => {
              const row = (values: Float32Array) => [
                ...values.subarray(m * part.count, (m + 1) * part.count),
              ];
              core.runs.putScores(record.id, shard * shardSize, {
                method: method.id,
                level,
                scores: row(part.scores),
                tied: row(part.tied),
              });
            });
          }),
        announce: [{ type: 'run.changed', run: record.id }],
      };
    });
  }
}

interface ShardScores {
  readonly keys: { readonly score: string; readonly tied: string };
  readonly reused: boolean;
  readonly count: number;
  /** [M, N]. */
  readonly scores: Float32Array;
  readonly tied: Float32Array;
}

async function scoreShard(
  core: Core,
  attempt: Attempt,
  context: Context,
  level: number,
  weights: { path: string; sha256: string },
  shard: number,
): Promise<ShardScores> {
  const { settings, record } = attempt;
  const { fill, reduction, seed } = settings;
  const indices = attempt.shards[shard] ?? [];
  const maps = attempt.methods.map((method) => mapOf(core, record.id, method.id, shard));
  const keys = scoreKeys({
    images: imagesKey(attempt, indices),
    ...{ level, fill, reduction, seed, maps, engine: attempt.engine },
    modelSha256: weights.sha256,
  });
  const { artifacts } = core;
  const reused = (await artifacts.has(keys.score)) && (await artifacts.has(keys.tied));
  if (!reused) {
    const paths: string[] = [];
    for (const key of maps) paths.push(await artifacts.open(key));
    await core.scratch(async (outDir) => {
      const { files } = await core.engine.request(
        'score',
        {
          ...datasetSource(core, settings.dataset),
          ...{ split: 'validation', indices: [...indices], model: weights.path },
          ...{ level, fill, reduction, seed, maps: paths, outDir },
        },
        { lane: 'batch', ...context },
      );
      await adoptFile(core, outDir, files, 'scores.npy', 'score', keys.score);
      await adoptFile(core, outDir, files, 'tied.npy', 'tied', keys.tied);
    });
  }
  const scores = await readFloats(await artifacts.open(keys.score), 'scores.npy');
  const tied = await readFloats(await artifacts.open(keys.tied), 'tied.npy');
  return { keys, reused, count: indices.length, scores: scores.data, tied: tied.data };
}

function mapOf(core: Core, run: string, method: string, shard: number): string {
  const found = core.runs.maps(run, method).find((stored) => stored.shard === shard);
  if (!found) throw conflict(`A map of ${method} is missing: resume the run to make it again.`);
  return found.artifact;
}

import { conflict } from '../../../../shared/errors';
import { type NewId } from '../../../../shared/ids';
import { adoptFile } from '../../artifacts/adopt';
import { readFloats } from '../../artifacts/arrays';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import { mapKey, scoreKeys } from '../../artifacts/keys';
import { datasetSource } from '../../datasets/folders';
import { type EngineHost } from '../../engine/engine-host';
import { cheapestFirst, mapItem, scoreItem, shardSize } from '../../jobs/costs';
import { type Events } from '../../jobs/events';
import { type Context, type ItemResult, type JobRun, partOf } from '../../jobs/job-run';
import { type ModelsRepository } from '../../models/models-repository';
import { type Database } from '../../storage/database';
import { type Clock } from '../../storage/environment';
import { type InstalledFiles } from '../../storage/installed-files';
import { type Scratch } from '../../storage/scratch';
import { type RunsRepository } from '../runs-repository';
import { trainLevel, weightsOf } from './levels';
import { type Attempt, imagesKey } from './prepare';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly database: Database;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly files: InstalledFiles;
  readonly models: ModelsRepository;
  readonly newId: NewId;
  readonly runs: RunsRepository;
  readonly scratch: Scratch;
}

/** The protocol `paper`: a model a level, maps by the first, scores of degraded images. */
export async function runPaper(parts: Parts, attempt: Attempt, run: JobRun): Promise<void> {
  for (const level of attempt.settings.levels) await trainLevel(parts, attempt, run, level);
  await makeMaps(parts, attempt, run);
  await score(parts, attempt, run);
}

/** Maps of every evaluated image by every method, the cheapest method first. */
export async function makeMaps(
  parts: Pick<Parts, 'artifacts' | 'dataDir' | 'engine' | 'files' | 'models' | 'runs' | 'scratch'>,
  attempt: Attempt,
  run: JobRun,
): Promise<void> {
  const { settings, record, shards } = attempt;
  const weights = await weightsOf(parts, attempt, 0);
  for (const method of cheapestFirst(attempt.operators, attempt.methods, settings)) {
    for (const [shard, indices] of shards.entries()) {
      await run.item('maps', mapItem(method.id, shard), async (context): Promise<ItemResult> => {
        const images = imagesKey(attempt, indices);
        const { parameters, seed } = settings;
        const { composition } = method;
        const key = mapKey(
          attempt.operators,
          images,
          composition,
          parameters,
          seed,
          weights,
          attempt.engine,
        );
        const reused = await parts.artifacts.has(key);
        if (!reused) {
          await parts.scratch(async (outDir) => {
            const { files } = await parts.engine.request(
              'maps',
              {
                ...datasetSource(parts, settings.dataset),
                ...{ split: 'validation', indices: [...indices], model: weights.path },
                ...{ composition, parameters, seed, outDir },
              },
              { lane: 'batch', ...context },
            );
            await adoptFile(parts, outDir, files, 'map.npy', 'map', key);
          });
        }
        const commit = () => parts.runs.putMap(record.id, method.id, shard, key);
        return { artifacts: [key], reused, commit };
      });
    }
  }
}

async function score(
  parts: Pick<Parts, 'artifacts' | 'dataDir' | 'engine' | 'files' | 'models' | 'runs' | 'scratch'>,
  attempt: Attempt,
  run: JobRun,
): Promise<void> {
  const { settings, record } = attempt;
  for (const level of settings.levels) {
    await run.item('score', scoreItem(level), async (context): Promise<ItemResult> => {
      const weights = await weightsOf(parts, attempt, level);
      const shards: ShardScores[] = [];
      for (const shard of attempt.shards.keys()) {
        const counted = partOf(context, shard, attempt.shards.length);
        shards.push(await scoreShard(parts, attempt, counted, level, weights, shard));
      }
      return {
        artifacts: shards.flatMap(({ keys }) => [keys.score, keys.tied]),
        reused: shards.every((part) => part.reused),
        commit: () =>
          shards.forEach((part, shard) => {
            attempt.methods.forEach((method, m) => {
              const row = (values: Float32Array) => [
                ...values.subarray(m * part.count, (m + 1) * part.count),
              ];
              parts.runs.putScores(record.id, shard * shardSize, {
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
  parts: Pick<Parts, 'artifacts' | 'dataDir' | 'engine' | 'files' | 'runs' | 'scratch'>,
  attempt: Attempt,
  context: Context,
  level: number,
  weights: Awaited<ReturnType<typeof weightsOf>>,
  shard: number,
): Promise<ShardScores> {
  const { settings, record } = attempt;
  const { fill, reduction, seed } = settings;
  const indices = attempt.shards[shard] ?? [];
  const maps = attempt.methods.map((method) => mapOf(parts, record.id, method.id, shard));
  const keys = scoreKeys({
    images: imagesKey(attempt, indices),
    ...{ level, fill, reduction, seed, maps, engine: attempt.engine },
    model: weights,
  });
  const { artifacts } = parts;
  const reused = (await artifacts.has(keys.score)) && (await artifacts.has(keys.tied));
  if (!reused) {
    const paths: string[] = [];
    for (const key of maps) paths.push(await artifacts.open(key));
    await parts.scratch(async (outDir) => {
      const { files } = await parts.engine.request(
        'score',
        {
          ...datasetSource(parts, settings.dataset),
          ...{ split: 'validation', indices: [...indices], model: weights.path },
          ...{ level, fill, reduction, seed, maps: paths, outDir },
          methods: attempt.methods.map(({ name }) => name),
        },
        { lane: 'batch', ...context },
      );
      await adoptFile(parts, outDir, files, 'scores.npy', 'score', keys.score);
      await adoptFile(parts, outDir, files, 'tied.npy', 'tied', keys.tied);
    });
  }
  const scores = await readFloats(await artifacts.open(keys.score), 'scores.npy');
  const tied = await readFloats(await artifacts.open(keys.tied), 'tied.npy');
  return { keys, reused, count: indices.length, scores: scores.data, tied: tied.data };
}

export function mapOf(
  parts: Pick<Parts, 'runs'>,
  run: string,
  method: string,
  shard: number,
): string {
  const found = parts.runs.maps(run, method).find((stored) => stored.shard === shard);
  if (!found) throw conflict(`A map of ${method} is missing: resume the run to make it again.`);
  return found.artifact;
}

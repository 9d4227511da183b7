import { conflict, type Core, datasetSource } from '../../core';
import { adoptFile } from '../../artifacts/adopt';
import { readFloats } from '../../artifacts/arrays';
import { cheapestFirst, mapItem, scoreItem, shardSize } from '../../jobs/costs';
import { type Context, type ItemResult, type JobRun, partOf } from '../../jobs/job-run';
import { mapKey, scoreKeys } from '../../artifacts/keys';
import { trainLevel, weightsOf } from './levels';
import { type Attempt, imagesKey } from './prepare';

/** The protocol `paper`: a model a level, maps by the first, scores of degraded images. */
export async function runPaper(core: Core, attempt: Attempt, run: JobRun): Promise<void> {
  for (const level of attempt.settings.levels) await trainLevel(core, attempt, run, level);
  await makeMaps(core, attempt, run);
  await score(core, attempt, run);
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
          methods: attempt.methods.map(({ name }) => name),
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

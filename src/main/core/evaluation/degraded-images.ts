import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NdArray, toWire } from '../../../shared/arrays';
import { conflict, refuse } from '../../../shared/errors';
import { seenBy } from '../../../shared/model-input';
import { decodeNpy, encodeNpy } from '../../../shared/npy';
import { type RunRecord } from '../../../shared/records';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { concatenate, rowOf } from '../artifacts/arrays';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type DatasetsService } from '../datasets/datasets-service';
import { requireSameDataset } from '../datasets/same-dataset';
import { shardSize } from '../jobs/costs';
import { type EngineRequests } from '../jobs/engine-requests';
import { type Scratch } from '../storage/scratch';
import { type RetrainedRepository } from './retrained-repository';
import { type RoarResults } from './roar-results';
import { type RunsRepository } from './runs-repository';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly datasets: DatasetsService;
  readonly requests: EngineRequests;
  readonly results: RoarResults;
  readonly retrained: RetrainedRepository;
  readonly runs: RunsRepository;
  readonly scratch: Scratch;
}

/** Some of a run's images without the top pixels of one method's maps. */
export async function degradedImages(
  parts: Parts,
  input: RouteParsed<'roar.degraded'>,
): Promise<RouteOutput<'roar.degraded'>> {
  const { datasets, requests, results, runs, scratch } = parts;
  const { method, level } = input;
  const run = results.run(input.run);
  const { dataset, fill, methods, recipe, reduction, seed } = run.settings;
  if (!methods.includes(method)) {
    throw refuse('method', method, `one of the run's: ${methods.join(', ')}`);
  }
  requireSameDataset(datasets, run.name, runs.datasetKey(run.id), await datasets.key(dataset));
  const images = runs.images(run.id);
  const chosen = input.images.map((position, i) => {
    const image = images[position];
    if (image) return { ...image, position };
    const accepted = `a position in the run, from 0 to ${images.length - 1}`;
    throw refuse(`images.${i}`, position, accepted);
  });
  const { removal } = results.metricOf(run);
  if (!removal) throw conflict(`${run.name} removes no pixels.`);
  const positions = chosen.map(({ position }) => position);
  const ordered = removal.by === 'order';
  const ranked = await rankings(parts, run, method, ordered, positions);
  const indices = chosen.map(({ image }) => image);
  const [pixels] = await scratch(async (folder) => {
    const path = join(folder, 'ranking.npy');
    await writeFile(path, encodeNpy(ranked));
    const ranking = ordered
      ? ({ kind: 'order', path, keep: removal.keep } as const)
      : ({ kind: 'map', path, reduction } as const);
    const sight = seenBy({ input: recipe });
    const what = { dataset, split: 'validation', indices, level, fill, seed, ranking } as const;
    return requests.arrays('degrade', { ...what, ...sight }, ['images.npy']);
  });
  return {
    indices,
    labels: chosen.map(({ label }) => label),
    scores: scoresAt(parts, run, method, level, positions),
    pixels: toWire(pixels),
  };
}

/** The stored rows of a method's orders or maps at these positions of the run. */
async function rankings(
  { artifacts, retrained, runs }: Pick<Parts, 'artifacts' | 'retrained' | 'runs'>,
  run: RunRecord,
  method: string,
  ordered: boolean,
  positions: readonly number[],
): Promise<NdArray> {
  const stored = ordered
    ? retrained.orders(run.id, method, 'validation')
    : runs.maps(run.id, method);
  const shards = new Map(stored.map((row) => [row.shard, row.artifact]));
  const rows: NdArray[] = [];
  for (const position of positions) {
    const key = shards.get(Math.floor(position / shardSize));
    if (key === undefined) throw conflict(`The maps of ${method} are not made yet.`);
    const whole = decodeNpy(await artifacts.read(key), ordered ? 'orders.npy' : 'map.npy');
    const { shape, data } = rowOf(whole, position % shardSize);
    rows.push({ shape: [1, ...shape], data });
  }
  return concatenate(rows);
}

/** What each image scored without those pixels; null where that was not measured. */
function scoresAt(
  { results }: Pick<Parts, 'results'>,
  run: RunRecord,
  method: string,
  level: number,
  positions: readonly number[],
): (number | null)[] {
  const scores = results.scores(run);
  if (!scores?.levels.includes(level)) return positions.map(() => null);
  const row =
    scores.methods.findIndex(({ id }) => id === method) * scores.levels.length +
    scores.levels.indexOf(level);
  return positions.map((position) => scores.scores[row * run.settings.images + position] ?? null);
}

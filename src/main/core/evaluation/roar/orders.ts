import { decodeNpy } from '../../../../shared/npy';
import { operatorsOf, parseComposition } from '../../../../shared/catalogue/compositions';
import { datasetEntry, type Split } from '../../../../shared/catalogue/datasets';
import { type Method } from '../../../../shared/catalogue/methods';
import { relevantParameters } from '../../../../shared/catalogue/parameters';
import { type RoarSettings } from '../../../../shared/catalogue/roar';
import { StudioError } from '../../../../shared/errors';
import { meanTiedShare } from '../../../../shared/pixel-orders';
import { type Core, datasetSource } from '../../core';
import { artifactKey } from '../../artifacts/artifacts';
import { adoptFile } from '../../artifacts/adopt';
import { cheapestFirst } from '../../jobs/costs';
import { type ItemResult, type JobRun } from '../../jobs/job-run';
import { type EngineKey, type ImagesKey, mapEngineFor } from '../../artifacts/keys';
import { weightsOf } from './levels';
import { type Attempt } from './prepare';
import { orderItem } from './retrain-stages';

/** Key of a file of pixel orders: what the maps' values depend on, the reduction, and the ties. */
export function orderKey(
  images: ImagesKey,
  composition: string,
  settings: Pick<RoarSettings, 'parameters' | 'reduction' | 'seed'>,
  modelSha256: string,
  engine: EngineKey,
): string {
  const tree = parseComposition(composition);
  const { parameters, reduction, seed } = settings;
  const control = operatorsOf(tree).some((operator) => ['random', 'sobel'].includes(operator));
  return artifactKey('order', {
    images,
    composition,
    parameters: relevantParameters(tree, parameters),
    reduction,
    seed,
    model: control ? null : modelSha256,
    engine: mapEngineFor(engine, images.dataset.dataset, tree, parameters),
  });
}

/** Rank the pixels of every image by every method's map of it, the cheapest method first. */
export async function makeOrders(core: Core, attempt: Attempt, run: JobRun): Promise<void> {
  const { settings, shards, trainShards } = attempt;
  const weights = await weightsOf(core, attempt, 0);
  for (const method of cheapestFirst(attempt.methods, settings)) {
    for (const [split, parts] of [
      ['train', trainShards],
      ['validation', shards],
    ] as const) {
      for (const [shard, indices] of parts.entries()) {
        await run.item('orders', orderItem(method.id, split, shard), (context) =>
          orderShard({ core, attempt, weights, method, split, shard, indices, context }),
        );
      }
    }
  }
}

async function orderShard(request: {
  readonly core: Core;
  readonly attempt: Attempt;
  readonly weights: { readonly path: string; readonly sha256: string };
  readonly method: Method;
  readonly split: Split;
  readonly shard: number;
  readonly indices: readonly number[];
  readonly context: Parameters<Parameters<JobRun['item']>[2]>[0];
}): Promise<ItemResult> {
  const { core, attempt, weights, method, split, shard, indices, context } = request;
  const { settings, dataset, engine, record } = attempt;
  const { parameters, reduction, seed } = settings;
  const { composition } = method;
  const images = { dataset, split, indices };
  const key = orderKey(images, composition, settings, weights.sha256, engine);
  const reused = await core.artifacts.has(key);
  if (!reused) {
    await core.scratch(async (outDir) => {
      const { files } = await core.engine.request(
        'pixel-orders',
        {
          ...datasetSource(core, settings.dataset),
          ...{ split, indices: [...indices], model: weights.path },
          ...{ composition, parameters, reduction, seed, outDir },
        },
        { lane: 'batch', ...context },
      );
      await adoptFile(core, outDir, files, 'orders.npy', 'order', key);
    });
  }
  // Ties are told of the images whose accuracy counts.
  const tied = split === 'validation' ? await tiedShares(core, key, settings) : [];
  const order = { method: method.id, split, shard, artifact: key, tied };
  const commit = () => core.retrained.putOrder(record.id, order);
  return { artifacts: [key], reused, commit };
}

/** By level: mean share of the removed pixels that ties decided. */
async function tiedShares(core: Core, key: string, settings: RoarSettings): Promise<number[]> {
  const { data } = decodeNpy(await core.artifacts.read(key), 'orders.npy');
  if (!(data instanceof Uint16Array)) {
    throw new StudioError({ code: 'corrupt-file', message: 'orders.npy does not hold uint16.' });
  }
  const [height, width] = datasetEntry(settings.dataset).shape;
  const keep = settings.protocol === 'keep-and-retrain';
  return settings.levels.map((level) => meanTiedShare(data, height * width, level, keep));
}

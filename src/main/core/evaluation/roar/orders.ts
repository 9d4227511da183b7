import { parseComposition } from '../../../../shared/catalogue/compositions';
import { pixelsOf, type Split } from '../../../../shared/catalogue/datasets';
import { type Method } from '../../../../shared/catalogue/methods';
import { type RoarSettings } from '../../../../shared/catalogue/roar';
import { StudioError } from '../../../../shared/errors';
import { decodeNpy } from '../../../../shared/npy';
import { areOrders, meanTiedShare } from '../../../../shared/pixel-orders';
import { adoptFile } from '../../artifacts/adopt';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import { artifactKey } from '../../artifacts/artifacts';
import {
  type EngineKey,
  type ImagesKey,
  type KeyedModel,
  mapEngineFor,
} from '../../artifacts/keys';
import { datasetSource } from '../../datasets/folders';
import { type EngineHost } from '../../engine/engine-host';
import { cheapestFirst } from '../../jobs/costs';
import { type ItemResult, type JobRun } from '../../jobs/job-run';
import { type ModelsRepository } from '../../models/models-repository';
import { type InstalledFiles } from '../../storage/installed-files';
import { type Scratch } from '../../storage/scratch';
import { type RetrainedRepository } from '../retrained-repository';
import { type RunsRepository } from '../runs-repository';
import { weightsOf } from './levels';
import { type Attempt } from './prepare';
import { orderItem } from './retrain-stages';
import { type OperatorCatalogue } from '../../../../shared/catalogue/operator-catalogue';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly dataDir: string;
  readonly engine: EngineHost;
  readonly files: InstalledFiles;
  readonly models: ModelsRepository;
  readonly retrained: RetrainedRepository;
  readonly runs: RunsRepository;
  readonly scratch: Scratch;
}

/** Key of a file of pixel orders: what the maps' values depend on, the reduction, and the ties. */
export function orderKey(
  operators: OperatorCatalogue,
  images: ImagesKey,
  composition: string,
  settings: Pick<RoarSettings, 'parameters' | 'reduction' | 'seed'>,
  model: KeyedModel,
  engine: EngineKey,
): string {
  const tree = parseComposition(composition);
  const { parameters, reduction, seed } = settings;
  return artifactKey('order', {
    images,
    composition,
    parameters: operators.relevant(tree, parameters),
    reduction,
    seed,
    model: operators.usesModel(tree) ? model.sha256 : null,
    engine: mapEngineFor(operators, engine, model.architecture, tree, parameters),
  });
}

/** Rank the pixels of every image by every method's map of it, the cheapest method first. */
export async function makeOrders(parts: Parts, attempt: Attempt, run: JobRun): Promise<void> {
  const { settings, shards, trainShards } = attempt;
  const weights = await weightsOf(parts, attempt, 0);
  for (const method of cheapestFirst(attempt.operators, attempt.methods, settings)) {
    for (const [split, groups] of [
      ['train', trainShards],
      ['validation', shards],
    ] as const) {
      for (const [shard, indices] of groups.entries()) {
        await run.item('orders', orderItem(method.id, split, shard), (context) =>
          orderShard({ parts, attempt, weights, method, split, shard, indices, context }),
        );
      }
    }
  }
}

async function orderShard(request: {
  readonly parts: Pick<
    Parts,
    'artifacts' | 'dataDir' | 'engine' | 'files' | 'retrained' | 'scratch'
  >;
  readonly attempt: Attempt;
  readonly weights: KeyedModel & { readonly path: string };
  readonly method: Method;
  readonly split: Split;
  readonly shard: number;
  readonly indices: readonly number[];
  readonly context: Parameters<Parameters<JobRun['item']>[2]>[0];
}): Promise<ItemResult> {
  const { parts, attempt, weights, method, split, shard, indices, context } = request;
  const { settings, dataset, engine, record } = attempt;
  const { parameters, reduction, seed } = settings;
  const { composition } = method;
  const images = { dataset, split, indices };
  const key = orderKey(attempt.operators, images, composition, settings, weights, engine);
  const reused = await parts.artifacts.has(key);
  if (!reused) {
    await parts.scratch(async (outDir) => {
      const { files } = await parts.engine.request(
        'pixel-orders',
        {
          ...datasetSource(parts, settings.dataset),
          ...{ split, indices: [...indices], model: weights.path },
          ...{ composition, parameters, reduction, seed, outDir },
        },
        { lane: 'batch', ...context },
      );
      await adoptFile(parts, outDir, files, 'orders.npy', 'order', key);
    });
  }
  // Ties are told of the images whose accuracy counts.
  const tied = split === 'validation' ? await tiedShares(parts, key, attempt) : [];
  const order = { method: method.id, split, shard, artifact: key, tied };
  const commit = () => parts.retrained.putOrder(record.id, order);
  return { artifacts: [key], reused, commit };
}

/** By level: mean share of the removed pixels that ties decided. */
async function tiedShares(
  parts: Pick<Parts, 'artifacts'>,
  key: string,
  { settings, facts }: Pick<Attempt, 'settings' | 'facts'>,
): Promise<number[]> {
  const { data } = decodeNpy(await parts.artifacts.read(key), 'orders.npy');
  const pixels = pixelsOf(facts);
  if (!areOrders(data, pixels)) {
    throw new StudioError({ code: 'corrupt-file', message: 'orders.npy holds no pixel orders.' });
  }
  const keep = settings.protocol === 'keep-and-retrain';
  return settings.levels.map((level) => meanTiedShare(data, pixels, level, keep));
}

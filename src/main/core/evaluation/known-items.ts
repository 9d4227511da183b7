import { type Method } from '../../../shared/catalogue/methods';
import { retrains, type RoarSettings } from '../../../shared/catalogue/roar';
import { stratifiedIndices } from '../../../shared/selection';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { engineKey, mapKey, modelKey, scoreKeys } from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { type EngineHost } from '../engine/engine-host';
import { epochItem, mapItem, scoreItem, shardsOf } from '../jobs/costs';
import { type ModelsRepository, type StoredModel } from '../models/models-repository';
import { orderKey } from './roar/orders';
import { levelSpec } from './roar/plan';
import { trainingImages } from './roar/prepare';
import { orderItem } from './roar/retrain-stages';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly engine: EngineHost;
  readonly models: ModelsRepository;
}

/** Items, as 'stage item', that the store holds already. */
export async function knownItems(
  parts: Parts,
  operators: OperatorCatalogue,
  datasets: DatasetsService,
  settings: RoarSettings,
  methods: readonly Method[],
): Promise<Set<string>> {
  const known = new Set<string>();
  const engine = engineKey(await parts.engine.ready());
  const dataset = await datasets.key(settings.dataset);
  const models = new Map<number, StoredModel>();
  for (const level of retrains(settings.protocol) ? [0] : settings.levels) {
    const model = parts.models.findByKey(modelKey(levelSpec(settings, level), dataset, engine));
    if (!model) continue;
    if (model.state === 'ready') models.set(level, model);
    for (const { epoch, weights } of parts.models.epochs(model.id)) {
      if (weights !== null) known.add(`train ${epochItem(level, epoch)}`);
    }
  }
  const first = models.get(0)?.sha256;
  if (!first) return known;
  const { architecture } = settings.recipe;
  const base = { sha256: first, architecture };
  const labels = await datasets.labels(settings.dataset, 'validation');
  const shards = shardsOf(stratifiedIndices(labels, settings.images, settings.seed));
  if (retrains(settings.protocol)) {
    const trainShards = shardsOf(await trainingImages(datasets, settings));
    for (const method of methods) {
      for (const [split, groups] of [
        ['train', trainShards],
        ['validation', shards],
      ] as const) {
        for (const [shard, indices] of groups.entries()) {
          const images = { dataset, split, indices };
          const key = orderKey(operators, images, method.composition, settings, base, engine);
          if (await parts.artifacts.has(key))
            known.add(`orders ${orderItem(method.id, split, shard)}`);
        }
      }
    }
    return known;
  }
  const { parameters, seed, fill, reduction } = settings;
  const images = shards.map((indices) => ({ dataset, split: 'validation' as const, indices }));
  const keys = images.map((shard) =>
    methods.map((method) =>
      mapKey(operators, shard, method.composition, parameters, seed, base, engine),
    ),
  );
  for (const [shard, row] of keys.entries()) {
    for (const [m, key] of row.entries()) {
      const id = methods[m]?.id ?? '';
      if (await parts.artifacts.has(key)) known.add(`maps ${mapItem(id, shard)}`);
    }
  }
  for (const [level, model] of models) {
    let whole = true;
    for (const [i, shard] of images.entries()) {
      const inputs = { images: shard, level, fill, reduction, seed, engine, maps: keys[i] ?? [] };
      const { score, tied } = scoreKeys({
        ...inputs,
        model: { sha256: model.sha256 ?? '', architecture },
      });
      whole &&= (await parts.artifacts.has(score)) && (await parts.artifacts.has(tied));
    }
    if (whole) known.add(`score ${scoreItem(level)}`);
  }
  return known;
}

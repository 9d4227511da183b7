import { type Architecture, datasetEntry } from '../../../shared/catalogue/datasets';
import { type Method } from '../../../shared/catalogue/methods';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type Forecast } from '../../../shared/records';
import { stratifiedIndices } from '../../../shared/selection';
import { epochItem, gradientsOf, mapItem, roarStages, scoreItem } from '../jobs/costs';
import { engineKey, mapKey, modelKey, scoreKeys } from '../jobs/keys';
import { type StagePlan } from '../jobs/progress';
import { levelSpec, shardsOf } from '../jobs/roar-job';
import { type StoredModel } from '../storage/models';
import { type Core } from './core';
import { type DatasetsService } from './datasets';
import { networkOf } from './model-form';
import { type RatesService } from './rates';

const number = (value: number) => Math.round(value).toLocaleString('en');
const plural = (value: number, one: string) => `${number(value)} ${one}${value === 1 ? '' : 's'}`;

/** Trainable numbers of an architecture: a checkpoint keeps three float32 of each (Adam's two). */
const parameterCounts: Readonly<Record<Architecture, number>> = {
  'mnist-cnn': 421_642,
  // With torchvision's stem and 200 classes; a class is 513 of them.
  resnet18: 11_279_112,
};
const checkpointBytesPerParameter = 12;

/**
 * What a run would take: every item by measured rates, less what is stored already.
 *
 * @param assumed items, as 'stage item', that will be stored before the run begins
 */
export async function forecastRoar(
  core: Core,
  services: { datasets: DatasetsService; rates: RatesService },
  settings: RoarSettings,
  methods: readonly Method[],
  assumed: ReadonlySet<string> = new Set(),
): Promise<Forecast> {
  const counts = await services.datasets.counts(settings.dataset);
  const network = networkOf(settings.dataset, counts.classes, settings.recipe);
  const rates = await services.rates.measured(network);
  const stages = roarStages(settings, methods, counts, rates);
  const stored = await knownItems(core, services.datasets, settings, methods);
  const known = new Set([...stored, ...assumed]);
  const work = workOf(settings, methods, counts.train);
  const planned = stages.map((stage) => {
    const isKnown = (id: string) => known.has(`${stage.id} ${id}`);
    const open = stage.items.filter(({ id }) => !isKnown(id));
    return {
      id: stage.id,
      title: stage.title,
      seconds: open.reduce((sum, { cost }) => sum + cost, 0),
      work: work[stage.id] ?? '',
      reused: stage.items.length - open.length,
      items: stage.items.length,
    };
  });
  return {
    stages: planned,
    seconds: planned.reduce((sum, { seconds }) => sum + seconds, 0),
    bytes: bytesOf(stages, known, settings),
    freeBytes: await core.artifacts.freeBytes(),
    measuredOn: rates.on,
  };
}

function workOf(
  settings: RoarSettings,
  methods: readonly Method[],
  train: number,
): Record<string, string> {
  const { levels, recipe, images, resamples } = settings;
  const trained = Math.min(recipe.trainLimit ?? train, train) * recipe.epochs * levels.length;
  const gradients = methods.reduce((sum, method) => sum + gradientsOf(method, settings), 0);
  return {
    train: `${plural(trained, 'training image')} (${plural(levels.length, 'model')}, ${plural(recipe.epochs, 'epoch')})`,
    maps: `${plural(gradients * images, 'input gradient')} (${plural(images, 'image')}, ${plural(methods.length, 'method')})`,
    score: `${plural(images * methods.length * levels.length, 'degraded image')} scored`,
    report: `${plural(resamples, 'bootstrap resample')}`,
  };
}

/** Items, as 'stage item', that the store holds already. */
async function knownItems(
  core: Core,
  datasets: DatasetsService,
  settings: RoarSettings,
  methods: readonly Method[],
): Promise<Set<string>> {
  const known = new Set<string>();
  const engine = engineKey(await core.engine.ready());
  const dataset = await datasets.key(settings.dataset);
  const models = new Map<number, StoredModel>();
  for (const level of settings.levels) {
    const model = core.models.findByKey(modelKey(levelSpec(settings, level), dataset, engine));
    if (!model) continue;
    if (model.state === 'ready') models.set(level, model);
    for (const { epoch, weights } of core.models.epochs(model.id)) {
      if (weights !== null) known.add(`train ${epochItem(level, epoch)}`);
    }
  }
  const first = models.get(0)?.sha256;
  if (!first) return known;
  const labels = await datasets.labels(settings.dataset, 'validation');
  const shards = shardsOf(stratifiedIndices(labels, settings.images, settings.seed));
  const { parameters, seed, fill, reduction } = settings;
  const images = shards.map((indices) => ({ dataset, split: 'validation' as const, indices }));
  const keys = images.map((shard) =>
    methods.map((method) => mapKey(shard, method.composition, parameters, seed, first, engine)),
  );
  for (const [shard, row] of keys.entries()) {
    for (const [m, key] of row.entries()) {
      const id = methods[m]?.id ?? '';
      if (await core.artifacts.has(key)) known.add(`maps ${mapItem(id, shard)}`);
    }
  }
  for (const [level, model] of models) {
    let whole = true;
    for (const [i, shard] of images.entries()) {
      const inputs = { images: shard, level, fill, reduction, seed, engine, maps: keys[i] ?? [] };
      const { score, tied } = scoreKeys({ ...inputs, modelSha256: model.sha256 ?? '' });
      whole &&= (await core.artifacts.has(score)) && (await core.artifacts.has(tied));
    }
    if (whole) known.add(`score ${scoreItem(level)}`);
  }
  return known;
}

/** New artifacts: a checkpoint an epoch, a float32 map an image and method, a score and its ties. */
function bytesOf(
  stages: readonly StagePlan[],
  known: ReadonlySet<string>,
  settings: RoarSettings,
): number {
  const { architecture, shape } = datasetEntry(settings.dataset);
  const checkpoint = parameterCounts[architecture] * checkpointBytesPerParameter;
  let bytes = 0;
  for (const stage of stages) {
    const items = stage.items.filter(({ id }) => !known.has(`${stage.id} ${id}`)).length;
    if (stage.id === 'train') bytes += items * checkpoint;
    if (stage.id === 'maps') {
      const share = settings.images / Math.max(1, stage.items.length / settings.methods.length);
      bytes += items * share * shape[0] * shape[1] * shape[2] * 4;
    }
    if (stage.id === 'score') bytes += items * settings.images * settings.methods.length * 8;
  }
  return Math.round(bytes);
}

import { parseComposition } from '../../../../shared/catalogue/compositions';
import { type Split } from '../../../../shared/catalogue/datasets';
import { rankedPixels } from '../../../../shared/catalogue/metric';
import { type Method } from '../../../../shared/catalogue/methods';
import { type OperatorCatalogue } from '../../../../shared/catalogue/operator-catalogue';
import { type RoarSettings } from '../../../../shared/catalogue/roar';
import { StudioError } from '../../../../shared/errors';
import { decodeNpy } from '../../../../shared/npy';
import { areOrders, meanTiedShare, orderBytes } from '../../../../shared/pixel-orders';
import { seenBy } from '../../../../shared/model-input';
import { artifactKey } from '../../artifacts/artifacts';
import {
  type EngineKey,
  type ImagesKey,
  type KeyedModel,
  mapEngineFor,
  seenKey,
} from '../../artifacts/keys';
import { cheapestFirst, gradientsOf, mapCost, proportions, shardsOf } from '../../jobs/costs';
import { oneItem, type Planned, stored, workOrder } from '../../jobs/item-spec';
import { trainingId } from '../../models/trainings';
import { levelWeights } from '../roar/level-training';
import { keyOfMap } from './planned-maps';
import { ownerOf, type PlanParts, type RunInputs } from '../roar/metric-plan';

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
    images: seenKey(images, model),
    composition,
    parameters: operators.relevant(tree, parameters),
    reduction,
    seed,
    model: operators.usesModel(tree) ? model.sha256 : null,
    engine: mapEngineFor(operators, engine, model.architecture, tree, parameters),
  });
}

/** One file of pixel orders in a plan. */
export interface PlannedOrder extends Planned {
  readonly method: string;
  readonly split: Split;
  /** Its artifact, by the base model. */
  readonly key: (base: KeyedModel) => string;
}

/**
 * Rank the pixels of every image by every method's map of it, the cheapest method first.
 *
 * @param keep whether the last of an order go, not the first
 */
export function plannedOrders(
  parts: PlanParts,
  inputs: RunInputs,
  training: readonly number[],
  keep: boolean,
): PlannedOrder[] {
  const { settings, operators, methods } = inputs;
  const splits = [
    ['train', 'training', shardsOf(training)],
    ['validation', 'validation', shardsOf(inputs.images.map(({ image }) => image))],
  ] as const;
  return cheapestFirst(operators, methods, settings).flatMap((method) =>
    splits.flatMap(([split, name, shards]) =>
      shards.map((indices, shard) => {
        const images: ImagesKey = { dataset: inputs.dataset, split, indices };
        const title = `${method.name}, ${name} images, part ${shard + 1} of ${shards.length}`;
        return orderSpec(parts, inputs, images, method, shard, title, keep);
      }),
    ),
  );
}

function orderSpec(
  parts: PlanParts,
  inputs: RunInputs,
  images: ImagesKey,
  method: Method,
  shard: number,
  title: string,
  keep: boolean,
): PlannedOrder {
  const { settings, operators, counts, rates, engine } = inputs;
  const { parameters, reduction, seed } = settings;
  const [height, width] = counts.shape;
  const { split } = images;
  const count = images.indices.length;
  const item = {
    id: `${method.id}/${split}/${shard}`,
    title,
    cost: mapCost(
      count,
      gradientsOf(operators, method, settings),
      rates ?? proportions,
      parameters,
    ),
    bytes: count * height * width * orderBytes(height * width),
  };
  const { composition } = method;
  // Every model of the grid asks for it.
  const keys = new Map<string, string>();
  const key = (base: KeyedModel) => {
    const known =
      keys.get(base.sha256) ?? orderKey(operators, images, composition, settings, base, engine);
    keys.set(base.sha256, known);
    return known;
  };
  const planned = oneItem(rankedPixels.stage, item, [trainingId(0)], () => {
    const weights = levelWeights(parts, inputs, 0);
    if (!weights) return null;
    const artifact = key(weights);
    const indices = [...images.indices];
    const model = stored(weights.artifact);
    const map = method.imported ? keyOfMap(inputs, images, method, weights) : null;
    return {
      ...(map === null
        ? {}
        : { prepare: () => parts.importedMaps.put(method, images, map), release: [map] }),
      orders: [
        workOrder(
          'pixel-orders',
          inputs.dataset,
          {
            split,
            indices,
            model,
            ...seenBy(weights),
            composition,
            parameters,
            reduction,
            seed,
            ...(map === null ? {} : { map: stored(map) }),
          },
          [{ file: 'orders.npy', kind: 'order', key: artifact }],
        ),
      ],
      async finish({ reused }) {
        // Ties are told of the images whose accuracy counts.
        const tied = split === 'validation' ? await tiedShares(parts, inputs, artifact, keep) : [];
        const order = { method: method.id, split, shard, artifact, tied };
        const commit = () => parts.retrained.putOrder(ownerOf(inputs).run, order);
        return { artifacts: [artifact], reused, commit };
      },
    };
  });
  return { ...planned, method: method.id, split, key };
}

/** By level: mean share of the removed pixels that ties decided. */
async function tiedShares(
  parts: Pick<PlanParts, 'artifacts'>,
  { settings, counts }: RunInputs,
  key: string,
  keep: boolean,
): Promise<number[]> {
  const { data } = decodeNpy(await parts.artifacts.read(key), 'orders.npy');
  const [height, width] = counts.shape;
  const pixels = height * width;
  if (!areOrders(data, pixels)) {
    throw new StudioError({ code: 'corrupt-file', message: 'orders.npy holds no pixel orders.' });
  }
  return settings.levels.map((level) => meanTiedShare(data, pixels, level, keep));
}

import { madeMaps } from '../../../../shared/catalogue/metric';
import { type Method } from '../../../../shared/catalogue/methods';
import { valueAt } from '../../../../shared/checked-reads';
import { counted } from '../../../../shared/format/counts';
import { seenBy } from '../../../../shared/model-input';
import { type ImagesKey, mapKey } from '../../artifacts/keys';
import { cheapestFirst, gradientsOf, mapCost, proportions, shardsOf } from '../../jobs/costs';
import { oneItem, type Planned, stored, workOrder } from '../../jobs/item-spec';
import { trainingId, type Weights } from '../../models/trainings';
import { levelWeights } from '../roar/level-training';
import {
  gradientsOfAll,
  ownerOf,
  type PlanParts,
  type RoarPlan,
  type RunInputs,
} from '../roar/metric-plan';

export function mapItem(method: string, shard: number): string {
  return `${method}/${shard}`;
}

/** The evaluated images as they are stored and measured. */
export const imageShards = (inputs: RunInputs): ImagesKey[] =>
  shardsOf(inputs.images.map(({ image }) => image)).map((indices) => ({
    dataset: inputs.dataset,
    split: 'validation',
    indices,
  }));

export function mapStage(inputs: RunInputs): RoarPlan['stages'][number] {
  const { images } = inputs.settings;
  return {
    id: madeMaps.stage,
    title: 'Make the maps',
    work: `${counted(gradientsOfAll(inputs) * images, 'input gradient')} (${counted(images, 'image')}, ${counted(inputs.methods.length, 'method')})`,
  };
}

/** Maps of every evaluated image by every method, the cheapest method first. */
export const plannedMaps = (
  parts: PlanParts,
  inputs: RunInputs,
  shards: readonly ImagesKey[],
): Planned[] =>
  cheapestFirst(inputs.operators, inputs.methods, inputs.settings).flatMap((method) =>
    shards.map((_, shard) => mapSpec(parts, inputs, shards, method, shard)),
  );

/** The artifact of one method's maps of these images. */
export function keyOfMap(
  inputs: RunInputs,
  images: ImagesKey,
  method: Method,
  model: Weights,
): string {
  const { operators, settings, engine } = inputs;
  const { parameters, seed } = settings;
  return mapKey(operators, images, method.composition, parameters, seed, model, engine);
}

function mapSpec(
  parts: PlanParts,
  inputs: RunInputs,
  shards: readonly ImagesKey[],
  method: Method,
  shard: number,
): Planned {
  const { settings, operators, counts, rates } = inputs;
  const { parameters, seed } = settings;
  const [height, width, channels] = counts.shape;
  const images = valueAt(shards, shard);
  const count = images.indices.length;
  const item = {
    id: mapItem(method.id, shard),
    title:
      shards.length === 1 ? method.name : `${method.name}, part ${shard + 1} of ${shards.length}`,
    cost: method.imported
      ? 0
      : mapCost(count, gradientsOf(operators, method, settings), rates ?? proportions, parameters),
    bytes: count * height * width * channels * 4,
  };
  return oneItem(madeMaps.stage, item, [trainingId(0)], () => {
    const weights = levelWeights(parts, inputs, 0);
    if (!weights) return null;
    const key = keyOfMap(inputs, images, method, weights);
    const { composition } = method;
    const commit = () => parts.runs.putMap(ownerOf(inputs).run, method.id, shard, key);
    if (method.imported) {
      return {
        orders: [],
        known: () => parts.artifacts.has(key),
        async finish({ reused }, { signal }) {
          await parts.importedMaps.put(method, images, key, signal);
          return { artifacts: [key], reused, commit };
        },
      };
    }
    const { split } = images;
    const indices = [...images.indices];
    const model = stored(weights.artifact);
    return {
      orders: [
        workOrder(
          'maps',
          inputs.dataset,
          { split, indices, model, ...seenBy(weights), composition, parameters, seed },
          [{ file: 'map.npy', kind: 'map', key }],
        ),
      ],
      finish: ({ reused }) => ({
        artifacts: [key],
        reused,
        commit,
      }),
    };
  });
}

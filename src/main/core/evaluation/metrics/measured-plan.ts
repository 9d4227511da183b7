import { completeMetric, type MetricDescriptor } from '../../../../shared/catalogue/metric';
import { costOf } from '../../../../shared/catalogue/parameter';
import { valueAt } from '../../../../shared/checked-reads';
import { counted } from '../../../../shared/format/counts';
import { readFloats } from '../../artifacts/arrays';
import { artifactKey } from '../../artifacts/artifacts';
import { engineFor, type ImagesKey } from '../../artifacts/keys';
import { proportions, shardSize, trainedImages } from '../../jobs/costs';
import { oneItem, planOf, type Planned, stored, workOrder } from '../../jobs/item-spec';
import { trainingId, trainingStage } from '../../models/trainings';
import { levelTraining, levelWeights } from '../roar/level-training';
import { type MakePlan, ownerOf, type PlanParts, type RunInputs } from '../roar/metric-plan';
import { intervals } from './intervals';
import { imageShards, keyOfMap, mapStage, plannedMaps } from './planned-maps';

/** A descriptor of what the engine measures. */
type Measured = MetricDescriptor & { readonly cost: NonNullable<MetricDescriptor['cost']> };

/** A base model, its maps, and what the engine measures on them. */
export const measuredPlan =
  (descriptor: Measured): MakePlan =>
  async (parts, inputs) => {
    const { settings, methods, counts, rates } = inputs;
    const { recipe, images, levels, resamples } = settings;
    const shards = imageShards(inputs);
    const base = levelTraining(parts, inputs, 0);
    const maps = plannedMaps(parts, inputs, shards);
    const mapIds = maps.map(({ spec }) => spec.id);
    const measured = shards.map((_, shard) =>
      measureSpec(parts, inputs, descriptor, shards, shard, mapIds),
    );
    const report = intervals(
      parts,
      inputs,
      images * methods.length * levels.length,
      measured.map(({ spec }) => spec.id),
    );
    const trained = trainedImages(recipe, counts) * recipe.epochs;
    return planOf(
      [
        {
          ...trainingStage(1),
          work: `${counted(trained, 'training image')} (1 model, ${counted(recipe.epochs, 'epoch')})`,
        },
        mapStage(inputs),
        {
          id: 'score',
          title: 'Measure the maps',
          work: `${counted(images * methods.length, 'map')} measured`,
        },
        { id: 'report', title: 'Draw the figure', work: counted(resamples, 'bootstrap resample') },
      ],
      rates !== null,
      [base, ...maps, ...measured, report],
    );
  };

/** The values of one shard of images by all methods. */
function measureSpec(
  parts: PlanParts,
  inputs: RunInputs,
  descriptor: Measured,
  shards: readonly ImagesKey[],
  shard: number,
  maps: readonly string[],
): Planned {
  const { settings, methods, engine, rates } = inputs;
  const { id: metric, label, result } = descriptor;
  const { levels, fill, reduction, seed } = settings;
  const parameters = completeMetric(descriptor, settings.metric ?? {});
  const images = valueAt(shards, shard);
  const count = images.indices.length;
  const values = count * methods.length * levels.length;
  const speed = rates ?? proportions;
  const times = (cost: Parameters<typeof costOf>[0]) => costOf(cost, (name) => parameters[name]);
  const item = {
    id: String(shard),
    title: shards.length === 1 ? label : `${label}, part ${shard + 1} of ${shards.length}`,
    cost:
      (values * times(descriptor.cost.forwardPasses)) / speed.forwardImagesPerSecond +
      (values * times(descriptor.cost.gradients)) / speed.gradientsPerSecond,
    bytes: values * 4,
  };
  return oneItem('score', item, [trainingId(0), ...maps], () => {
    const weights = levelWeights(parts, inputs, 0);
    if (!weights) return null;
    const made = methods.map((method) => keyOfMap(inputs, images, method, weights));
    const key = artifactKey('score', {
      metric,
      parameters,
      images,
      levels,
      fill,
      reduction,
      seed,
      maps: made,
      modelSha256: weights.sha256,
      engine: engineFor(engine, weights.architecture, { fill, metric }),
    });
    const order = workOrder(
      'measure',
      inputs.dataset,
      {
        split: images.split,
        indices: [...images.indices],
        model: stored(weights.artifact),
        metric,
        parameters,
        levels,
        fill,
        reduction,
        seed,
        maps: made.map(stored),
        methods: methods.map(({ name }) => name),
      },
      [{ file: 'values.npy', kind: 'score', key }],
    );
    return {
      orders: [order],
      async finish({ reused }) {
        const { run } = ownerOf(inputs);
        const { data } = await readFloats(await parts.artifacts.open(key), 'values.npy');
        // One value of the whole image is stored with level 0, where nothing is removed.
        const kept = result === 'curve' ? levels : [0];
        return {
          artifacts: [key],
          reused,
          commit: () =>
            methods.forEach((method, m) => {
              kept.forEach((level, l) => {
                const at = (m * kept.length + l) * count;
                const scores = [...data.subarray(at, at + count)];
                const tied = scores.map(() => 0);
                const block = { method: method.id, level, scores, tied };
                parts.runs.putScores(run, shard * shardSize, block);
              });
            }),
          announce: [{ type: 'run.changed', run }],
        };
      },
    };
  });
}

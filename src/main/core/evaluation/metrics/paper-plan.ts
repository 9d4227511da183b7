import { counted } from '../../../../shared/format/counts';
import { readFloats } from '../../artifacts/arrays';
import { type ImagesKey, scoreKeys } from '../../artifacts/keys';
import { levelTitle, proportions, scoreCost, shardSize, trainedImages } from '../../jobs/costs';
import { oneItem, planOf, type Planned, stored, workOrder } from '../../jobs/item-spec';
import { trainingId, trainingStage } from '../../models/trainings';
import { levelTraining, levelWeights } from '../roar/level-training';
import { type MakePlan, ownerOf, type PlanParts, type RunInputs } from '../roar/metric-plan';
import { intervals } from './intervals';
import { imageShards, keyOfMap, mapStage, plannedMaps } from './planned-maps';

// Items are named by the level's every digit: two that look alike are two.
const scoreItem = (level: number): string => String(level);

/** The protocol `paper`: a model a level, maps by the first, scores of degraded images. */
export const paperPlan: MakePlan = async (parts, inputs) => {
  const { settings, methods, counts, rates } = inputs;
  const { levels, recipe, images, resamples } = settings;
  const shards = imageShards(inputs);
  const trained = trainedImages(recipe, counts) * recipe.epochs * levels.length;
  const values = images * methods.length * levels.length;
  const trainings = levels.map((level) => levelTraining(parts, inputs, level));
  const maps = plannedMaps(parts, inputs, shards);
  const mapIds = maps.map(({ spec }) => spec.id);
  const scores = levels.map((level) => scoreSpec(parts, inputs, shards, level, mapIds));
  const report = intervals(
    parts,
    inputs,
    values,
    scores.map(({ spec }) => spec.id),
  );
  return planOf(
    [
      {
        ...trainingStage(levels.length),
        work: `${counted(trained, 'training image')} (${counted(levels.length, 'model')}, ${counted(recipe.epochs, 'epoch')})`,
      },
      mapStage(inputs),
      {
        id: 'score',
        title: 'Remove pixels and score',
        work: `${counted(values, 'degraded image')} scored`,
      },
      { id: 'report', title: 'Draw the curves', work: counted(resamples, 'bootstrap resample') },
    ],
    rates !== null,
    [...trainings, ...maps, ...scores, report],
  );
};

/** One level's scores of all methods, a shard of images an order. */
function scoreSpec(
  parts: PlanParts,
  inputs: RunInputs,
  shards: readonly ImagesKey[],
  level: number,
  maps: readonly string[],
): Planned {
  const { settings, methods, engine, rates } = inputs;
  const { fill, reduction, seed } = settings;
  const item = {
    id: scoreItem(level),
    title: levelTitle(level),
    cost: shards.reduce(
      (sum, { indices }) => sum + methods.length * scoreCost(indices.length, rates ?? proportions),
      0,
    ),
    bytes: settings.images * methods.length * 8,
  };
  return oneItem('score', item, [trainingId(level), ...maps], () => {
    const base = levelWeights(parts, inputs, 0);
    const weights = levelWeights(parts, inputs, level);
    if (!base || !weights) return null;
    const scored = shards.map((images) => {
      const made = methods.map((method) => keyOfMap(inputs, images, method, base));
      const keys = scoreKeys({
        images,
        level,
        fill,
        reduction,
        seed,
        maps: made,
        engine,
        model: weights,
      });
      const order = workOrder(
        'score',
        inputs.dataset,
        {
          split: images.split,
          indices: [...images.indices],
          model: stored(weights.artifact),
          level,
          fill,
          reduction,
          seed,
          maps: made.map(stored),
          methods: methods.map(({ name }) => name),
        },
        [
          { file: 'scores.npy', kind: 'score', key: keys.score },
          { file: 'tied.npy', kind: 'tied', key: keys.tied },
        ],
      );
      return { keys, order };
    });
    return {
      orders: scored.map(({ order }) => order),
      async finish({ reused }) {
        const { run } = ownerOf(inputs);
        const read = async (key: string, file: string) =>
          (await readFloats(await parts.artifacts.open(key), file)).data;
        // [M, N] each.
        const blocks: { scores: Float32Array; tied: Float32Array }[] = [];
        for (const { keys } of scored) {
          blocks.push({
            scores: await read(keys.score, 'scores.npy'),
            tied: await read(keys.tied, 'tied.npy'),
          });
        }
        return {
          artifacts: scored.flatMap(({ keys }) => [keys.score, keys.tied]),
          reused,
          commit: () =>
            blocks.forEach((block, shard) => {
              const count = block.scores.length / methods.length;
              methods.forEach((method, m) => {
                const row = (values: Float32Array) => [
                  ...values.subarray(m * count, (m + 1) * count),
                ];
                parts.runs.putScores(run, shard * shardSize, {
                  method: method.id,
                  level,
                  scores: row(block.scores),
                  tied: row(block.tied),
                });
              });
            }),
          announce: [{ type: 'run.changed', run }],
        };
      },
    };
  });
}

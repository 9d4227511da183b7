import { type Method } from '../../../../shared/catalogue/methods';
import { valueAt } from '../../../../shared/checked-reads';
import { counted, formatCount } from '../../../../shared/format/counts';
import { readFloats } from '../../artifacts/arrays';
import { type ImagesKey, mapKey, scoreKeys } from '../../artifacts/keys';
import {
  cheapestFirst,
  gradientsOf,
  levelTitle,
  mapCost,
  proportions,
  shardSize,
  shardsOf,
  trainedImages,
} from '../../jobs/costs';
import { oneItem, planOf, type Planned, workOrder } from '../../jobs/item-spec';
import { trainingId, trainingStage, type Weights } from '../../models/trainings';
import { levelTraining, levelWeights } from './level-training';
import {
  gradientsOfAll,
  type MakePlan,
  ownerOf,
  type PlanParts,
  reportItem,
  type RunInputs,
} from './protocol-plan';

/**
 * Weighted sums of the bootstrap, and of the claims that rest on it, that one core does in a second:
 * not measured on this machine, for it is a second or two of a run.
 */
const resampledValuesPerSecond = 1e8;

// Items are named by the level's every digit: two that look alike are two.
const scoreItem = (level: number): string => String(level);

export function mapItem(method: string, shard: number): string {
  return `${method}/${shard}`;
}

/** The protocol `paper`: a model a level, maps by the first, scores of degraded images. */
export const paperPlan: MakePlan = async (parts, inputs) => {
  const { settings, methods, operators, counts, rates } = inputs;
  const { levels, recipe, images, resamples } = settings;
  const shards = shardsOf(inputs.images.map(({ image }) => image)).map((indices): ImagesKey => ({
    dataset: inputs.dataset,
    split: 'validation',
    indices,
  }));
  const trained = trainedImages(recipe, counts) * recipe.epochs * levels.length;
  const values = images * methods.length * levels.length;
  const trainings = levels.map((level) => levelTraining(parts, inputs, level));
  const maps = cheapestFirst(operators, methods, settings).flatMap((method) =>
    shards.map((_, shard) => mapSpec(parts, inputs, shards, method, shard)),
  );
  const mapIds = maps.map(({ spec }) => spec.id);
  const scores = levels.map((level) => scoreSpec(parts, inputs, shards, level, mapIds));
  const report = reportItem(
    parts,
    inputs,
    {
      title: `Intervals from ${formatCount(resamples)} resamples`,
      cost: (values * resamples) / resampledValuesPerSecond,
    },
    scores.map(({ spec }) => spec.id),
  );
  return planOf(
    [
      {
        ...trainingStage(levels.length),
        work: `${counted(trained, 'training image')} (${counted(levels.length, 'model')}, ${counted(recipe.epochs, 'epoch')})`,
      },
      {
        id: 'maps',
        title: 'Make the maps',
        work: `${counted(gradientsOfAll(inputs) * images, 'input gradient')} (${counted(images, 'image')}, ${counted(methods.length, 'method')})`,
      },
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

function keyOfMap(inputs: RunInputs, images: ImagesKey, method: Method, model: Weights): string {
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
  const { settings, operators, shape, rates } = inputs;
  const { dataset, parameters, seed } = settings;
  const [height, width, channels] = shape;
  const images = valueAt(shards, shard);
  const count = images.indices.length;
  const item = {
    id: mapItem(method.id, shard),
    title:
      shards.length === 1 ? method.name : `${method.name}, part ${shard + 1} of ${shards.length}`,
    cost: mapCost(count, gradientsOf(operators, method, settings), rates ?? proportions),
    bytes: count * height * width * channels * 4,
  };
  return oneItem('maps', item, [trainingId(0)], () => {
    const weights = levelWeights(parts, inputs, 0);
    if (!weights) return null;
    const key = keyOfMap(inputs, images, method, weights);
    const { composition } = method;
    const { split } = images;
    const indices = [...images.indices];
    const model = { artifact: weights.artifact };
    return {
      orders: [
        workOrder('maps', { dataset, split, indices, model, composition, parameters, seed }, [
          { file: 'map.npy', kind: 'map', key },
        ]),
      ],
      finish: ({ reused }) => ({
        artifacts: [key],
        reused,
        commit: () => parts.runs.putMap(ownerOf(inputs).run, method.id, shard, key),
      }),
    };
  });
}

/** One level's scores of all methods, a shard of images an order. */
function scoreSpec(
  parts: PlanParts,
  inputs: RunInputs,
  shards: readonly ImagesKey[],
  level: number,
  maps: readonly string[],
): Planned {
  const { settings, methods, engine, rates } = inputs;
  const { dataset, fill, reduction, seed } = settings;
  const item = {
    id: scoreItem(level),
    title: levelTitle(level),
    cost: (settings.images * methods.length) / (rates ?? proportions).forwardImagesPerSecond,
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
        {
          dataset,
          split: images.split,
          indices: [...images.indices],
          model: { artifact: weights.artifact },
          level,
          fill,
          reduction,
          seed,
          maps: made.map((artifact) => ({ artifact })),
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

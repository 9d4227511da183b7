import { type MetricDescriptor } from '../../../../shared/catalogue/metric';
import { counted } from '../../../../shared/format/counts';
import { adoptFile } from '../../artifacts/adopt';
import { readFloats } from '../../artifacts/arrays';
import { artifactKey } from '../../artifacts/artifacts';
import { engineFor } from '../../artifacts/keys';
import { datasetSource } from '../../datasets/folders';
import { modelsCsv } from '../../export/text/csv';
import { gradientsOf, roarStages, shardSize, shardSizes } from '../../jobs/costs';
import { type Context, type ItemResult } from '../../jobs/job-run';
import { type Metric, type RunParts } from '../metric';
import { baseSection } from '../report/base-section';
import { levelsInWords } from '../report/levels-in-words';
import { trainLevel, weightsOf } from '../roar/levels';
import { makeMaps, mapOf } from '../roar/paper';
import { type Attempt, imagesKey } from '../roar/prepare';
import { overImages } from './over-images';

const measureItem = (shard: number): string => String(shard);

/** A metric that the engine measures on the base model's maps, with no other model. */
export function measuredMetric(descriptor: MetricDescriptor): Metric {
  const isCurve = descriptor.result === 'curve';
  return {
    descriptor,
    removal: isCurve ? { by: 'map', keep: false } : null,
    measured: true,
    observations: overImages,
    models: {
      inWords: ({ run }) =>
        isCurve ? `1 model, levels ${levelsInWords(run.settings)}` : '1 model',
      fact: ({ levels }) => ({
        name: 'Accuracy of the base model',
        accuracies: [levels[0]?.validationAccuracy ?? null],
      }),
      csv: ({ levels }) => modelsCsv(levels),
      section: baseSection,
    },
    stages({ operators, settings, methods, counts }, rates) {
      const base = { ...settings, levels: [0] };
      return roarStages(operators, base, methods, counts, rates).map((stage) => {
        if (stage.id !== 'score') return stage;
        const [{ cost = 0 } = {}] = stage.items;
        const sizes = shardSizes(settings.images);
        return {
          id: stage.id,
          title: 'Measure the maps',
          items: sizes.map((size, shard) => ({
            id: measureItem(shard),
            title: `${descriptor.label}, part ${shard + 1} of ${sizes.length}`,
            cost: (cost * settings.levels.length * size) / settings.images,
          })),
        };
      });
    },
    work({ operators, settings, methods, counts }) {
      const { recipe, images, resamples } = settings;
      const train = Math.min(recipe.trainLimit ?? counts.train, counts.train);
      const gradients = methods.reduce(
        (sum, method) => sum + gradientsOf(operators, method, settings),
        0,
      );
      return {
        train: `${counted(train * recipe.epochs, 'training image')} (1 model, ${counted(recipe.epochs, 'epoch')})`,
        maps: `${counted(gradients * images, 'input gradient')} (${counted(images, 'image')}, ${counted(methods.length, 'method')})`,
        score: `${counted(images * methods.length, 'map')} measured`,
        report: counted(resamples, 'bootstrap resample'),
      };
    },
    async run(parts, attempt, run) {
      await trainLevel(parts, attempt, run, 0);
      await makeMaps(parts, attempt, run);
      for (const shard of attempt.shards.keys()) {
        await run.item('score', measureItem(shard), (context) =>
          measureShard(parts, descriptor, attempt, context, shard),
        );
      }
    },
  };
}

async function measureShard(
  parts: Pick<
    RunParts,
    'artifacts' | 'dataDir' | 'engine' | 'files' | 'models' | 'runs' | 'scratch'
  >,
  { id: metric, result }: MetricDescriptor,
  attempt: Attempt,
  context: Context,
  shard: number,
): Promise<ItemResult> {
  const { settings, record, methods } = attempt;
  const { levels, fill, reduction, seed, metric: parameters = {} } = settings;
  const indices = attempt.shards[shard] ?? [];
  const weights = await weightsOf(parts, attempt, 0);
  const maps = methods.map((method) => mapOf(parts, record.id, method.id, shard));
  const key = artifactKey('score', {
    metric,
    parameters,
    images: imagesKey(attempt, indices),
    levels,
    fill,
    reduction,
    seed,
    maps,
    modelSha256: weights.sha256,
    engine: engineFor(attempt.engine, weights.architecture, { fill }),
  });
  const { artifacts } = parts;
  const reused = await artifacts.has(key);
  if (!reused) {
    const paths: string[] = [];
    for (const map of maps) paths.push(await artifacts.open(map));
    await parts.scratch(async (outDir) => {
      const { files } = await parts.engine.request(
        'measure',
        {
          ...datasetSource(parts, settings.dataset),
          split: 'validation',
          indices: [...indices],
          model: weights.path,
          metric,
          parameters,
          levels,
          fill,
          reduction,
          seed,
          maps: paths,
          methods: methods.map(({ name }) => name),
          outDir,
        },
        { lane: 'batch', ...context },
      );
      await adoptFile(parts, outDir, files, 'values.npy', 'score', key);
    });
  }
  const { data } = await readFloats(await artifacts.open(key), 'values.npy');
  // One value of the whole image is stored with level 0, where nothing is removed.
  const stored = result === 'curve' ? levels : [0];
  const count = indices.length;
  return {
    artifacts: [key],
    reused,
    commit: () =>
      methods.forEach((method, m) => {
        stored.forEach((level, l) => {
          const at = (m * stored.length + l) * count;
          const scores = [...data.subarray(at, at + count)];
          const block = { method: method.id, level, scores, tied: scores.map(() => 0) };
          parts.runs.putScores(record.id, shard * shardSize, block);
        });
      }),
    announce: [{ type: 'run.changed', run: record.id }],
  };
}

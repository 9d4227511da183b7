import { degradeByMaps } from '../../../engine/removal/degrade';
import { readReducedMap } from '../map-file';
import { type Operation } from '../operation';
import { writeArray } from '../output';

export const degrade: Operation<'degrade'> = async (input, context) => {
  const { indices, level, fill, seed } = input;
  const dataset = await context.datasets.get(input);
  const { images, shape } = await context.datasets.pick(input);
  const maps = await readReducedMap(input.map, indices.length, shape, input.reduction);
  const datasetMean = context.removal.mean(dataset, fill);
  const degraded = degradeByMaps({ images, shape, indices, maps, level, fill, seed, datasetMean });
  const array = { shape: [indices.length, ...shape], data: degraded.images };
  return { files: [await writeArray(input.outDir, 'images.npy', array)] };
};

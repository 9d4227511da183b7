import { degradeByMaps } from '../../../engine/removal/degrade';
import { degradeByOrders } from '../../../engine/removal/degrade-by-orders';
import { readReducedMap } from '../map-file';
import { type Operation } from '../operation';
import { readOrders } from '../order-file';
import { writeArray } from '../output';

export const degrade: Operation<'degrade'> = async (input, context) => {
  const { indices, level, fill, seed, ranking } = input;
  const { sight = {} } = input;
  const dataset = context.datasets.seen(await context.datasets.get(input), sight);
  const { images, shape } = await context.datasets.pick(input, sight);
  const datasetMean = context.removal.mean(dataset, fill);
  const request = { images, shape, indices, level, fill, seed, datasetMean };
  const count = indices.length;
  let data: Float32Array;
  if (ranking.kind === 'map') {
    const maps = await readReducedMap(ranking.path, count, shape, ranking.reduction);
    data = degradeByMaps({ ...request, maps }).images;
  } else {
    const orders = await readOrders(ranking.path, shape[0] * shape[1], count);
    data = degradeByOrders({ ...request, orders, keep: ranking.keep });
  }
  const array = { shape: [count, ...shape], data };
  return { files: [await writeArray(input.outDir, 'images.npy', array)] };
};

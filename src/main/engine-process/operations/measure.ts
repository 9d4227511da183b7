import { breathe } from '../../../engine/runtime/cancel';
import { reduceChannels } from '../../../engine/saliency/reduction';
import { completeMetric } from '../../../shared/catalogue/metric';
import { readMap } from '../map-file';
import { type Operation } from '../operation';
import { writeArray } from '../output';
import { requireLabels, seenDataset, seenImages } from '../seen';

export const measure: Operation<'measure'> = async (input, context) => {
  const { indices, levels, fill, seed, outDir } = input;
  const { signal, report } = context;
  const { descriptor, measure: values } = context.catalogues.measures.get(input.metric);
  const parameters = completeMetric(descriptor, input.parameters, 'parameters');
  const runtime = await context.runtime();
  const count = indices.length;
  const size = (descriptor.result === 'curve' ? levels.length : 1) * count;
  const all = new Float32Array(input.maps.length * size);
  await context.models.use(runtime, input.model, async (model) => {
    requireLabels(model);
    const dataset = await seenDataset(context.datasets, input, model);
    const { images, outputs, shape } = await seenImages(context.datasets, input, model);
    const datasetMean = context.removal.mean(dataset, fill);
    for (const [position, path] of input.maps.entries()) {
      await breathe(signal);
      const { raw, channels } = await readMap(path, count, shape);
      const method = input.methods[position] ?? path;
      const own = await values(
        {
          runtime,
          model,
          forwardBatch: model.batches.forward,
          images,
          shape,
          labels: outputs,
          indices,
          raw,
          channels,
          maps: reduceChannels(raw, channels, input.reduction),
          method,
          levels,
          fill,
          datasetMean,
          seed,
          signal,
        },
        parameters,
      );
      if (own.length !== size || !own.every(Number.isFinite)) {
        throw new RangeError(
          `${descriptor.id} of ${method}: ${own.length} values, not ${size} finite ones`,
        );
      }
      all.set(own, position * size);
      report({ done: (position + 1) * count, total: input.maps.length * count, unit: 'images' });
    }
  });
  const { length } = input.maps;
  const array = descriptor.result === 'curve' ? [length, levels.length, count] : [length, count];
  return { files: [await writeArray(outDir, 'values.npy', { shape: array, data: all })] };
};

import { softmaxRows } from '../../../engine/models/evaluate';
import { degradeByMaps } from '../../../engine/removal/degrade';
import { breathe } from '../../../engine/runtime/cancel';
import { predict } from '../../../engine/saliency/predict';
import { valueAt } from '../../../shared/checked-reads';
import { readReducedMap } from '../map-file';
import { type Operation } from '../operation';
import { writeArray } from '../output';
import { requireLabels, seenDataset, seenImages } from '../seen';

export const score: Operation<'score'> = async (input, context) => {
  const { indices, level, fill, seed, outDir } = input;
  const { signal, report } = context;
  const runtime = await context.runtime();
  const count = indices.length;
  const total = input.maps.length * count;
  const scores = new Float32Array(total);
  const tied = new Float32Array(total);
  await context.models.use(runtime, input.model, async (model) => {
    requireLabels(model);
    const dataset = await seenDataset(context.datasets, input, model);
    const { images, outputs, shape } = await seenImages(context.datasets, input, model);
    const datasetMean = context.removal.mean(dataset, fill);
    const forwardBatch = model.batches.forward;
    for (const [position, path] of input.maps.entries()) {
      await breathe(signal);
      const maps = await readReducedMap(path, count, shape, input.reduction);
      const method = input.methods[position];
      const request = { images, shape, indices, maps, method, level, fill, seed, datasetMean };
      const degraded = degradeByMaps(request);
      const { logits } = await predict({
        runtime,
        model,
        images: degraded.images,
        forwardBatch,
        nameOf: (image) =>
          `image ${indices[image]}, without what ${method} ranks highest at level ${level} (fill ${fill})`,
        signal,
      });
      const probabilities = softmaxRows(logits, model.classes);
      outputs.forEach((output, i) => {
        scores[position * count + i] = valueAt(probabilities, i * model.classes + output);
      });
      tied.set(degraded.tied, position * count);
      report({ done: (position + 1) * count, total, unit: 'images' });
    }
  });
  const arrayShape = [input.maps.length, count];
  return {
    files: [
      await writeArray(outDir, 'scores.npy', { shape: arrayShape, data: scores }),
      await writeArray(outDir, 'tied.npy', { shape: arrayShape, data: tied }),
    ],
  };
};

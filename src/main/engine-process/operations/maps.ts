import { makeMaps } from '../../../engine/saliency/make-maps';
import { type Operation } from '../operation';
import { writeArray } from '../output';
import { seenImages } from '../seen';

export const maps: Operation<'maps'> = async (input, context) => {
  const runtime = await context.runtime();
  const { operators } = context.catalogues;
  const composition = operators.catalogue.parse(input.composition);
  const parameters = operators.catalogue.complete(input.parameters);
  return context.models.use(runtime, input.model, async (model) => {
    const { images, outputs, shape } = await seenImages(context.datasets, input, model);
    const data = await makeMaps({
      runtime,
      model,
      images,
      labels: outputs,
      indices: input.indices,
      operators,
      composition,
      parameters,
      seed: input.seed,
      batch: model.batches.gradient,
      forwardBatch: model.batches.forward,
      signal: context.signal,
      report: context.report,
    });
    const count = outputs.length;
    const [height, width] = shape;
    // A control has one value a location, an attribution one a channel.
    const channels = count === 0 ? shape[2] : data.length / (count * height * width);
    const array = { shape: [count, height, width, channels], data };
    return {
      files: [await writeArray(input.outDir, 'map.npy', array)],
      gradients: Math.round(count * operators.catalogue.cost(composition, parameters)),
    };
  });
};

import { predict as predictImages, targetsOf } from '../../../engine/saliency/predict';
import { type Operation } from '../operation';
import { writeArray } from '../output';
import { seenImages } from '../seen';

export const predict: Operation<'predict'> = async (input, context) => {
  const runtime = await context.runtime();
  const { target, outDir } = input;
  return context.models.use(runtime, input.model, async (model) => {
    const seen = await seenImages(context.datasets, input, model);
    const { images, labels, outputs, shape } = seen;
    const request = {
      runtime,
      model,
      images,
      forwardBatch: model.batches.forward,
      nameOf: (position: number) => `image ${input.indices[position]}`,
      signal: context.signal,
    };
    const { inputs, logits } = await predictImages(request);
    const targets = await targetsOf({ ...request, labels: outputs, target });
    const count = labels.length;
    return {
      files: [
        await writeArray(outDir, 'inputs.npy', { shape: [count, ...shape], data: inputs }),
        await writeArray(outDir, 'labels.npy', { shape: [count], data: labels }),
        await writeArray(outDir, 'targets.npy', { shape: [count], data: targets }),
        await writeArray(outDir, 'logits.npy', { shape: [count, model.classes], data: logits }),
      ],
    };
  });
};

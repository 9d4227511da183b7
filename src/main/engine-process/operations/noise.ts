import { noiseOf } from '../../../engine/saliency/make-maps';
import { type Operation } from '../operation';
import { writeArray } from '../output';

export const noise: Operation<'noise'> = async (input, context) => {
  const runtime = await context.runtime();
  const { indices, parameters, seed } = input;
  return context.models.use(runtime, input.model, async (model) => {
    const { images, shape } = await context.datasets.pick(input, model.input);
    const data = noiseOf({ runtime, model, images, indices, parameters, seed });
    const array = { shape: [indices.length, parameters.n, ...shape], data };
    return { files: [await writeArray(input.outDir, 'noise.npy', array)] };
  });
};

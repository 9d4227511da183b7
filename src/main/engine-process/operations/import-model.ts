import { withWeights } from '../../../engine/models/open-weights';
import { adaptModel, modelPieces } from '../../../engine/models/weights';
import { refuse } from '../../../shared/errors';
import { type Operation } from '../operation';
import { writePieces } from '../output';

export const importModel: Operation<'import-model'> = async (input, context) => {
  const { path, file, architecture, form, mean, std, leaveOutExtra, weightsKey, outDir } = input;
  const [height, width, channels] = form.inputShape;
  if ((mean === null) !== (std === null)) {
    throw refuse(mean === null ? 'mean' : 'std', null, 'both mean and std, or neither');
  }
  if (std?.some((value) => value <= 0)) throw refuse('std', std, 'numbers above 0');
  const { kernels } = await context.runtime();
  const { model, adapted } = await withWeights(path, { name: file, weightsKey }, (weights) =>
    adaptModel(kernels, weights, {
      file,
      networks: context.catalogues.networks,
      architecture,
      input: mean && std ? { mean, std } : undefined,
      size: [height, width],
      leaveOutExtra,
    }),
  );
  try {
    if (model.classes !== form.classes || model.inputShape[2] !== channels) {
      const found = `a model of ${model.inputShape[2]} channels and ${model.classes} classes`;
      throw refuse('file', found, `one of ${channels} channels and ${form.classes} classes`);
    }
    const kept = await writePieces(outDir, 'model.safetensors', modelPieces(model));
    return { files: [kept], adapted: [...adapted] };
  } finally {
    model.dispose();
  }
};

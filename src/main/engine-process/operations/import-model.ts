import { readFile, stat } from 'node:fs/promises';
import { adaptModel, encodeModel } from '../../../engine/models/weights';
import { refuse } from '../../../shared/errors';
import { type Operation } from '../operation';
import { writeBytes } from '../output';

/** What can be read in one piece; the largest network here has a quarter of it. */
const largestFile = 2 ** 31 - 1;

export const importModel: Operation<'import-model'> = async (input, context) => {
  const { path, file, architecture, form, mean, std, leaveOutExtra, outDir } = input;
  const [height, width, channels] = form.inputShape;
  if ((mean === null) !== (std === null)) {
    throw refuse(mean === null ? 'mean' : 'std', null, 'both mean and std, or neither');
  }
  if (std?.some((value) => value <= 0)) throw refuse('std', std, 'numbers above 0');
  const { size } = await stat(path);
  if (size > largestFile)
    throw refuse('file', file, `a file of less than 2 GiB, not ${size} bytes`);
  const { kernels } = await context.runtime();
  const { model, adapted } = adaptModel(kernels, await readFile(path), {
    file,
    networks: context.catalogues.networks,
    architecture,
    input: mean && std ? { mean, std } : undefined,
    size: [height, width],
    leaveOutExtra,
  });
  try {
    if (model.classes !== form.classes || model.inputShape[2] !== channels) {
      const found = `a model of ${model.inputShape[2]} channels and ${model.classes} classes`;
      throw refuse('file', found, `one of ${channels} channels and ${form.classes} classes`);
    }
    const bytes = await encodeModel(model);
    return { files: [await writeBytes(outDir, 'model.safetensors', bytes)], adapted: [...adapted] };
  } finally {
    model.dispose();
  }
};

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { decodeModel, encodeModel } from '../../../engine/models/weights';
import { refuse } from '../../../shared/errors';
import { type Operation } from '../operation';
import { writeBytes } from '../output';

export const importModel: Operation<'import-model'> = async (input, context) => {
  const { path, architecture, form, mean, std, outDir } = input;
  const [height, width, channels] = form.inputShape;
  if ((mean === null) !== (std === null)) {
    throw refuse(mean === null ? 'mean' : 'std', null, 'both mean and std, or neither');
  }
  if (std?.some((value) => value <= 0)) throw refuse('std', std, 'numbers above 0');
  const { kernels } = await context.runtime();
  const model = decodeModel(kernels, await readFile(path), {
    file: basename(path),
    architecture,
    input: mean && std ? { mean, std } : undefined,
    size: [height, width],
  });
  try {
    if (model.classes !== form.classes || model.inputShape[2] !== channels) {
      const found = `a model of ${model.inputShape[2]} channels and ${model.classes} classes`;
      throw refuse('file', found, `one of ${channels} channels and ${form.classes} classes`);
    }
    const bytes = await encodeModel(model);
    return { files: [await writeBytes(outDir, 'model.safetensors', bytes)] };
  } finally {
    model.dispose();
  }
};

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { decodeModel, encodeModel } from '../../../engine/models/weights';
import { refuse } from '../../../shared/errors';
import { type Operation } from '../operation';
import { writeBytes } from '../output';

export const importModel: Operation<'import-model'> = async (input, context) => {
  const { path, architecture, mean, std, outDir } = input;
  if ((mean === null) !== (std === null)) {
    throw refuse(mean === null ? 'mean' : 'std', null, 'both mean and std, or neither');
  }
  if (std?.some((value) => value <= 0)) throw refuse('std', std, 'numbers above 0');
  const { kernels } = await context.runtime();
  const model = decodeModel(kernels, await readFile(path), {
    file: basename(path),
    architecture,
    input: mean && std ? { mean, std } : undefined,
  });
  try {
    const bytes = await encodeModel(model);
    return { files: [await writeBytes(outDir, 'model.safetensors', bytes)] };
  } finally {
    model.dispose();
  }
};

import { importImages } from '../../../engine/datasets/images/import-images';
import { fileFailure } from '../../../shared/errors';
import { type Operation } from '../operation';

export const imagesImport: Operation<'images-import'> = async (input, { signal, report }) => {
  try {
    const made = await importImages({ ...input, keep: true, signal, report });
    const { dataset, files, settings, stated } = made;
    return { files: [...files], dataset, settings, stated };
  } catch (error) {
    // What is wrong with the source is a refusal by now: what is left comes from writing.
    throw fileFailure(error, input.outDir);
  }
};

import { fileFailure } from '../../../shared/errors';
import { importDataset } from '../../../engine/datasets/import';
import { type Operation } from '../operation';

export const datasetImport: Operation<'dataset-import'> = async (input, { signal, report }) => {
  try {
    const made = await importDataset({ ...input, signal, report });
    const { train, validation } = made;
    return { files: [...made.files], classes: made.classes.length, train, validation };
  } catch (error) {
    // What is wrong with the source is a refusal by now: what is left comes from writing.
    throw fileFailure(error, input.outDir);
  }
};

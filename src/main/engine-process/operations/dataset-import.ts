import { importDataset } from '../../../engine/datasets/import';
import { fileFailure, refuse } from '../../../shared/errors';
import { type Operation } from '../operation';

export const datasetImport: Operation<'dataset-import'> = async (
  { importer: id, ...input },
  { catalogues, signal, report },
) => {
  const importer = catalogues.importers.find((known) => known.id === id);
  if (!importer) {
    const known = catalogues.importers.map((each) => each.id).join(', ');
    throw refuse('importer', id, `one of: ${known}`);
  }
  try {
    const made = await importDataset(importer, { ...input, signal, report });
    const { train, validation } = made;
    return { files: [...made.files], classes: made.classes.length, train, validation };
  } catch (error) {
    // What is wrong with the source is a refusal by now: what is left comes from writing.
    throw fileFailure(error, input.outDir);
  }
};

import { exportDataset } from '../../../engine/datasets/export-dataset';
import { fileFailure } from '../../../shared/errors';
import { type Operation } from '../operation';

export const datasetExport: Operation<'dataset-export'> = async (input, context) => {
  const { datasets, report, signal } = context;
  const dataset = await datasets.get(input);
  const { about, archive: file, outDir } = input;
  const inImages = (progress: { done: number; total: number }) =>
    report({ ...progress, unit: 'images' });
  try {
    const written = await exportDataset({
      datasetDir: input.datasetDir,
      dataset,
      about,
      outDir,
      file,
      signal,
      report: inImages,
    });
    return { files: [written] };
  } catch (error) {
    // What is wrong with the dataset is a refusal by now: what is left comes from writing.
    throw fileFailure(error, outDir);
  }
};

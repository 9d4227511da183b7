import { datasetEntry, type DatasetId } from '../../../shared/catalogue/datasets';

/** What a trained model is called until somebody renames it. */
export const trainedName = (dataset: DatasetId, level: number): string =>
  `${datasetEntry(dataset).name}, t = ${level}`;

/** The file of a model's weights. */
export function weightsFileName({ name, id }: { name: string; id: string }): string {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return `${slug || id}.safetensors`;
}

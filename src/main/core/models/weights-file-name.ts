import { datasetEntry, type DatasetId } from '../../../shared/catalogue/datasets';
import { suggestedNetwork } from '../../../shared/catalogue/recipes';

/** What a trained model is called until somebody renames it: a network that was chosen is named. */
export function trainedName(dataset: DatasetId, architecture: string, level: number): string {
  const { name } = datasetEntry(dataset);
  const chosen = architecture === suggestedNetwork(dataset) ? '' : `, ${architecture}`;
  return `${name}${chosen}, t = ${level}`;
}

/** The file of a model's weights. */
export function weightsFileName({ name, id }: { name: string; id: string }): string {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return `${slug || id}.safetensors`;
}

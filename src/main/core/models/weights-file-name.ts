import { type DatasetFacts } from '../../../shared/catalogue/datasets';

/** What a trained model is called until somebody renames it: a network that was chosen is named. */
export function trainedName(
  { name, suggestion }: Pick<DatasetFacts, 'name' | 'suggestion'>,
  architecture: string,
  level: number,
): string {
  const chosen = architecture === suggestion?.network ? '' : `, ${architecture}`;
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

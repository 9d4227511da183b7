import { type DatasetCatalogue, type DatasetFacts } from '../../shared/catalogue/datasets';
import { nameKey } from '../../shared/identifying-text';
import { type App } from '../core/app';

export const datasetOption = '--dataset';

/** The dataset that is meant by its id or its name. Refuses, at `field`, none and several. */
export function namedDataset(
  { datasets }: Pick<App, 'datasets'>,
  text: string,
  field = datasetOption,
): DatasetFacts {
  return datasets.facts(datasets.named(text, field), field);
}

/** The same before anything is opened: only those that there is an importer for are known then. */
export const knownDataset = (datasets: DatasetCatalogue, text: string): DatasetFacts | undefined =>
  datasets.find(nameKey(text));

import { datasetEntry, type DatasetId } from './catalogue/datasets';
import { type ImageCounts } from './catalogue/roar-presets';
import { type DatasetRecord } from './records';

/** How many images of a dataset are installed; where it is not, how many the whole of it has. */
export function imageCounts(datasets: readonly DatasetRecord[], dataset: DatasetId): ImageCounts {
  const record = datasets.find(({ id }) => id === dataset);
  return record?.state === 'installed' ? record : datasetEntry(dataset);
}

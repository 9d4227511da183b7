import type { DatasetId } from '../../shared/catalogue/datasets';
import { storedDatasetFile } from '../../shared/stored-dataset';
import type { Dataset } from './dataset';
import { readMnist } from './mnist';
import { readStored } from './stored';

/** How a dataset lies on disk: MNIST as it is distributed, the others as an import wrote them. */
export interface DatasetReader {
  read(directory: string): Promise<Dataset>;
  /** The file whose change means another dataset in the same folder; none: the files never change. */
  readonly list: string | null;
}

const stored = (id: DatasetId): DatasetReader => ({
  read: (directory) => readStored(id, directory),
  list: storedDatasetFile,
});

export const datasetReaders: Record<DatasetId, DatasetReader> = {
  mnist: { read: readMnist, list: null },
  cifar10: stored('cifar10'),
  'tiny-imagenet': stored('tiny-imagenet'),
};

/** Read a dataset from the folder that holds its files, checking them. */
export function readDataset(id: DatasetId, directory: string): Promise<Dataset> {
  return datasetReaders[id].read(directory);
}

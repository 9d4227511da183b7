import type { DatasetId } from '../../shared/catalogue/datasets';
import type { Dataset } from './dataset';
import { readMnist } from './mnist';

const readers: Record<DatasetId, (directory: string) => Promise<Dataset>> = {
  mnist: readMnist,
};

/** Read a dataset from the folder that holds its files, checking them. */
export function readDataset(id: DatasetId, directory: string): Promise<Dataset> {
  return readers[id](directory);
}

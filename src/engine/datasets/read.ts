import { existsSync } from 'node:fs';
import path from 'node:path';
import { storedDatasetFile } from '../../shared/stored-dataset';
import type { Dataset } from './dataset';
import { readMnist } from './mnist';
import { readStored } from './stored';

/** Which dataset, and the folder of its files. */
export interface DatasetPlace {
  readonly dataset: string;
  readonly datasetDir: string;
}

/** Whether a folder holds what an import wrote; MNIST lies as it is distributed. */
export const isStored = ({ dataset, datasetDir }: DatasetPlace): boolean =>
  dataset !== 'mnist' || existsSync(path.join(datasetDir, storedDatasetFile));

/** Read a dataset from the folder that holds its files, checking them. */
export function readDataset(place: DatasetPlace): Promise<Dataset> {
  return isStored(place) ? readStored(place) : readMnist(place.datasetDir);
}

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

/** Readers of those that lie with the product's packages, as they are distributed. */
const distributed: ReadonlyMap<string, (directory: string) => Promise<Dataset>> = new Map([
  ['mnist', readMnist],
]);

/** The reader of a folder that holds no import, where there is one. */
const readerOf = ({ dataset, datasetDir }: DatasetPlace) =>
  existsSync(path.join(datasetDir, storedDatasetFile)) ? undefined : distributed.get(dataset);

/** Whether a folder holds what an import wrote, or should. */
export const isStored = (place: DatasetPlace): boolean => readerOf(place) === undefined;

/** Read a dataset from the folder that holds its files, checking them. */
export function readDataset(place: DatasetPlace): Promise<Dataset> {
  return readerOf(place)?.(place.datasetDir) ?? readStored(place);
}

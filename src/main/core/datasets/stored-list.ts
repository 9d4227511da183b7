import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { storedDatasetFile, storedDatasetSchema } from '../../../shared/stored-dataset';
import { datasetFolder } from './folders';

/** What the list of an installed dataset says; null where there is none that can be read. */
export function storedList(dataDir: string, dataset: string) {
  try {
    const text = readFileSync(join(datasetFolder(dataDir, dataset), storedDatasetFile), 'utf8');
    return storedDatasetSchema.parse(JSON.parse(text));
  } catch {
    // The engine says what is wrong with it when it is read.
    return null;
  }
}

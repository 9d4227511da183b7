import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { storedDatasetFile } from '../../../../shared/stored-dataset';
import { hashFile } from '../../artifacts/hash';
import { type DatasetKey } from '../../artifacts/keys';
import { type ChainDataset } from '../work-chain';

/** What tells workers of datasets, and where their files are. */
export class DatasetFiles {
  readonly #placeOf: (dataset: string) => string;
  readonly #known = new Map<string, ChainDataset>();
  readonly #paths = new Map<string, string>();

  /** @param placeOf throws `dataset-missing` */
  constructor(placeOf: (dataset: string) => string) {
    this.#placeOf = placeOf;
  }

  /** All files that an engine reads of it, an import's list too. */
  async of(key: DatasetKey): Promise<ChainDataset> {
    const content = JSON.stringify(key);
    const known = this.#known.get(content);
    if (known) return known;
    const folder = this.#placeOf(key.dataset);
    const files: ChainDataset['files'] = [];
    for (const { name, sha256 } of key.files) {
      const path = join(folder, name);
      files.push({ name, sha256, bytes: (await stat(path)).size });
    }
    const list = join(folder, storedDatasetFile);
    if (existsSync(list) && !files.some(({ name }) => name === storedDatasetFile)) {
      const sha256 = await hashFile(list, 'sha256');
      files.push({ name: storedDatasetFile, sha256, bytes: (await stat(list)).size });
    }
    for (const { name, sha256 } of files) this.#paths.set(sha256, join(folder, name));
    const dataset = { dataset: key.dataset, files };
    this.#known.set(content, dataset);
    return dataset;
  }

  /** Where a file lies that a chain named; null: none of them did. */
  find(sha256: string): string | null {
    const path = this.#paths.get(sha256);
    return path !== undefined && existsSync(path) ? path : null;
  }
}

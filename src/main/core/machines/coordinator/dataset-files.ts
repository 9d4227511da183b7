import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileFailure } from '../../../../shared/errors';
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

  /**
   * All files that an engine reads of it, an import's list too.
   *
   * @throws StudioError `not-found` naming a file that is gone
   */
  async of(key: DatasetKey): Promise<ChainDataset> {
    const content = JSON.stringify(key);
    const known = this.#known.get(content);
    if (known) return known;
    const folder = this.#placeOf(key.dataset);
    const dataset = await this.#read(key, folder).catch((error: unknown) => {
      throw fileFailure(error);
    });
    for (const { name, sha256 } of dataset.files) this.#paths.set(sha256, join(folder, name));
    this.#known.set(content, dataset);
    return dataset;
  }

  /** Know those of all that can be read, so that they are found. */
  async learn(
    keys: readonly DatasetKey[],
    onProblem: (dataset: string, error: unknown) => void,
  ): Promise<void> {
    for (const key of keys) {
      await this.of(key).catch((error: unknown) => onProblem(key.dataset, error));
    }
  }

  async #read(key: DatasetKey, folder: string): Promise<ChainDataset> {
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
    return { dataset: key.dataset, files };
  }

  /** Where a file lies that a chain named; null: none of them did. */
  find(sha256: string): string | null {
    const path = this.#paths.get(sha256);
    return path !== undefined && existsSync(path) ? path : null;
  }
}

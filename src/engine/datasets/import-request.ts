import type { DatasetId, DatasetSubset } from '../../shared/catalogue/datasets';

export interface ImportRequest {
  readonly dataset: DatasetId;
  /** An archive or a folder. */
  readonly path: string;
  readonly subset: DatasetSubset;
  /** Where the store is written; made where it is missing. */
  readonly outDir: string;
  readonly signal?: AbortSignal | undefined;
  /** Images written, of how many. */
  readonly report?: ((progress: ImportProgress) => void) | undefined;
}

export interface ImportProgress {
  readonly done: number;
  readonly total: number;
  readonly unit: 'images';
}

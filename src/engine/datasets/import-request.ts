import type { DatasetSubset } from '../../shared/catalogue/datasets';

/** A published archive: its checksum, `md5:…` or `sha512-…` as registries write it, and where that stands. */
export interface PublishedArchive {
  readonly checksum: string;
  readonly publishedAt: string;
}

export interface ImportRequest {
  /** The id that the store is marked with. */
  readonly dataset: string;
  /** What the whole distribution holds: less is a part of it. */
  readonly whole: { readonly classes: number; readonly train: number; readonly validation: number };
  /** Checksums that its archives are published with. */
  readonly published: readonly PublishedArchive[];
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

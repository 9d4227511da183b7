import type { ImageStore } from './image-store';

/** Classes of images: bytes where 256 suffice. */
export type Labels = Uint8Array | Uint16Array;

/** One split; its images may be on disk, its labels are in memory. */
export interface SplitData {
  readonly images: ImageStore;
  /** Class of each image, [count]. */
  readonly labels: Labels;
  readonly count: number;
}

export interface DatasetFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Whether the checksum is a published one; null where none is known. */
  readonly published: boolean | null;
}

export interface Dataset {
  /** Height, width, channels. */
  readonly shape: readonly [number, number, number];
  readonly classes: readonly string[];
  readonly train: SplitData;
  readonly validation: SplitData;
  readonly files: readonly DatasetFile[];
}

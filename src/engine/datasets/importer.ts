import { type Container } from './container';
import { type FileTree } from './file-tree';
import { type ImportRequest } from './import-request';
import { type StoreContent, type StoreWriter } from './store-writer';

/** Reads a dataset in the layouts that it is distributed in, and writes it as a store. */
export interface Importer {
  readonly id: string;
  /** What can be imported, for refusals. */
  readonly forms: string;
  /** Height, width, channels of every image. */
  readonly shape: readonly [number, number, number];
  /** How many classes there are at most. */
  readonly classes: number;
  /** Null for a container that the dataset is not read from. */
  open(container: Container, request: ImportRequest, scratch: string): Promise<FileTree> | null;
  import(tree: FileTree, request: ImportRequest, writer: StoreWriter): Promise<StoreContent>;
}

import { type TorchStorage } from './tensors';

/** The storages of one file, whose bytes are read when they are asked for. */
export interface Storages {
  /** Whether the bytes of a value lie with the highest first. */
  readonly bigEndian: boolean;
  /** Why a storage is not there, or not as long as it says, by its name; null: it is. Nothing is read. */
  problem(storage: TorchStorage): string | null;
  /**
   * Values of a storage, from one up to another: their bytes, as the file has them.
   *
   * @throws StudioError naming the storage, where its bytes are damaged
   */
  read(storage: TorchStorage, from: number, to: number): Uint8Array<ArrayBuffer>;
}

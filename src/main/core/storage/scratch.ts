import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { storageError } from './storage-error';

/** Run with a fresh scratch folder, deleted afterwards whatever happens. */
export type Scratch = <T>(work: (folder: string) => Promise<T>) => Promise<T>;

export function scratchIn(root: string): Scratch {
  return async (work) => {
    const folder = join(root, randomUUID());
    try {
      await mkdir(folder, { recursive: true });
      return await work(folder);
    } catch (error) {
      throw storageError(error, root);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

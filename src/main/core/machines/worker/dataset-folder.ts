import { createHash } from 'node:crypto';
import { link, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../../../../shared/canonical';
import { fileFailure } from '../../../../shared/errors';
import { type ChainDataset } from '../work-chain';
import { type Fetch, type Held, type WorkerStore } from './store';

/**
 * Lay a dataset out as a folder of its files by name, hard links of blobs, as an engine reads one. Its
 * path within `place` is by its content, so that an engine that has read it knows it again.
 */
export async function holdDataset(
  store: WorkerStore,
  place: string,
  dataset: ChainDataset,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<Held> {
  const name = createHash('sha256').update(canonicalJson(dataset)).digest('hex');
  const path = join(store.folder, 'work', place, name);
  const held: Held[] = [];
  const release = async () => {
    await rm(path, { recursive: true, force: true });
    for (const blob of held) await blob.release();
  };
  try {
    await rm(path, { recursive: true, force: true });
    for (const file of dataset.files) {
      const blob = await store.hold(file, fetch, signal);
      held.push(blob);
      const target = join(path, file.name);
      await mkdir(dirname(target), { recursive: true });
      await link(blob.path, target);
    }
  } catch (error) {
    await release();
    throw fileFailure(error, store.root);
  }
  return { path, release };
}

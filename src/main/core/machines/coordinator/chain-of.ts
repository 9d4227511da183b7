import { valueAt } from '../../../../shared/checked-reads';
import { notFound } from '../../../../shared/errors';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import { type DatasetKey } from '../../artifacts/keys';
import { referencesIn, type WorkOrder } from '../../jobs/item-spec';
import {
  type ChainBlob,
  type ChainDataset,
  requestKey,
  type WorkChain,
  workChainSchema,
} from '../work-chain';

interface Parts {
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  /** All files that an engine reads of a dataset. */
  readonly datasetFiles: (dataset: DatasetKey) => Promise<ChainDataset>;
}

/**
 * Orders of one spec, which follow one another, as a job of the queue holds them.
 *
 * @param job of the ledger
 * @param engineClass its hash
 * @throws StudioError `not-found` where a file is gone that they refer to and do not make
 */
export async function chainOf(
  { artifacts, datasetFiles }: Parts,
  engineClass: string,
  job: string,
  orders: readonly WorkOrder[],
): Promise<WorkChain> {
  const blobs = new Map<string, ChainBlob>();
  const made = new Set<string>();
  for (const { input, outputs } of orders) {
    for (const key of referencesIn(input)) {
      if (made.has(key) || blobs.has(key)) continue;
      const artifact = await artifacts.get(key);
      if (!artifact) throw notFound('file', key);
      blobs.set(key, { key, sha256: artifact.sha256, bytes: artifact.bytes });
    }
    for (const { key } of outputs) made.add(key);
  }
  return workChainSchema.parse({
    version: 1,
    job,
    dataset: await datasetFiles(valueAt(orders, 0).dataset),
    orders: orders.map((order) => ({
      request: requestKey(order, engineClass),
      operation: order.operation,
      input: order.input,
      outputs: order.outputs,
    })),
    blobs: [...blobs.values()],
  } satisfies Record<keyof WorkChain, unknown>);
}

import { createHash } from 'node:crypto';
import { type EngineOperation, type EngineOutput } from '../../../../shared/engine';
import { type Executor } from '../../jobs/executor';
import { type WorkOrder } from '../../jobs/item-spec';
import { type ItemContext, unseen } from '../../jobs/job-run';
import { figuresOf } from '../figures';
import { type DoneResult } from './check-result';
import { twoResults } from './lie';

export interface Verification {
  /** From 0 to 1, of the orders. */
  readonly share: number;
  readonly seed: number;
}

/** Whether an order is among those that are done again: the same ones whoever asks. */
export function isVerified({ share, seed }: Verification, request: string): boolean {
  const hash = createHash('sha256').update(`${seed} verify ${request}`).digest();
  return hash.readUInt32BE(0) < share * 2 ** 32;
}

/**
 * Does some of the orders again by this machine's own engine, one at a time, and holds the files
 * against those that a worker sent.
 *
 * @throws StudioError `conflict` naming the worker, where they differ
 */
export function verifier(here: Executor, verification: Verification) {
  let last: Promise<unknown> = Promise.resolve();
  return async (
    job: string,
    order: WorkOrder,
    request: string,
    result: DoneResult,
    output: EngineOutput<EngineOperation>,
    { signal }: Pick<ItemContext, 'signal'>,
  ): Promise<void> => {
    if (!isVerified(verification, request)) return;
    const again = last.then(async () => {
      signal.throwIfAborted();
      const place = here.open(job, () => Promise.resolve([order]), 'verify');
      const made = new Map<string, string>();
      try {
        const own = await place.execute(order, unseen(signal), async ({ files }) => {
          for (const { name, sha256 } of files) made.set(name, sha256);
        });
        return { own, made };
      } finally {
        await place.close();
      }
    });
    last = again.catch(() => undefined);
    const { own, made } = await again;
    const other = result.files.find(({ name, sha256 }) => made.get(name) !== sha256);
    const mine = 'this machine';
    if (other) throw twoResults(order.operation, result.worker, mine, `${other.name} differs`);
    if (figuresOf(own) !== figuresOf(output)) {
      throw twoResults(order.operation, result.worker, mine, 'the figures differ');
    }
  };
}

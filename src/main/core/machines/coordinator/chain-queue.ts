import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, JobState } from 'bullmq';
import { toErrorData } from '../../../../shared/errors';
import { type Log } from '../../storage/environment';
import { cancelChannel, cancelKey, queueOf } from '../queue/names';
import { attempts, backoff, keepEnded } from '../queue/settings';
import {
  type ChainProgress,
  chainProgressSchema,
  type WorkChain,
  workChainSchema,
} from '../work-chain';

/** Where a chain is in the queue. `gone`: the queue does not know it. */
export type ChainState = 'gone' | 'waits' | 'active' | 'completed' | 'failed';

/** What the queue tells of a chain. */
export type ChainEvent =
  | { readonly kind: 'active' | 'waits' | 'completed'; readonly id: string }
  | { readonly kind: 'failed'; readonly id: string; readonly reason: string }
  | { readonly kind: 'progress'; readonly id: string; readonly progress: ChainProgress };

/** The chains of one class of engines in the queue. Calls wait while the connection is lost. */
export interface ChainQueue {
  /**
   * Nothing happens where it is there.
   *
   * @param title what a worker says that it is at
   */
  add(id: string, title: string, chain: WorkChain): Promise<void>;
  state(id: string): Promise<{ state: ChainState; reason: string | null }>;
  /** Whether it is gone; not while a worker is at it. */
  remove(id: string): Promise<boolean>;
  /** Those that are not ended. */
  open(): Promise<{ id: string; chain: WorkChain; state: ChainState }[]>;
  /** Tells all workers to stop what belongs to a job of the ledger. */
  cancel(job: string): Promise<void>;
  /** It goes on. */
  uncancel(job: string): Promise<void>;
  subscribe(listener: (event: ChainEvent) => void): () => void;
  close(): Promise<void>;
}

/** How BullMQ reaches the server; `ioredis`'s options. */
export type QueueConnection = Readonly<Record<string, unknown>>;

/** Milliseconds for the server to answer to the end of a connection. */
const farewell = 500;
/** Seconds that a cancellation is remembered for workers that were away when it was told. */
const cancelLife = 3600;

/**
 * BullMQ is loaded here, so that whoever has no queue never does.
 *
 * @param engineClass its hash
 */
export async function openChainQueue(options: {
  readonly connection: QueueConnection;
  readonly prefix: string;
  readonly engineClass: string;
  readonly log: Log;
}): Promise<ChainQueue> {
  const { connection, prefix, engineClass, log } = options;
  const { Queue, QueueEvents } = await import('bullmq');
  const name = queueOf(engineClass);
  const shared = { connection: { ...connection, maxRetriesPerRequest: null }, prefix };
  const queue = new Queue<WorkChain, unknown, string>(name, shared);
  const events = new QueueEvents(name, shared);
  const lost = (error: unknown) =>
    log.info('The queue is away.', { reason: toErrorData(error).message });
  queue.on('error', lost);
  events.on('error', lost);
  const listeners = new Set<(event: ChainEvent) => void>();
  const tell = (event: ChainEvent) => {
    for (const listener of [...listeners]) listener(event);
  };
  events.on('active', ({ jobId: id }) => tell({ kind: 'active', id }));
  // Put there, given back, taken from a worker that is gone, or failed and to be tried again.
  events.on('waiting', ({ jobId: id }) => tell({ kind: 'waits', id }));
  events.on('delayed', ({ jobId: id }) => tell({ kind: 'waits', id }));
  events.on('completed', ({ jobId: id }) => tell({ kind: 'completed', id }));
  events.on('failed', ({ jobId: id, failedReason: reason }) =>
    tell({ kind: 'failed', id, reason }),
  );
  events.on('progress', ({ jobId: id, data }) => {
    const progress = chainProgressSchema.safeParse(data);
    if (progress.success) tell({ kind: 'progress', id, progress: progress.data });
  });
  const client = async () => (await queue.backend.client) as unknown as Commands;
  return {
    async add(id, title, chain) {
      await queue.add(title, chain, {
        jobId: id,
        attempts,
        backoff: { type: 'fixed', delay: backoff },
        removeOnComplete: { age: keepEnded },
        removeOnFail: { age: keepEnded },
      });
    },
    async state(id) {
      const state = stateOf(await queue.getJobState(id));
      const reason = state === 'failed' ? ((await queue.getJob(id))?.failedReason ?? null) : null;
      return { state, reason };
    },
    remove: async (id) => (await queue.remove(id)) === 1 || (await queue.getJob(id)) === undefined,
    async open() {
      const found: { id: string; chain: WorkChain; state: ChainState }[] = [];
      for (const type of ['waiting', 'active', 'delayed', 'prioritized'] as const) {
        const jobs = (await queue.getJobs([type])) as (Job<unknown> | undefined)[];
        for (const job of jobs) {
          // The list and the job are two reads, between which it may have gone.
          if (job?.id === undefined) continue;
          const chain = workChainSchema.safeParse(job.data);
          if (chain.success) found.push({ id: job.id, chain: chain.data, state: stateOf(type) });
        }
      }
      return found;
    },
    async cancel(job) {
      const commands = await client();
      await commands.set(cancelKey(prefix, job), '1', 'EX', cancelLife);
      await commands.publish(cancelChannel(prefix), job);
    },
    async uncancel(job) {
      await (await client()).del(cancelKey(prefix, job));
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      listeners.clear();
      const closing = Promise.allSettled([events.close(), queue.close()]);
      // While the server is away, nobody answers to a farewell.
      if ((await Promise.race([closing, sleep(farewell)])) !== undefined) return;
      for (const each of [events, queue]) each.disconnect().catch(() => undefined);
    },
  };
}

/** The few commands that are asked beside BullMQ's. */
interface Commands {
  set(key: string, value: string, mode: 'EX', seconds: number): Promise<unknown>;
  publish(channel: string, message: string): Promise<unknown>;
  del(key: string): Promise<unknown>;
}

function stateOf(state: JobState | 'unknown' | 'waiting-children'): ChainState {
  if (state === 'unknown') return 'gone';
  if (state === 'active' || state === 'completed' || state === 'failed') return state;
  return 'waits';
}

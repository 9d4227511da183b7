import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import { type QueueConnection } from '../../../../../../src/main/core/machines/coordinator/chain-queue';
import {
  cancelChannel,
  cancelKey,
  queueOf,
} from '../../../../../../src/main/core/machines/queue/names';
import { maxStalledCount } from '../../../../../../src/main/core/machines/queue/settings';
import {
  cancelledReason,
  type ChainOrder,
  type ChainProgress,
  type WorkChain,
  type WorkResult,
} from '../../../../../../src/main/core/machines/work-chain';
import { encodeNpy } from '../../../../../../src/shared/npy';
import { type Arrivals } from '../../../../../../src/main/core/machines/transport/arrivals';

export interface WorkerOptions {
  readonly name: string;
  readonly connection: QueueConnection;
  readonly prefix: string;
  readonly engineClass: string;
  readonly arrivals: Arrivals;
  /** Before an order is done, and what it comes to instead. */
  readonly instead?: (order: ChainOrder, signal: AbortSignal) => Promise<WorkResult | null>;
  readonly lockDuration?: number;
  readonly stalledInterval?: number;
}

/** What an order comes to, whoever does it. */
export function valuesOf({ request }: Pick<ChainOrder, 'request'>): Uint8Array {
  const data = Float32Array.from({ length: 8 }, (_, i) =>
    Number.parseInt(request.slice(i * 4, i * 4 + 4), 16),
  );
  return encodeNpy({ shape: [2, 2, 2, 1], data });
}

/** What a worker does before it says what it made: the bytes of a blob, by their hash. */
export async function putBlob(arrivals: Arrivals, bytes: Uint8Array) {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await arrivals.receive(sha256, bytes.length, 0, Readable.from([Buffer.from(bytes)]));
  return { sha256, bytes: bytes.length };
}

export async function honestResult(
  { name, arrivals }: Pick<WorkerOptions, 'name' | 'arrivals'>,
  order: ChainOrder,
  bytes = valuesOf(order),
): Promise<WorkResult> {
  const files = [];
  for (const { file } of order.outputs) {
    files.push({ name: file, ...(await putBlob(arrivals, bytes)) });
  }
  return { kind: 'done', worker: name, seconds: 2, output: { files, gradients: 4 }, files };
}

/** A worker without an engine: takes chains, does their orders in turn, and says so. */
export function startWorker(options: WorkerOptions) {
  const { name, connection, prefix, engineClass, arrivals, instead } = options;
  const done: string[] = [];
  let dead = false;
  const cancelled = new Map<string, Set<AbortController>>();
  const work = async (job: Job<WorkChain>) => {
    const abort = new AbortController();
    const { job: ledger, orders } = job.data;
    const own = cancelled.get(ledger) ?? new Set();
    cancelled.set(ledger, own.add(abort));
    try {
      const { asking } = await listening;
      if (await asking.exists(cancelKey(prefix, ledger))) abort.abort();
      abort.signal.throwIfAborted();
      for (const order of orders) {
        if (await arrivals.result(order.request)) continue;
        const progress = {
          worker: name,
          request: order.request,
          done: 1,
          total: 2,
          unit: 'images',
        };
        await job.updateProgress(progress satisfies ChainProgress);
        const result = (await instead?.(order, abort.signal)) ?? null;
        abort.signal.throwIfAborted();
        if (dead) return await new Promise<never>(() => undefined);
        done.push(order.request);
        await arrivals.putResult(order.request, result ?? (await honestResult(options, order)));
        if (result?.kind === 'refused') return;
      }
    } catch (error) {
      if (abort.signal.aborted) throw new UnrecoverableError(cancelledReason);
      throw error;
    } finally {
      own.delete(abort);
    }
  };
  const worker = new Worker<WorkChain>(queueOf(engineClass), work, {
    connection: { ...connection, maxRetriesPerRequest: null },
    prefix,
    maxStalledCount,
    lockDuration: options.lockDuration ?? 45_000,
    stalledInterval: options.stalledInterval ?? 5_000,
    drainDelay: 1,
  });
  worker.on('error', () => undefined);
  const listening = (async () => {
    const { Redis } = await import('ioredis');
    const open = () => {
      const redis = new Redis({ ...connection, maxRetriesPerRequest: null });
      redis.on('error', () => undefined);
      return redis;
    };
    const [listener, asking] = [open(), open()];
    await listener.subscribe(cancelChannel(prefix));
    listener.on('message', (_channel, job) => {
      for (const abort of cancelled.get(job) ?? []) abort.abort();
    });
    const disconnect = () => {
      listener.disconnect();
      asking.disconnect();
    };
    return { asking, disconnect };
  })();
  return {
    name,
    /** Requests that it did, in order. */
    done,
    ready: async () => {
      await worker.waitUntilReady();
      await listening;
    },
    /** As kill -9: it renews no lock and tells nobody. */
    async die() {
      dead = true;
      (await listening).disconnect();
      await worker.close(true);
    },
    async close() {
      (await listening).disconnect();
      await worker.close(true);
    },
  };
}

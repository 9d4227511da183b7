import type { Redis } from 'ioredis';
import { type StudioError } from '../../../../shared/errors';
import { type Heartbeat } from '../heartbeat';
import { type QueueAddress } from '../queue/address';
import { openConnection } from '../queue/connection';
import { cancelChannel, cancelKey, drainKey, workerKey, workersKey } from '../queue/names';
import { explainQueue } from '../queue/queue-problem';
import { drainLife } from '../queue/settings';

interface Parts {
  readonly address: QueueAddress;
  readonly prefix: string;
  readonly worker: string;
  /** Milliseconds that a sign of life counts. */
  readonly life: number;
}

/** What is told to a worker beside its jobs. */
export interface Told {
  readonly drained: boolean;
  /** Of the jobs of the ledger that were named, those that are cancelled. */
  readonly cancelled: readonly string[];
}

/** A worker's signs of life, and what it is told: its place may be anywhere but in the way of its jobs. */
export class WorkerControl {
  readonly #parts: Parts;
  readonly #redis: Redis;
  readonly #listener: Redis;
  #drained = false;

  private constructor(parts: Parts, redis: Redis, listener: Redis) {
    this.#parts = parts;
    this.#redis = redis;
    this.#listener = listener;
  }

  /**
   * @param onCancel told at once which job of the ledger was cancelled; `beat` tells of those that were
   *   missed
   * @param onConnection told when the queue is away, and when it is there again
   * @param onRefused told why the queue no longer takes this worker, which waiting does not mend
   */
  static async open(
    parts: Parts,
    onCancel: (job: string) => void,
    onConnection: (there: boolean) => void,
    onRefused: (error: StudioError) => void,
  ): Promise<WorkerControl> {
    const { address, prefix } = parts;
    const redis = await openConnection(address);
    const listener = await openConnection(address);
    redis.on('close', () => onConnection(false));
    redis.on('ready', () => onConnection(true));
    redis.on('error', (error: unknown) => {
      const problem = explainQueue(error, address, prefix);
      if (problem.code === 'forbidden') onRefused(problem);
    });
    listener.on('message', (_channel: string, job: string) => onCancel(job));
    // It is asked for again after every outage.
    void listener.subscribe(cancelChannel(prefix)).catch(() => undefined);
    return new WorkerControl(parts, redis, listener);
  }

  /**
   * Give a sign of life, and ask. It waits while the queue is away; one that takes no writes, as it is full,
   * cannot be asked whether this worker is drained: it stays what it was.
   */
  async beat(sign: Heartbeat, jobs: readonly string[]): Promise<Told> {
    const { prefix, worker, life } = this.#parts;
    const pipeline = this.#redis.pipeline();
    pipeline.set(workerKey(prefix, worker), JSON.stringify(sign), 'PX', life);
    pipeline.sadd(workersKey(prefix), worker);
    // Whether it is there, and as long as it is heard it stays.
    pipeline.pexpire(drainKey(prefix, worker), drainLife);
    for (const job of jobs) pipeline.exists(cancelKey(prefix, job));
    const replies = (await pipeline.exec()) ?? [];
    const isThere = (index: number) => replies[index]?.[1] === 1;
    if (replies[2]?.[0] === null) this.#drained = isThere(2);
    return { drained: this.#drained, cancelled: jobs.filter((_, index) => isThere(3 + index)) };
  }

  async isCancelled(job: string): Promise<boolean> {
    return (await this.#redis.exists(cancelKey(this.#parts.prefix, job))) === 1;
  }

  /** Take the name off the list; where the queue is away, its life ends by itself. */
  async close(): Promise<void> {
    const { prefix, worker } = this.#parts;
    if (this.#redis.status === 'ready') {
      await this.#redis
        .pipeline()
        .del(workerKey(prefix, worker), drainKey(prefix, worker))
        .srem(workersKey(prefix), worker)
        .exec()
        .catch(() => undefined);
    }
    this.#redis.disconnect();
    this.#listener.disconnect();
  }
}

import type { Redis } from 'ioredis';
import { type ErrorData, notFound, toErrorData } from '../../../shared/errors';
import { type Machines, type WorkerRecord } from '../../../shared/machines';
import { classDifference, type EngineClass, shortClass } from './engine-class';
import { type Heartbeat } from './heartbeat';
import { forgetWorkers, signsOfLife } from './live-workers';
import { type QueueAddress } from './queue/address';
import { checkQueue } from './queue/check-queue';
import { openConnection } from './queue/connection';
import { drainKey } from './queue/names';
import { type KnownQueue } from './queue/queue-file';
import { explainQueue } from './queue/queue-problem';
import { drainLife, queueTimes } from './queue/settings';

interface Parts {
  /** What the data directory's file says now; a command may write it beside this application. */
  readonly queue: () => KnownQueue | null;
  readonly prefix: () => string;
  /** This machine's class, null until it is known; asked for where workers are there to compare. */
  readonly ownClass: () => EngineClass | null;
  /** How fast a worker is beside this machine; null: not known. */
  readonly rateOf: (worker: string) => number | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What is told together with what is seen. */
  readonly beside: (seen: Watched) => unknown;
  /** Something of what is seen, or of what is told beside it, is another than before. */
  readonly changed: () => void;
  /** Milliseconds between two looks. */
  readonly look: number;
}

/** What is seen of the queue. */
export type Watched = Pick<Machines, 'connection' | 'problem' | 'workers'>;

const nothing: Watched = { connection: 'none', problem: null, workers: [] };
/** Looks between two attempts to find out why the queue is away. */
const patience = 5;

/** Looks after the queue once it has begun: whether it is reached and why not, and which workers are there. */
export class QueueWatch {
  readonly #parts: Parts;
  #timer: NodeJS.Timeout | null = null;
  #address: QueueAddress | null = null;
  #redis: Redis | null = null;
  #seen: Watched = nothing;
  #told = '';
  #looking: Promise<void> | null = null;
  #looks = 0;
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  begin(): void {
    this.#timer ??= setInterval(() => void this.look(), this.#parts.look).unref();
    void this.look();
  }

  now(): Watched {
    return this.#seen;
  }

  /** Look now; a look under way is waited for. */
  look(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#looking ??= this.#look().finally(() => (this.#looking = null));
    return this.#looking;
  }

  /** @throws StudioError `not-found` where no such worker is there; why the queue does not take it in */
  async drain(worker: string, drain: boolean): Promise<void> {
    const known = this.#seen.workers.some(({ name }) => name === worker);
    const [redis, address] = [this.#redis, this.#address];
    if (!known || !redis || !address) throw notFound('worker', worker);
    const prefix = this.#parts.prefix();
    const key = drainKey(prefix, worker);
    await (drain ? redis.set(key, '1', 'PX', drainLife) : redis.del(key)).catch(
      (error: unknown) => {
        throw explainQueue(error, address, prefix);
      },
    );
    const state = (record: WorkerRecord): WorkerRecord['state'] =>
      drain ? 'draining' : record.items.length > 0 ? 'busy' : 'idle';
    // Until its next sign of life says so.
    this.#see({
      ...this.#seen,
      workers: this.#seen.workers.map((record) =>
        record.name === worker ? { ...record, state: state(record) } : record,
      ),
    });
  }

  /** For good: a look under way leaves nothing open. */
  close(): void {
    this.#closed = true;
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#leave();
  }

  async #look(): Promise<void> {
    try {
      await this.#follow();
      if (!this.#redis || !this.#address) return this.#see(nothing);
      if (this.#redis.status === 'ready') {
        const prefix = this.#parts.prefix();
        const { signs, silent } = await signsOfLife(this.#redis, prefix);
        // A queue that takes no writes is there all the same.
        await forgetWorkers(this.#redis, prefix, silent).catch(() => undefined);
        const own = signs.length > 0 ? this.#parts.ownClass() : null;
        const workers = signs.map(({ sign, left }) => ({
          ...recordOf(sign, own, this.#parts.rateOf(sign.name)),
          lastSeen: this.#timeOf(left),
        }));
        return this.#see({ connection: 'connected', problem: null, workers });
      }
      const first = this.#seen.connection === 'none';
      this.#looks += 1;
      if (first || this.#looks % patience === 0) await this.#diagnose(this.#address);
    } catch (error) {
      this.#see({ connection: 'lost', problem: this.#reason(error), workers: [] });
    }
  }

  /** A server's own words are explained. */
  #reason(error: unknown): ErrorData {
    const said = error instanceof Error && error.name === 'ReplyError';
    return toErrorData(
      said && this.#address ? explainQueue(error, this.#address, this.#parts.prefix()) : error,
    );
  }

  /** The connection is to what the file says. */
  async #follow(): Promise<void> {
    const address = this.#parts.queue()?.address ?? null;
    if (JSON.stringify(address) === JSON.stringify(this.#address)) return;
    this.#leave();
    this.#address = address;
    this.#seen = nothing;
    if (!address) return;
    const redis = await openConnection(address, { enableReadyCheck: false });
    // It would try for ever, and keep the process.
    if (this.#closed) return redis.disconnect();
    this.#redis = redis;
    redis.on('close', () => void this.look());
    redis.on('ready', () => void this.look());
  }

  async #diagnose(address: QueueAddress): Promise<void> {
    if (this.#seen.connection === 'none') this.#see({ ...nothing, connection: 'connecting' });
    let problem: ErrorData | null = null;
    try {
      await checkQueue(address, { prefix: this.#parts.prefix() });
    } catch (error) {
      problem = toErrorData(error);
    }
    // It answers: the connection will be there in a moment.
    this.#see({ connection: problem ? 'lost' : 'connecting', problem, workers: [] });
  }

  /** When a sign of life was given that counts so long still, by this machine's clock: others' may be wrong. */
  #timeOf(left: number): string {
    return new Date(this.#parts.now() - Math.max(0, queueTimes.life - left)).toISOString();
  }

  #leave(): void {
    this.#redis?.removeAllListeners('close');
    this.#redis?.disconnect();
    this.#redis = null;
    this.#address = null;
  }

  #see(seen: Watched): void {
    if (this.#closed) return;
    this.#seen = seen;
    // A sign of life alone is no news within its minute.
    const minute = ({ lastSeen, ...rest }: WorkerRecord) => ({
      ...rest,
      at: lastSeen.slice(0, 16),
    });
    const beside = this.#parts.beside(seen);
    const told = JSON.stringify({ ...seen, workers: seen.workers.map(minute), beside });
    if (told === this.#told) return;
    this.#told = told;
    this.#parts.changed();
  }
}

function recordOf(
  sign: Heartbeat,
  own: EngineClass | null,
  rate: number | null,
): Omit<WorkerRecord, 'lastSeen'> {
  const { name, join, host, engineClass, threads, slots, state, items, done, problem } = sign;
  return {
    name,
    join,
    host,
    engineClass: shortClass(engineClass),
    difference: own && classDifference(own, engineClass),
    problem,
    threads,
    slots,
    state,
    items,
    done,
    rate,
  };
}

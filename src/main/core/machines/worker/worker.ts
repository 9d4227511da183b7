import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as bullmq from 'bullmq';
import { type ErrorCode, StudioError, toErrorData } from '../../../../shared/errors';
import { showHidden } from '../../../../shared/invisible';
import { formatDuration } from '../../../../shared/format/times';
import { type EngineHost } from '../../engine/engine-host';
import { unlessAborted } from '../../jobs/job-run';
import { classHash, type EngineClass } from '../engine-class';
import { type Heartbeat } from '../heartbeat';
import { type JoinFile } from '../join-file';
import { ownJoin } from '../own-join';
import { connectionOptions } from '../queue/connection';
import { queueOf } from '../queue/names';
import { keepEnded, maxStalledCount, type QueueTimes } from '../queue/settings';
import { type Exchange } from '../transport/exchange';
import { cancelledReason, workChainSchema } from '../work-chain';
import { WorkerControl } from './control';
import { Slot } from './slot';
import { StoreTooSmall, type WorkerStore } from './store';
import { waitForQueue } from './wait-for-queue';

export interface WorkerParts {
  readonly join: JoinFile;
  readonly exchange: Exchange;
  readonly store: WorkerStore;
  /** One a slot, all with so many threads. */
  readonly engines: readonly [EngineHost, ...EngineHost[]];
  readonly threads: number;
  /** Of the engines. */
  readonly engineClass: (engine: EngineHost) => Promise<EngineClass>;
  readonly times: QueueTimes & WorkerTimes;
  /** A line of what it does. */
  readonly say: (line: string) => void;
}

export interface WorkerTimes {
  /** Milliseconds that a slot takes nothing after its machine could not do something. */
  readonly rest: number;
  /** Milliseconds in which what is under way is given back at the end. */
  readonly patience: number;
}
export const workerTimes: WorkerTimes = { rest: 30_000, patience: 5_000 };

export interface WorkerEnd {
  readonly name: string;
  /** Hash of its class, short. */
  readonly engineClass: string;
  /** Orders done. */
  readonly done: number;
  /** That its engines were at them. */
  readonly seconds: number;
}

/**
 * A join's name, the machine's and the process's, by which the coordinator knows whose it is. It never
 * recurs, as a container's name and process number do: what an earlier one was told is not for this one.
 */
export const workerName = (join: string): string =>
  `${join}@${hostname()}-${randomBytes(6).toString('hex')}-${process.pid}`;

/**
 * Do what the queue has for engines of this class, until the signal is aborted: what is under way is
 * given back then.
 *
 * @throws StudioError `forbidden` where the join was revoked, and for a queue that cannot be used;
 *   `engine-unavailable`
 */
export async function runWorker(parts: WorkerParts, signal: AbortSignal): Promise<WorkerEnd> {
  const { join, say, engineClass, engines } = parts;
  const version = await waitForQueue(join.queue, join.prefix, { say, signal });
  const name = workerName(join.name);
  say(`Joined as ${name}; the queue is ${version}. Finding out what this engine computes …`);
  const own = await unlessAborted(signal, engineClass(engines[0]));
  const queueWorker = new QueueWorker(parts, name, own);
  await queueWorker.run(signal);
  return queueWorker.end;
}

/** What is loaded only where there is a queue. */
type Bull = typeof bullmq;
type Job = bullmq.Job;
type Worker = bullmq.Worker;

/** What a slot is at. */
interface Item {
  /** Of the queue. */
  readonly id: string;
  /** Of the ledger. */
  readonly job: string;
  readonly title: string;
  readonly stop: (reason: StudioError) => void;
}

class QueueWorker {
  readonly #parts: WorkerParts;
  readonly #name: string;
  readonly #class: EngineClass;
  readonly #over = new AbortController();
  readonly #items = new Map<number, Item>();
  readonly #problems = new Map<number, string>();
  /** Items of the queue for which the store was too small, and how often. */
  readonly #tooLarge = new Map<string, number>();
  #workers: readonly Worker[] = [];
  #control: WorkerControl | null = null;
  #drained = false;
  #there = true;
  #done = 0;
  #seconds = 0;

  constructor(parts: WorkerParts, name: string, own: EngineClass) {
    this.#parts = parts;
    this.#name = name;
    this.#class = own;
  }

  get end(): WorkerEnd {
    return {
      name: this.#name,
      engineClass: this.#shortClass,
      done: this.#done,
      seconds: this.#seconds,
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { join, times, say, engines, threads } = this.#parts;
    const over = AbortSignal.any([signal, this.#over.signal]);
    const control = await WorkerControl.open(
      { address: join.queue, prefix: join.prefix, worker: this.#name, life: times.life },
      (job) => this.#cancel(job),
      (there) => this.#connected(there),
      (error) => this.#over.abort(error),
    );
    this.#control = control;
    try {
      const slots = engines.map(
        (engine, slot) => new Slot({ ...this.#parts, engine }, { worker: this.#name, slot }),
      );
      this.#workers = await Promise.all(slots.map((slot, index) => this.#open(slot, index)));
      say(
        `Class ${this.#shortClass}, ${threads} ${threads === 1 ? 'thread' : 'threads'} an item, ${slots.length} at once. Waiting for work.`,
      );
      await this.#beat(control, over);
    } finally {
      this.#over.abort();
      for (const item of this.#items.values()) item.stop(givenBack());
      await this.#close();
      await control.close();
    }
    if (this.#over.signal.reason instanceof StudioError) throw this.#over.signal.reason;
  }

  /** Give back what is under way. Where the queue is away, it finds that by itself later. */
  async #close(): Promise<void> {
    const closed = Promise.all(this.#workers.map((worker) => worker.close()));
    const late = new AbortController();
    const patience = sleep(this.#parts.times.patience, 'late', { signal: late.signal });
    if ((await Promise.race([closed, patience.catch(() => null)])) === 'late') {
      this.#parts.say('The queue is away: it will find in a while what was under way here.');
      for (const worker of this.#workers) void worker.disconnect().catch(() => undefined);
    }
    late.abort();
  }

  get #shortClass(): string {
    return classHash(this.#class).slice(0, 12);
  }

  get #untilRestart(): string {
    if (this.#parts.join.name === ownJoin) {
      // It lasts as long as the job.
      return 'This machine takes nothing more of the job until it is cancelled and resumed.';
    }
    const who = this.#parts.engines.length === 1 ? 'This worker' : 'One of this worker’s slots';
    return `${who} takes nothing more until it is started again.`;
  }

  async #open(slot: Slot, index: number): Promise<Worker> {
    const bull = await import('bullmq');
    const { join, times } = this.#parts;
    const worker = new bull.Worker(
      queueOf(classHash(this.#class)),
      // BullMQ gives a signal to a function of three parameters alone.
      (job: Job, token: string | undefined, signal: AbortSignal | undefined) =>
        this.#process(bull, { slot, index }, job, token, signal),
      {
        connection: connectionOptions(join.queue),
        prefix: join.prefix,
        name: this.#name,
        concurrency: 1,
        lockDuration: times.lockDuration,
        lockRenewTime: times.lockRenewTime,
        stalledInterval: times.stalledInterval,
        maxStalledCount,
        removeOnComplete: { age: keepEnded },
        removeOnFail: { age: keepEnded },
      },
    );
    // Outages are told by the other connection; without a listener an error would end the process.
    worker.on('error', () => undefined);
    worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) worker.cancelJob(id, 'another worker has it');
    });
    return worker;
  }

  async #process(
    bull: Bull,
    { slot, index }: { readonly slot: Slot; readonly index: number },
    job: Job,
    token: string | undefined,
    lost: AbortSignal | undefined,
  ): Promise<unknown> {
    const { say } = this.#parts;
    // It was asked for before the pause began.
    if (this.#drained || this.#problems.has(index)) return giveBack(bull, job, token);
    const chain = workChainSchema.safeParse(job.data);
    if (!chain.success) throw new bull.UnrecoverableError('It is no chain of orders.');
    const title = showHidden(job.name).slice(0, 200);
    const stop = new AbortController();
    const item = {
      id: job.id ?? '',
      job: chain.data.job,
      title,
      stop: (reason: StudioError) => stop.abort(reason),
    };
    lost?.addEventListener('abort', () => stop.abort(takenOver()), { once: true });
    if (this.#over.signal.aborted) stop.abort(givenBack());
    this.#items.set(index, item);
    const begun = performance.now();
    try {
      if (await this.#control?.isCancelled(item.job)) throw cancelled();
      say(`Begun: ${title}`);
      const end = await slot.run(chain.data, {
        signal: stop.signal,
        report: (progress) => void job.updateProgress(progress).catch(() => undefined),
        did: (seconds) => {
          this.#done += 1;
          this.#seconds += seconds;
        },
      });
      const took = formatDuration((performance.now() - begun) / 1000);
      say(end.refused === null ? `Done in ${took}: ${title}` : `Refused: ${title}. ${end.refused}`);
      return end;
    } catch (error) {
      const why: unknown = stop.signal.aborted ? stop.signal.reason : error;
      return await this.#ended(bull, index, { job, token, title }, why);
    } finally {
      this.#items.delete(index);
    }
  }

  /** Say how an item ended that is not done, and leave it to whom it belongs to now. */
  async #ended(
    bull: Bull,
    index: number,
    { job, token, title }: { job: Job; token: string | undefined; title: string },
    error: unknown,
  ): Promise<never> {
    const { say } = this.#parts;
    const { code, message } = toErrorData(error);
    if (error instanceof Stop) {
      say(`${error.word}: ${title}`);
      if (error.kind === 'given-back') return giveBack(bull, job, token);
      throw error.kind === 'cancelled' ? new bull.UnrecoverableError(message) : error;
    }
    say(`Not done: ${title}. ${message}`);
    if (code === 'forbidden') {
      // The coordinator no longer takes this join, and says why.
      this.#over.abort(error);
      return giveBack(bull, job, token);
    }
    if (restful.has(code)) {
      const again = error instanceof StoreTooSmall && this.#isTooLarge(job.id ?? '');
      void this.#rest(index, again ? `${message} ${this.#untilRestart}` : message, again);
      return giveBack(bull, job, token);
    }
    if (code === 'conflict') throw new bull.UnrecoverableError(message);
    throw error;
  }

  /** Whether the store was too small for it before: at first others may have been in its way. */
  #isTooLarge(item: string): boolean {
    const times = (this.#tooLarge.get(item) ?? 0) + 1;
    this.#tooLarge.set(item, times);
    return times >= 2;
  }

  /**
   * This machine cannot do it: another may, and this one looks again later; `forGood`, not before it is
   * started again, for it would be at the same in vain for ever.
   */
  async #rest(index: number, why: string, forGood: boolean): Promise<void> {
    const worker = this.#workers[index];
    const { say, times } = this.#parts;
    this.#problems.set(index, why);
    say(forGood ? this.#untilRestart : `Takes nothing for ${formatDuration(times.rest / 1000)}.`);
    await worker?.pause(true);
    if (forGood) return;
    await sleep(times.rest, undefined, { signal: this.#over.signal }).catch(() => undefined);
    this.#problems.delete(index);
    if (!this.#drained && !this.#over.signal.aborted) await worker?.resume();
  }

  async #beat(control: WorkerControl, over: AbortSignal): Promise<void> {
    const ended = aborted(over);
    while (!over.aborted) {
      const jobs = [...new Set([...this.#items.values()].map(({ job }) => job))];
      const told = await Promise.race([control.beat(this.#sign(), jobs), ended]);
      if (told) {
        for (const job of told.cancelled) this.#cancel(job);
        await this.#drain(told.drained);
      }
      await sleep(this.#parts.times.heartbeat, undefined, { signal: over }).catch(() => undefined);
    }
  }

  #sign(): Heartbeat {
    const { join, threads, engines } = this.#parts;
    const items = [...this.#items.values()].map(({ title }) => title);
    return {
      version: 1,
      name: this.#name,
      join: join.name,
      host: hostname(),
      engineClass: this.#class,
      threads,
      slots: engines.length,
      state: this.#drained ? 'draining' : items.length > 0 ? 'busy' : 'idle',
      items,
      done: this.#done,
      seconds: this.#seconds,
      problem: this.#problem()?.slice(0, 2000) ?? null,
      at: new Date().toISOString(),
    };
  }

  /** Of the worker as a whole: while one slot takes something, it does. */
  #problem(): string | null {
    if (this.#problems.size < this.#parts.engines.length) return null;
    const [problem = null] = this.#problems.values();
    return problem;
  }

  async #drain(drained: boolean): Promise<void> {
    if (drained === this.#drained) return;
    this.#drained = drained;
    this.#parts.say(
      drained ? 'Told to take nothing more: what is begun is done.' : 'Takes work again.',
    );
    for (const [index, worker] of this.#workers.entries()) {
      if (drained) await worker.pause(true);
      else if (!this.#problems.has(index)) await worker.resume();
    }
  }

  #cancel(job: string): void {
    for (const item of this.#items.values()) if (item.job === job) item.stop(cancelled());
  }

  #connected(there: boolean): void {
    if (there === this.#there || this.#over.signal.aborted) return;
    this.#there = there;
    this.#parts.say(
      there
        ? 'The queue is there again.'
        : 'The connection with the queue is lost: waiting for it.',
    );
  }
}

/** The next who asks has it, as if it had never been begun. */
async function giveBack(bull: Bull, job: Job, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new bull.WaitingError();
}

/** What this machine lacks for now. */
const restful: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'disk-full',
  'read-only',
  'busy',
  'corrupt-file',
  'locked',
  'engine-unavailable',
]);

/** Why an item was stopped that could have gone on. */
class Stop extends StudioError {
  readonly kind: 'cancelled' | 'given-back' | 'taken-over';
  readonly word: string;

  constructor(kind: Stop['kind'], word: string, message: string) {
    super({ code: 'cancelled', message });
    this.kind = kind;
    this.word = word;
  }
}

const cancelled = () => new Stop('cancelled', 'Cancelled', cancelledReason);
const givenBack = () => new Stop('given-back', 'Given back', 'The worker ended.');
const takenOver = () =>
  new Stop('taken-over', 'Lost to another worker', 'The queue gave it to another worker.');

/** Resolves once the signal is aborted. */
function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}

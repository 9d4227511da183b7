import { setTimeout as sleep } from 'node:timers/promises';
import { type StudioError, toErrorData } from '../../../../shared/errors';
import { type Log } from '../../storage/environment';
import { type Arrivals } from '../transport/arrivals';
import {
  cancelledReason,
  type ChainProgress,
  type WorkChain,
  type WorkResult,
} from '../work-chain';
import { passing, problemOf } from '../queue/queue-problem';
import { type ChainEvent, type ChainQueue } from './chain-queue';
import { givenUp } from './given-up';
import { twoResults } from './lie';

/** What of a chain is waited for. */
export interface Awaited {
  /** Of the chain in the queue. */
  readonly id: string;
  readonly chain: WorkChain;
  readonly request: string;
  /** Of the spec, for a person. */
  readonly what: string;
  /** A worker is at it. */
  readonly begun: () => void;
  /** Whoever was at it is gone. */
  readonly waits: () => void;
  readonly report: (progress: ChainProgress) => void;
}

/** `ended`: the chain is done or gone without it, so that another chain must be made. */
type Outcome = { readonly result: WorkResult } | { readonly ended: true };

interface Waiting extends Awaited {
  /** Whether what the queue knows of an earlier attempt counts no more. */
  fresh: boolean;
  readonly settle: (outcome: Outcome) => void;
  readonly fail: (error: unknown) => void;
  /** Who gave a sign of being at it. */
  readonly workers: Set<string>;
}

interface Parts {
  readonly arrivals: Arrivals;
  /** What went wrong with the queue, as a sentence. */
  readonly explain: (error: unknown) => StudioError;
  readonly log: Log;
  readonly queue: ChainQueue;
  /** Milliseconds between two looks for what the queue lost. */
  readonly refill: number;
}

/** Milliseconds that a worker has to stop at what is cancelled before nobody waits for it. */
const patience = 1_800;

/**
 * All chains that somebody waits for: one listener to the queue and one to what arrives, and every
 * `refill` a look at what the queue lost of them.
 */
export class WatchedChains {
  readonly #parts: Parts;
  readonly #waiting = new Map<string, Waiting>();
  /** What the queue held before this process: the chain by each request of it. */
  #left: Promise<Map<string, { id: string; chain: WorkChain }>> | null = null;
  /** To be removed as soon as they end. */
  readonly #leaving = new Set<string>();
  /** Cancellations under way, by the ledger's job. */
  readonly #cancels = new Map<string, Promise<void>>();
  /** Chains whose end nobody heard of, with their jobs: the queue was away. */
  readonly #untold = new Map<string, string>();
  /** Jobs that workers may go on with, as they are told. */
  readonly #resumed = new Map<string, Promise<void>>();
  readonly #over = new AbortController();
  #contradiction: StudioError | null = null;
  #trouble: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #looking = false;
  readonly #stops: (() => void)[];

  constructor(parts: Parts) {
    this.#parts = parts;
    const { arrivals, queue } = parts;
    this.#stops = [
      queue.subscribe((event) => this.#hear(event)),
      arrivals.onResult((request) => {
        for (const waiting of this.#waiting.values()) {
          if (waiting.request === request) this.#arrived(waiting).catch(waiting.fail);
        }
      }),
      arrivals.onContradiction(({ request, workers: [one, other] }) => {
        const why = 'what arrived second is not what arrived first';
        const error = twoResults(`request ${request.slice(0, 12)}`, one, other, why);
        this.#contradiction = error;
        for (const waiting of this.#waiting.values()) waiting.fail(error);
      }),
    ];
  }

  /** Why the queue takes nothing for now, in a sentence; null: nothing is known to be wrong with it. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Jobs of which workers may still do something, as they could not be told of their end. */
  get untold(): readonly string[] {
    return [...new Set(this.#untold.values())];
  }

  /** A chain of an earlier process that holds a request and has not ended; its job goes on with it. */
  async leftOf(request: string): Promise<{ id: string; chain: WorkChain } | null> {
    this.#left ??= this.#patiently(() => this.#parts.queue.open()).then((open) => {
      const chains = new Map<string, { id: string; chain: WorkChain }>();
      for (const { id, chain } of open)
        for (const order of chain.orders) chains.set(order.request, { id, chain });
      return chains;
    });
    const left = (await this.#left).get(request) ?? null;
    // Another job that was cancelled would have it refused.
    if (left) await this.resume(left.chain.job);
    return left;
  }

  /** A job may have been cancelled before: workers hear, once, that it goes on. */
  resume(job: string): Promise<void> {
    const resumed =
      this.#resumed.get(job) ?? this.#patiently(() => this.#parts.queue.uncancel(job));
    this.#resumed.set(job, resumed);
    // Whoever waits for it is told.
    resumed.catch(() => undefined);
    return resumed;
  }

  /** Asks until it is answered: what passes by itself is waited for. @throws what does not */
  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const answer = await ask();
        this.#trouble = null;
        return answer;
      } catch (error) {
        this.#note(error);
        await sleep(this.#parts.refill, undefined, { signal: this.#over.signal });
      }
    }
  }

  /** Keeps why the queue takes nothing for now. @throws what does not pass by itself, in words */
  #note(error: unknown): void {
    const explained = this.#parts.explain(error);
    const problem = problemOf(explained);
    if (!problem || !passing.has(problem)) throw explained;
    const { message: reason } = explained;
    if (reason !== this.#trouble) this.#parts.log.warn('The queue takes nothing.', { reason });
    this.#trouble = reason;
  }

  /** A chain that ended without what was asked of it is taken for another no more. */
  async #forget(id: string): Promise<void> {
    const left = await this.#left;
    for (const [request, chain] of left ?? []) if (chain.id === id) left?.delete(request);
  }

  /** Throws what stops the run: two workers told different things. */
  check(): void {
    if (this.#contradiction) throw this.#contradiction;
  }

  /**
   * What comes of one request of a chain, which is put into the queue where it is not there.
   *
   * @param first whether the chain is put there now, whatever became of it before
   * @throws the signal's reason once nothing of it waits or runs any more, or after 2 s
   */
  async wait(awaited: Awaited, signal: AbortSignal, first: boolean): Promise<Outcome> {
    signal.throwIfAborted();
    this.check();
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const waiting = {
      ...awaited,
      fresh: first,
      settle: resolve,
      fail: reject,
      workers: new Set<string>(),
    };
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    this.#waiting.set(awaited.id, waiting);
    this.#leaving.delete(awaited.id);
    this.#timer ??= setInterval(() => void this.#look(), this.#parts.refill);
    try {
      // While the queue is away, this waits; what arrives meanwhile counts.
      this.#place(waiting).catch(reject);
      return await Promise.race([promise, aborted.promise]);
    } catch (error) {
      if (signal.aborted) await this.stop(awaited);
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      this.#waiting.delete(awaited.id);
      if (this.#waiting.size === 0 && this.#timer) {
        clearInterval(this.#timer);
        this.#timer = null;
      }
    }
  }

  /** Takes a chain out of the queue; who is at it is told to stop. At most 2 s. */
  async stop({ id, chain }: Pick<Awaited, 'id' | 'chain'>): Promise<void> {
    const { queue } = this.#parts;
    const over = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => over.resolve(undefined), patience);
    this.#untold.set(id, chain.job);
    const ended = Promise.withResolvers<undefined>();
    const unsubscribe = queue.subscribe((event) => {
      if (event.id === id && ['failed', 'completed'].includes(event.kind)) ended.resolve(undefined);
    });
    const stopped = async () => {
      if (await queue.remove(id)) return void this.#untold.delete(id);
      await this.#cancel(chain.job);
      this.#untold.delete(id);
      await ended.promise;
      await queue.remove(id);
    };
    try {
      await Promise.race([stopped(), over.promise]);
    } catch (error) {
      // At the next start of the job it is found and used again, or ends by itself.
      const { message: reason } = toErrorData(error);
      this.#parts.log.warn('A chain could not be taken out of the queue.', { reason });
    } finally {
      clearTimeout(timer);
      unsubscribe();
    }
  }

  /** Takes out of the queue what is done: now, or once no worker is at it any more. */
  remove(id: string): void {
    this.#leaving.add(id);
    this.#parts.queue.remove(id).then(
      (gone) => {
        if (gone) this.#leaving.delete(id);
      },
      // The queue drops by itself what has ended.
      () => undefined,
    );
  }

  /** Of an earlier attempt the queue may hold how it ended, which counts no more. */
  async #fresh(id: string): Promise<void> {
    const { queue } = this.#parts;
    const { state } = await queue.state(id);
    if (state === 'completed' || state === 'failed') await queue.remove(id);
  }

  close(): void {
    this.#over.abort();
    if (this.#timer) clearInterval(this.#timer);
    for (const stop of this.#stops) stop();
  }

  /** All that belongs to a job of the ledger is told once. */
  #cancel(job: string): Promise<void> {
    let cancel = this.#cancels.get(job);
    if (!cancel) {
      cancel = this.#parts.queue.cancel(job).finally(() => this.#cancels.delete(job));
      this.#cancels.set(job, cancel);
    }
    return cancel;
  }

  #hear(event: ChainEvent): void {
    if (this.#leaving.has(event.id) && ['waits', 'failed', 'completed'].includes(event.kind)) {
      this.remove(event.id);
    }
    const waiting = this.#waiting.get(event.id);
    if (!waiting) return;
    if (event.kind === 'active') waiting.begun();
    else if (event.kind === 'waits') waiting.waits();
    else if (event.kind === 'progress') {
      const { progress } = event;
      waiting.workers.add(progress.worker);
      if (progress.request !== waiting.request) return;
      waiting.begun();
      waiting.report(progress);
    } else if (event.kind === 'completed') void this.#ended(waiting, null);
    else if (event.kind === 'failed') void this.#ended(waiting, event.reason);
  }

  /** Whether its result is there. */
  async #arrived(waiting: Waiting): Promise<boolean> {
    const result = await this.#parts.arrivals.result(waiting.request);
    if (result) waiting.settle({ result });
    return result !== null;
  }

  /** No worker will do more of it. */
  async #ended(waiting: Waiting, failure: string | null): Promise<void> {
    try {
      if (await this.#arrived(waiting)) return;
      await this.#forget(waiting.id);
      // What was cancelled in an attempt before this one and ends only now is begun again.
      if (failure === null || failure === cancelledReason) waiting.settle({ ended: true });
      else waiting.fail(givenUp(waiting.what, [...waiting.workers], failure));
    } catch (error) {
      waiting.fail(error);
    }
  }

  /** See to it that it is in the queue, and hear of what it missed while nobody listened. */
  async #place(waiting: Waiting): Promise<void> {
    if (await this.#arrived(waiting)) return;
    try {
      await this.#enter(waiting);
      this.#trouble = null;
    } catch (error) {
      // It is tried again at the next look.
      this.#note(error);
    }
  }

  async #enter(waiting: Waiting): Promise<void> {
    const { queue } = this.#parts;
    if (waiting.fresh) await this.#fresh(waiting.id);
    waiting.fresh = false;
    const { state, reason } = await queue.state(waiting.id);
    if (this.#waiting.get(waiting.id) !== waiting) return;
    if (state === 'active') waiting.begun();
    // Of what it missed, too.
    else if (state === 'waits') waiting.waits();
    else if (state === 'completed') await this.#ended(waiting, null);
    else if (state === 'failed') await this.#ended(waiting, reason ?? 'no reason is known');
    else if (state === 'gone') await queue.add(waiting.id, waiting.what, waiting.chain);
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      // A folder that all see tells nobody of what arrives there.
      await this.#ofEach((waiting) => this.#arrived(waiting));
      await this.#ofEach((waiting) => this.#place(waiting));
      // How they ended may have been told while nobody heard it.
      for (const id of [...this.#leaving]) this.remove(id);
    } finally {
      this.#looking = false;
    }
  }

  /** What fails of one chain, as where the queue is away, keeps no other from being looked at. */
  async #ofEach(look: (waiting: Waiting) => Promise<unknown>): Promise<void> {
    const reasons = new Set<string>();
    for (const waiting of [...this.#waiting.values()]) {
      await look(waiting).catch((error: unknown) => reasons.add(toErrorData(error).message));
    }
    for (const reason of reasons) {
      this.#parts.log.info('A chain could not be looked at.', { reason });
    }
  }
}

import { join } from 'node:path';
import { type EngineOperation, type EngineOutput } from '../../../../shared/engine';
import { type ErrorCode, StudioError, toErrorData } from '../../../../shared/errors';
import { showHidden } from '../../../../shared/invisible';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import { type DatasetKey } from '../../artifacts/keys';
import { isCrash } from '../../engine/engine-host';
import { type Executor, type Place, type Take } from '../../jobs/executor';
import { type WorkOrder } from '../../jobs/item-spec';
import { type ItemContext, unlessAborted, unseen } from '../../jobs/job-run';
import { type Log } from '../../storage/environment';
import { type Scratch } from '../../storage/scratch';
import { type ChainDataset, requestKey, type WorkChain, type WorkResult } from '../work-chain';
import { type Arrivals } from '../transport/arrivals';
import { chainOf } from './chain-of';
import { type ChainQueue } from './chain-queue';
import { type DoneResult } from './check-result';
import { givenUp } from './given-up';
import { isForWorkers } from './expected-files';
import { ownMatters } from '../own-matters';
import { WatchedChains } from './watched-chains';

interface Parts {
  readonly arrivals: Arrivals;
  readonly artifacts: ArtifactStore;
  /** Throws where a result is not what was asked for; answers with what the engine answered. */
  readonly check: <K extends EngineOperation>(
    order: WorkOrder<K>,
    result: DoneResult,
  ) => Promise<EngineOutput<K>>;
  readonly datasetFiles: (dataset: DatasetKey) => Promise<ChainDataset>;
  /** A worker did what should take so many seconds on this machine, in so many. */
  readonly did: (worker: string, expected: number, seconds: number) => void;
  /** What went wrong with the queue, as a sentence. */
  readonly explain: (error: unknown) => StudioError;
  /** Its hash. */
  readonly engineClass: string;
  readonly log: Log;
  readonly queue: ChainQueue;
  readonly refill: number;
  readonly scratch: Scratch;
  /** What no worker is asked for is done here. */
  readonly here: Executor;
  /** Does some again on this machine. Throws where it comes to something else. */
  readonly verify:
    | ((
        job: string,
        order: WorkOrder,
        request: string,
        result: DoneResult,
        output: EngineOutput<EngineOperation>,
        context: ItemContext,
      ) => Promise<void>)
    | null;
}

/** Specs that are in the queue at once: enough for many workers, few to take out again. */
const room = 300;
/** How often the queue may say that a chain is done without what was asked of it. */
const patience = 3;

/** An executor, and its end: chains that are not done stay in the queue. */
export interface QueueExecutor extends Executor {
  /** Why the queue takes nothing for now, in a sentence; null: nothing is known to be wrong with it. */
  trouble(): string | null;
  /** Jobs whose cancellation no worker heard of. */
  untold(): readonly string[];
  close(): void;
}

/** The workers of a queue, as a place where orders are done: those of one spec by one worker. */
export function queueExecutor(parts: Parts): QueueExecutor {
  const { arrivals, explain, log, queue, refill } = parts;
  const chains = new WatchedChains({ arrivals, explain, log, queue, refill });
  return {
    room,
    open: (job, left, title) =>
      new QueuePlace(parts, chains, { job, left, title }, chains.resume(job)),
    trouble: () => chains.trouble,
    untold: () => chains.untold,
    close: () => chains.close(),
  };
}

/** What says that a result is not the right one. */
const wrong: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['corrupt-file', 'conflict']);

/** Of which spec the orders are. */
interface Asked {
  readonly job: string;
  readonly left: () => Promise<readonly WorkOrder[]>;
  readonly title: string;
}

class QueuePlace implements Place {
  readonly #parts: Parts;
  readonly #chains: WatchedChains;
  readonly #asked: Asked;
  readonly #ready: Promise<void>;
  #orders: readonly WorkOrder[] | null = null;
  /** The chain in the queue. */
  #current: { readonly id: string; readonly chain: WorkChain } | null = null;
  /** Requests whose results are stored. */
  readonly #taken: string[] = [];
  #here: Place | null = null;

  constructor(parts: Parts, chains: WatchedChains, asked: Asked, ready: Promise<void>) {
    this.#parts = parts;
    this.#chains = chains;
    this.#asked = asked;
    this.#ready = ready;
  }

  async execute<K extends EngineOperation>(
    order: WorkOrder<K>,
    context: ItemContext,
    take: Take,
  ): Promise<EngineOutput<K>> {
    const { arrivals, engineClass, here, verify } = this.#parts;
    if (!isForWorkers(order as WorkOrder)) {
      const { job, left, title } = this.#asked;
      this.#here ??= here.open(job, left, title);
      return this.#here.execute(order, context, take);
    }
    context.signal.throwIfAborted();
    this.#chains.check();
    const request = requestKey(order as WorkOrder, engineClass);
    const result =
      (await arrivals.result(request)) ?? (await this.#done(order as WorkOrder, request, context));
    context.begun();
    if (result.kind === 'refused') {
      const own = await this.#ownAnswer(order, result, context, take);
      // Whoever asks again is to be told anew.
      await arrivals.remove(request);
      if (own instanceof StudioError) throw own;
      return own;
    }
    try {
      const output = await this.#parts.check(order, result);
      await verify?.(this.#asked.job, order as WorkOrder, request, result, output, context);
      await this.#store(result, take);
      context.took(result.seconds);
      if (context.expected !== null) {
        this.#parts.did(result.worker, context.expected, result.seconds);
      }
      this.#taken.push(request);
      return output;
    } catch (error) {
      // What this machine could not do, it may do later with the same result; with a wrong one, never.
      if (wrong.has(toErrorData(error).code)) await arrivals.remove(request);
      // After a crash of the engine the same item is asked for again, and the chain goes on.
      if (this.#current && !isCrash(error)) await this.#chains.stop(this.#current);
      throw error;
    }
  }

  /**
   * What this machine's own engine says to an order that a worker refuses: a worker's word ends no run.
   *
   * @returns why it refuses it, too, or what it made of it, which is stored
   * @throws StudioError of this machine, where it cannot be asked now
   */
  async #ownAnswer<K extends EngineOperation>(
    order: WorkOrder<K>,
    { worker, error }: Extract<WorkResult, { kind: 'refused' }>,
    { signal }: ItemContext,
    take: Take,
  ): Promise<EngineOutput<K> | StudioError> {
    const { job, title } = this.#asked;
    const { here, log } = this.#parts;
    const place = here.open(job, () => Promise.resolve([order as WorkOrder]), title);
    try {
      const output = await place.execute(order, unseen(signal), take);
      log.warn('A worker refuses what this machine does: look at that machine.', {
        worker,
        reason: showHidden(error.message).slice(0, 300),
      });
      return output;
    } catch (own) {
      if (signal.aborted || ownMatters.has(toErrorData(own).code)) throw own;
      return own instanceof StudioError ? own : new StudioError(toErrorData(own), own);
    } finally {
      await place.close();
    }
  }

  /** What is done is forgotten, in the queue and among what arrived. */
  async close(): Promise<void> {
    await this.#here?.close();
    this.#leave();
    for (const request of this.#taken) await this.#parts.arrivals.remove(request);
  }

  async #done(order: WorkOrder, request: string, context: ItemContext): Promise<WorkResult> {
    const { signal, begun, waits, report } = context;
    const what = this.#asked.title;
    await unlessAborted(signal, this.#ready);
    for (let attempt = 1; attempt <= patience; attempt += 1) {
      const first = await unlessAborted(signal, this.#enter(order, request));
      const { id, chain } = this.#currentChain();
      const outcome = await this.#chains.wait(
        { id, chain, request, what, begun, waits, report },
        signal,
        first,
      );
      if ('result' in outcome) return outcome.result;
      this.#leave();
    }
    throw givenUp(what, [], 'they said that it is done and sent no result');
  }

  /** A chain that holds the request; whether it is a new one. */
  async #enter(order: WorkOrder, request: string): Promise<boolean> {
    const { engineClass } = this.#parts;
    if (this.#current?.chain.orders.some((each) => each.request === request)) return false;
    this.#leave();
    const before = await this.#chains.leftOf(request);
    if (before) {
      this.#current = before;
      return false;
    }
    const { job, left } = this.#asked;
    this.#orders ??= await left();
    const from = this.#orders.findIndex((each) => requestKey(each, engineClass) === request);
    const rest = from < 0 ? [order] : this.#orders.slice(from);
    const end = rest.findIndex((each) => !isForWorkers(each));
    const orders = end < 0 ? rest : rest.slice(0, end);
    const chain = await chainOf(this.#parts, engineClass, job, orders);
    this.#current = { id: request, chain };
    return true;
  }

  /** Nobody waits for it: while the queue is away, that would be for ever. */
  #leave(): void {
    if (this.#current) this.#chains.remove(this.#current.id);
    this.#current = null;
  }

  #currentChain(): { readonly id: string; readonly chain: WorkChain } {
    if (!this.#current) throw new RangeError('no chain holds the request');
    return this.#current;
  }

  /** The files lie among the arrivals, too, as long as another worker may ask for them. */
  #store({ files }: DoneResult, take: Take): Promise<void> {
    const { arrivals, scratch } = this.#parts;
    return scratch(async (folder) => {
      for (const { name, sha256 } of files) {
        await arrivals.copy(sha256, join(folder, name));
      }
      await take({ folder, files });
    });
  }
}

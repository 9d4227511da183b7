import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type EngineFile,
  type EngineOperation,
  engineOperations,
  type EngineOutput,
  type EngineRequest,
  fileSchema,
} from '../../../../shared/engine';
import { isDefect, refuse, StudioError } from '../../../../shared/errors';
import { type EngineRequestOptions } from '../../engine/engine-host';
import { isReference } from '../../jobs/item-spec';
import { ownMatters } from '../own-matters';
import { type Exchange } from '../transport/exchange';
import {
  type ChainOrder,
  type ChainProgress,
  hashSchema,
  type WorkChain,
  type WorkResult,
} from '../work-chain';
import { holdDataset } from './dataset-folder';
import { type Fetch, type Held, type StoredBlob, type WorkerStore } from './store';

/** What is asked of a slot's engine; `EngineHost` answers it. */
export interface SlotEngine {
  request<K extends EngineOperation>(
    operation: K,
    input: EngineRequest<K>,
    options: EngineRequestOptions,
  ): Promise<EngineOutput<K>>;
}

interface Parts {
  readonly engine: SlotEngine;
  readonly exchange: Exchange;
  readonly store: WorkerStore;
}

/** Who does it, for results and progress, and its own place in the store. */
export interface SlotName {
  readonly worker: string;
  readonly slot: number;
}

export interface ChainContext {
  readonly signal: AbortSignal;
  /** Called at most once a second. */
  readonly report: (progress: ChainProgress) => void;
  /** An order was done here. */
  readonly did: (seconds: number) => void;
}

/** What came of a chain. */
export interface ChainEnd {
  /** Orders done here, and found done already. */
  readonly done: number;
  readonly known: number;
  /** Why the engine refused one: those after it are not done. */
  readonly refused: string | null;
}

/** How often a result is put whose files were taken away meanwhile. */
const deliveries = 5;

/** The store made room of it: another attempt makes it anew. */
const gone = ({ sha256 }: StoredBlob) =>
  new StudioError({ code: 'disk-full', message: `The store had no more room for ${sha256}.` });

/** One engine that does one chain after another. */
export class Slot {
  readonly #parts: Parts;
  readonly #name: SlotName;

  constructor(parts: Parts, name: SlotName) {
    this.#parts = parts;
    this.#name = name;
  }

  /**
   * Do what of a chain nobody has done yet, and send what came of each order while the engine is at the
   * next. What another worker would do better is thrown: a crash of the engine, a disk that is full.
   *
   * @throws StudioError `cancelled` within two seconds of an abort
   */
  async run(chain: WorkChain, context: ChainContext): Promise<ChainEnd> {
    const { exchange } = this.#parts;
    const sending = new Sending();
    const signal = AbortSignal.any([context.signal, sending.failed]);
    const inputs = new ChainInputs(this.#parts, this.#name, chain, signal);
    const counts = { done: 0, known: 0 };
    try {
      for (const order of chain.orders) {
        signal.throwIfAborted();
        let result = await exchange.result(order.request, { signal });
        if (result) counts.known += 1;
        else {
          const { result: made, kept } = await this.#do(order, inputs, sending, {
            ...context,
            signal,
          });
          result = made;
          sending.begin(() => this.#deliver(order.request, made, kept, signal));
          counts.done += 1;
        }
        if (result.kind === 'refused') {
          await sending.ended();
          return { ...counts, refused: result.error.message };
        }
        inputs.add(order, result.files);
      }
      await sending.ended();
      return { ...counts, refused: null };
    } catch (error) {
      // Whatever was stopped by it, what could not be sent is the reason.
      if (sending.failed.aborted && !context.signal.aborted) throw sending.failed.reason;
      throw error;
    } finally {
      await sending.ended().catch(() => undefined);
      await inputs.release();
    }
  }

  /** Send what an order made, and say so; it is let go then. */
  async #deliver(
    request: string,
    result: WorkResult,
    kept: readonly Kept[],
    signal: AbortSignal,
  ): Promise<void> {
    const { exchange } = this.#parts;
    try {
      for (const { blob, held } of kept) await exchange.putBlob(blob, held.path, { signal });
      await this.#putResult(request, result, signal);
    } finally {
      for (const { held } of kept) await held.release();
    }
  }

  /** A file that another result named, too, may have gone with that one: it is sent again. */
  async #putResult(request: string, result: WorkResult, signal: AbortSignal): Promise<void> {
    const { exchange } = this.#parts;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await exchange.putResult(request, result, { signal });
      } catch (error) {
        const missing = error instanceof StudioError && error.code === 'not-found';
        if (!missing || result.kind !== 'done' || attempt >= deliveries) throw error;
        for (const { sha256, bytes } of result.files)
          await this.#sendAgain({ sha256, bytes }, signal);
      }
    }
  }

  async #sendAgain(blob: StoredBlob, signal: AbortSignal): Promise<void> {
    const { exchange, store } = this.#parts;
    const kept = await store.hold(blob, () => Promise.reject(gone(blob)), signal);
    try {
      await exchange.putBlob(blob, kept.path, { signal });
    } finally {
      await kept.release();
    }
  }

  async #do(
    order: ChainOrder,
    inputs: ChainInputs,
    sending: Sending,
    { signal, report, did }: ChainContext,
  ): Promise<{ readonly result: WorkResult; readonly kept: readonly Kept[] }> {
    const { engine, store } = this.#parts;
    const { worker } = this.#name;
    const { operation, request } = order;
    const progress = secondly((made: Omit<ChainProgress, 'worker' | 'request'>) =>
      report({ worker, request, ...made }),
    );
    return store.scratch(async (outDir) => {
      const held: Held[] = [];
      try {
        const input = await inputs.complete(order, outDir, held).catch(badInput);
        if (input instanceof StudioError) return refused(worker, input);
        const begun = performance.now();
        const output = await engine
          .request(operation, input as EngineRequest<typeof operation>, {
            lane: 'batch',
            signal,
            report: progress,
          })
          .catch(refusalOf);
        if (output instanceof StudioError) return refused(worker, output);
        const seconds = (performance.now() - begun) / 1000;
        // The store holds what one order made at a time.
        await sending.ended();
        const { files, kept } = await this.#keep(order, outDir, output);
        did(seconds);
        return { result: { kind: 'done', worker, seconds, output, files }, kept };
      } finally {
        for (const one of held) await one.release();
      }
    });
  }

  /** Keep what an order's outputs name until it is sent; the next order may begin with it. */
  async #keep(
    order: ChainOrder,
    outDir: string,
    output: object,
  ): Promise<{ readonly files: EngineFile[]; readonly kept: readonly Kept[] }> {
    const { store } = this.#parts;
    const made = fileSchema.array().parse('files' in output ? output.files : []);
    const files = made.filter(({ name }) => order.outputs.some(({ file }) => file === name));
    const kept: Kept[] = [];
    try {
      for (const { name, sha256, bytes } of files) {
        const blob = { sha256, bytes };
        kept.push({ blob, held: await store.adopt(blob, join(outDir, name)) });
      }
    } catch (error) {
      for (const { held } of kept) await held.release();
      throw error;
    }
    return { files, kept };
  }
}

/** What an order made, which stays until it is sent. */
interface Kept {
  readonly blob: StoredBlob;
  readonly held: Held;
}

const refused = (worker: string, { data }: StudioError) => ({
  result: { kind: 'refused' as const, worker, error: data },
  kept: [],
});

/** One result on its way while the engine is at the next order. */
class Sending {
  readonly #failed = new AbortController();
  #last: Promise<void> = Promise.resolve();

  /** Aborted, with the reason, as soon as one could not be sent. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  begin(send: () => Promise<void>): void {
    this.#last = this.#last.then(send);
    this.#last.catch((error: unknown) => this.#failed.abort(error));
  }

  /** All that was begun is sent. @throws why it is not */
  ended(): Promise<void> {
    return this.#last;
  }
}

/** What the orders of a chain refer to, brought when one needs it. */
class ChainInputs {
  readonly #parts: Parts;
  readonly #name: SlotName;
  readonly #chain: WorkChain;
  readonly #signal: AbortSignal;
  readonly #blobs: Map<string, StoredBlob>;
  #dataset: Held | null = null;

  constructor(parts: Parts, name: SlotName, chain: WorkChain, signal: AbortSignal) {
    this.#parts = parts;
    this.#name = name;
    this.#chain = chain;
    this.#signal = signal;
    this.#blobs = new Map(chain.blobs.map(({ key, sha256, bytes }) => [key, { sha256, bytes }]));
  }

  /** What an order made may be named by those after it. */
  add({ outputs }: ChainOrder, files: readonly EngineFile[]): void {
    for (const { file, key } of outputs) {
      const made = files.find(({ name }) => name === file);
      if (made) this.#blobs.set(key, { sha256: made.sha256, bytes: made.bytes });
    }
  }

  /**
   * An order's input as the engine takes it.
   *
   * @param held receives what must be let go afterwards
   * @throws StudioError `invalid-input` for what names anything but content
   */
  async complete(
    { operation, input }: ChainOrder,
    outDir: string,
    held: Held[],
  ): Promise<Readonly<Record<string, unknown>>> {
    const { shape } = engineOperations[operation].input;
    if (!('datasetDir' in shape)) {
      throw refuse('operation', operation, 'one that works on a dataset');
    }
    const { dataset } = this.#chain;
    const placed = (await this.#resolved(input, held)) as Record<string, unknown>;
    const datasetDir = await this.#datasetFolder();
    return {
      ...placed,
      dataset: dataset.dataset,
      datasetDir,
      ...('outDir' in shape ? { outDir } : {}),
    };
  }

  async release(): Promise<void> {
    await this.#dataset?.release();
  }

  async #datasetFolder(): Promise<string> {
    const { store } = this.#parts;
    const { dataset } = this.#chain;
    const place = `datasets-${this.#name.slot}`;
    this.#dataset ??= await holdDataset(store, place, dataset, this.#fetch, this.#signal);
    return this.#dataset.path;
  }

  readonly #fetch: Fetch = (blob, file) =>
    this.#parts.exchange.fetchBlob(blob, file, { signal: this.#signal });

  /** The same with paths in place of references. */
  async #resolved(value: unknown, held: Held[]): Promise<unknown> {
    if (typeof value === 'string') return withoutPath(value);
    if (Array.isArray(value)) {
      const items: unknown[] = [];
      for (const item of value) items.push(await this.#resolved(item, held));
      return items;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (isReference(value)) {
      const key = hashSchema.safeParse(value.$artifact);
      const blob = key.success ? this.#blobs.get(key.data) : undefined;
      if (!blob) throw refuse('$artifact', value.$artifact, 'the key of a blob of this chain');
      const one = await this.#parts.store.hold(blob, this.#fetch, this.#signal);
      held.push(one);
      return one.path;
    }
    const fields: Record<string, unknown> = {};
    for (const [name, item] of Object.entries(value)) {
      fields[name] = await this.#resolved(item, held);
    }
    return fields;
  }
}

/** Whoever may write to the queue must not have this machine's own files read. */
function withoutPath(text: string): string {
  if (/[\\/]/.test(text) && existsSync(text)) {
    throw refuse('input', text, 'files by the keys of their content');
  }
  return text;
}

/** Why the engine would refuse it again, wherever it is asked; anything else is thrown. */
function refusalOf(error: unknown): StudioError {
  if (error instanceof StudioError && !ownMatters.has(error.code) && !isDefect(error)) return error;
  throw error;
}

/** The chain itself is wrong; what did not come of it is another matter. */
function badInput(error: unknown): StudioError {
  if (error instanceof StudioError && error.code === 'invalid-input') return error;
  throw error;
}

/** Calls at most once a second. */
function secondly<T>(call: (value: T) => void): (value: T) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (value) => {
    const now = performance.now();
    if (now - last < 1000) return;
    last = now;
    call(value);
  };
}

import { type z } from 'zod';
import { type EngineProgress } from '../../../shared/engine';
import { type StudioEvent } from '../../../shared/events';
import { type Job, type JobProgress, type JobStage } from '../../../shared/jobs';
import { isCrash } from '../engine/engine-host';
import { type Database } from '../storage/database';
import { type Clock, type Log, now } from '../storage/environment';
import { type Events } from './events';
import { type JobsRepository } from './jobs-repository';
import { type ItemSpec } from './item-spec';
import { ProgressTracker, type StagePlan } from './progress';

/** Where a job is written down and announced. */
export interface LedgerParts {
  readonly clock: Clock;
  readonly database: Database;
  readonly events: Events;
  readonly jobs: JobsRepository;
  readonly log: Log;
}

/** What a long operation is given. */
export interface Context {
  readonly signal: AbortSignal;
  readonly report: (progress: EngineProgress) => void;
}

/** The same of an item of the ledger. */
export interface ItemContext extends Context {
  /** Somebody is at it: until then it waits for a place. */
  readonly begun: () => void;
  /** Whoever was at it is gone, and it waits for a place again. */
  readonly waits: () => void;
  /** Seconds of work elsewhere, in place of those that pass here until it is done. */
  readonly took: (seconds: number) => void;
  /** Seconds that it should take on this machine; null where no rate was measured. */
  readonly expected: number | null;
}

/** Of work that no item of the ledger counts. */
export const unseen = (signal: AbortSignal): ItemContext => ({
  signal,
  report: () => undefined,
  begun: () => undefined,
  waits: () => undefined,
  took: () => undefined,
  expected: null,
});

/** The progress of one of several requests of an item, told as the item's. */
export function partOf<C extends Context>(context: C, part: number, parts: number): C {
  if (parts === 1) return context;
  return {
    ...context,
    report: (progress) =>
      context.report({
        ...progress,
        done: part * progress.total + progress.done,
        total: parts * progress.total,
        ...(progress.before === undefined
          ? {}
          : { before: part * progress.total + progress.before }),
      }),
  };
}

/** The outcome of work that cannot be stopped itself, or the signal's reason once it is aborted. */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** What an item made. */
export interface ItemResult {
  /** Keys of its artifacts. */
  readonly artifacts: readonly string[];
  /** Found already computed with the same inputs. */
  readonly reused: boolean;
  /** Rows to write in the transaction that marks the item as done. */
  readonly commit?: () => void;
  /** Announced once that transaction stands. */
  readonly announce?: readonly StudioEvent[];
}

/** How often an item is tried again after the engine's process ended under it. */
const attempts = 3;

/** One attempt of a job: skips what the ledger has, computes and commits the rest item by item. */
export class JobRun {
  readonly job: Job;
  readonly signal: AbortSignal;
  readonly #parts: LedgerParts;
  /** Stops the items under way, however the job itself is. */
  readonly #items = new AbortController();
  #tracker: ProgressTracker | null = null;

  constructor(parts: LedgerParts, job: Job, signal: AbortSignal) {
    this.#parts = parts;
    this.job = job;
    this.signal = signal;
  }

  /** The job's input, parsed with its kind's schema. */
  input<S extends z.ZodType>(schema: S): z.output<S> {
    return this.#parts.jobs.input(this.job.id, schema);
  }

  /** State the plan before the first item. Stages and their numbers of items are stored. */
  plan(stages: readonly StagePlan[], measured: boolean, specs: readonly ItemSpec[] = []): void {
    const { jobs, database, clock } = this.#parts;
    const stored = database.transaction(() => {
      for (const { id, items } of stages) jobs.setItems(this.job.id, id, items.length);
      return jobs.stages(this.job.id);
    });
    const tracker = new ProgressTracker({
      job: this.job.id,
      stages,
      measured,
      specs,
      monotonic: () => clock.monotonic(),
      elapsedBefore: stored.reduce((sum, stage) => sum + stage.seconds, 0),
    });
    for (const stage of stages) {
      const done = jobs.doneItems(this.job.id, stage.id);
      for (const item of stage.items)
        if (done.has(item.id)) tracker.finish(stage.id, item.id, null);
    }
    this.#tracker = tracker;
    this.#announceJob();
  }

  /** Where it is; before the plan is known, what the ledger says. */
  get progress(): JobProgress {
    return this.#tracker?.snapshot() ?? this.#beforePlan();
  }

  isDone(stage: string, item: string): boolean {
    return this.#parts.jobs.item(this.job.id, stage, item) !== undefined;
  }

  /**
   * Do an item unless the ledger has it. It counts once its rows and artifacts are committed.
   *
   * @param how `queued`: it may wait for somebody to do it, who says when it is begun; default `begun`
   */
  async item(
    stage: string,
    item: string,
    work: (context: ItemContext) => Promise<ItemResult>,
    how: 'begun' | 'queued' = 'begun',
  ): Promise<void> {
    this.signal.throwIfAborted();
    if (this.isDone(stage, item)) return;
    const { jobs, database, clock, events } = this.#parts;
    this.#tracker?.open(stage, item);
    const openedAt = clock.monotonic();
    let [begunAt, taken]: [number | null, number | null] = [null, null];
    const timing = {
      begun: () => {
        if (begunAt !== null) return;
        begunAt = clock.monotonic();
        this.#tracker?.begin(stage, item);
        this.announceProgress();
      },
      waits: () => {
        if (begunAt === null) return;
        begunAt = null;
        this.#tracker?.wait(stage, item);
        this.announceProgress();
      },
      took: (more: number) => {
        taken = (taken ?? 0) + more;
      },
      expected: this.#tracker?.expected(stage, item) ?? null,
    };
    if (how === 'begun') timing.begun();
    const result = await this.#withRetries(work, stage, item, timing).catch((error: unknown) => {
      this.#tracker?.abandon(stage, item);
      throw error;
    });
    const passed = (clock.monotonic() - (begunAt ?? openedAt)) / 1000;
    const seconds = result.reused ? 0 : (taken ?? passed);
    database.transaction(() => {
      result.commit?.();
      jobs.finishItem(this.job.id, stage, {
        item,
        artifacts: result.artifacts,
        reused: result.reused,
        seconds,
        finishedAt: now(this.#parts),
      });
    });
    this.#tracker?.finish(stage, item, result.reused ? null : seconds);
    for (const event of result.announce ?? []) events.emit(event);
    this.#announceJob();
  }

  /** One of several items under way failed: the others end with it. */
  stopItems(reason: unknown): void {
    this.#items.abort(reason);
  }

  announceProgress(): void {
    this.#parts.events.emit({ type: 'job.progress', progress: this.progress });
  }

  #beforePlan(): JobProgress {
    const { id, stages } = this.job;
    const sum = (of: (stage: JobStage) => number) =>
      stages.reduce((total, stage) => total + of(stage), 0);
    const [done, items] = [sum((stage) => stage.done), sum((stage) => stage.items)];
    const next = stages.find((stage) => stage.done < stage.items) ?? stages.at(-1);
    return {
      job: id,
      stage: next?.id ?? '',
      item: 'Starting the engine',
      itemsDone: done,
      itemsTotal: items,
      itemShare: 0,
      share: items > 0 ? done / items : 0,
      rate: null,
      unit: null,
      secondsLeft: null,
      elapsed: sum(({ seconds }) => seconds),
    };
  }

  #announceJob(): void {
    const job = this.#parts.jobs.get(this.job.id);
    if (job)
      this.#parts.events.emit({ type: 'job.changed', job: { ...job, progress: this.progress } });
  }

  /** A crash of the engine costs the item under way, not the job. */
  async #withRetries(
    work: (context: ItemContext) => Promise<ItemResult>,
    stage: string,
    item: string,
    timing: Omit<ItemContext, keyof Context>,
  ): Promise<ItemResult> {
    const signal = AbortSignal.any([this.signal, this.#items.signal]);
    const report = (progress: EngineProgress) => this.#tracker?.report(stage, item, progress);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work({ signal, report, ...timing });
      } catch (error) {
        // One that is being stopped is stopped, whatever its engine did.
        if (isCrash(error)) signal.throwIfAborted();
        if (!isCrash(error) || attempt >= attempts) throw error;
        this.#parts.log.warn('The engine ended under an item; it is done again.', {
          job: this.job.id,
          attempt,
        });
      }
    }
  }
}

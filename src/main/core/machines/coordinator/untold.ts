import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { StudioError, toErrorData } from '../../../../shared/errors';
import { unlessAborted } from '../../jobs/job-run';
import { type Log } from '../../storage/environment';
import { storageError } from '../../storage/storage-error';
import { type MachinesFolder } from '../machines-folder';
import { type ChainQueue } from './chain-queue';

/** As many as are kept; older ones are forgotten. */
const atMost = 1000;
/** Milliseconds in which a queue that answers takes them all; else it is away again. */
const patience = 10_000;

const untoldSchema = z.object({
  version: z.literal(1),
  cancelled: z.array(z.object({ job: z.string(), engineClass: z.string() })),
});
type Cancelled = z.infer<typeof untoldSchema>['cancelled'];

interface Parts {
  readonly folder: Pick<MachinesFolder, 'root' | 'untold'>;
  readonly log: Log;
  /** The chains of a class in the queue, once it is known to answer; throws where it does not. */
  readonly open: (engineClass: string) => Promise<ChainQueue>;
}

/**
 * Cancellations that no worker heard of, because the queue was away: kept in a file, since whoever
 * cancelled may have ended, and told as soon as the queue is there.
 */
export class Untold {
  readonly #parts: Parts;
  readonly #over = new AbortController();
  /** Jobs that go on again: nobody is told any more. */
  readonly #going = new Set<string>();
  #telling: Promise<void> | null = null;
  #logged = '';

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  add(jobs: readonly string[], engineClass: string): void {
    if (jobs.length === 0) return;
    for (const job of jobs) this.#going.delete(job);
    const others = this.#read().filter(({ job }) => !jobs.includes(job));
    this.#write([...others, ...jobs.map((job) => ({ job, engineClass }))].slice(-atMost));
  }

  /** It goes on: nobody is to be told that it was cancelled. */
  forget(job: string): void {
    this.#going.add(job);
    const known = this.#read();
    const others = known.filter((each) => each.job !== job);
    if (others.length < known.length) this.#write(others);
  }

  /** There is no queue any more whose workers could be told. */
  drop(): void {
    this.#write([]);
  }

  /** Tell what there is to tell; nothing happens where the queue is still away. */
  tell(): Promise<void> {
    if (this.#over.signal.aborted || this.#read().length === 0) return Promise.resolve();
    this.#telling ??= this.#tell().finally(() => (this.#telling = null));
    return this.#telling;
  }

  /** Leave it to the next start. */
  async close(): Promise<void> {
    this.#over.abort(new StudioError({ code: 'cancelled', message: 'The application ends.' }));
    await this.#telling;
  }

  async #tell(): Promise<void> {
    try {
      const classes = new Set(this.#read().map(({ engineClass }) => engineClass));
      for (const engineClass of classes) {
        const queue = await unlessAborted(this.#over.signal, this.#parts.open(engineClass));
        try {
          const late = AbortSignal.any([this.#over.signal, AbortSignal.timeout(patience)]);
          await unlessAborted(late, this.#tellOf(engineClass, queue));
        } finally {
          await queue.close();
        }
      }
    } catch (error) {
      const { message: reason } = toErrorData(error);
      if (this.#over.signal.aborted || reason === this.#logged) return;
      this.#logged = reason;
      this.#parts.log.info('Workers still cannot be told of what was cancelled.', { reason });
    }
  }

  async #tellOf(engineClass: string, queue: ChainQueue): Promise<void> {
    const own = this.#read().filter((each) => each.engineClass === engineClass);
    const jobs = new Set(own.map(({ job }) => job));
    for (const job of jobs) if (!this.#going.has(job)) await queue.cancel(job);
    for (const { id, chain } of await queue.open()) {
      if (jobs.has(chain.job) && !this.#going.has(chain.job)) await queue.remove(id);
    }
    if (!this.#over.signal.aborted) this.#write(this.#read().filter(({ job }) => !jobs.has(job)));
  }

  #read(): Cancelled {
    try {
      return untoldSchema.parse(JSON.parse(readFileSync(this.#parts.folder.untold, 'utf8')))
        .cancelled;
    } catch {
      // Without the file there is nothing; one that cannot be read costs workers some idle work.
      return [];
    }
  }

  #write(cancelled: Cancelled): void {
    const { root, untold } = this.#parts.folder;
    try {
      if (cancelled.length === 0) return rmSync(untold, { force: true });
      mkdirSync(root, { recursive: true, mode: 0o700 });
      writeFileSync(`${untold}.part`, `${JSON.stringify({ version: 1, cancelled }, null, 2)}\n`);
      renameSync(`${untold}.part`, untold);
    } catch (error) {
      const { message: reason } = toErrorData(storageError(error, untold));
      this.#parts.log.warn('What workers are to be told of could not be kept.', { reason });
    }
  }
}
